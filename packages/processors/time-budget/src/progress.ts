import type { Run } from "@harnessx/core/plugin";

/** How far the time had got; plain JSON, because a swap hands it over. */
export type Progress = {
  /** Milliseconds since 1970. */
  startedAt: number;
  /** What the run itself had left then; 0 without a limit. */
  runMs: number;
  /** The highest share that the model was told of. */
  told: number;
};

/** How much of the time is used. */
export interface TimeUsed {
  /** 0 at the start, 1 at the limit; may exceed 1. */
  readonly share: number;
  readonly leftMs: number;
}

/** The state of a run whose time begins now. */
export function begin({ clock, budget }: Pick<Run, "clock" | "budget">): Progress {
  // Up to whole seconds: between a run and its replay the rest differs by the moment of its start.
  const runMs = Number.isFinite(budget.timeMs) ? Math.ceil(budget.timeMs / 1000) * 1000 : 0;
  return { startedAt: clock.now(), runMs: Math.max(0, runMs), told: 0 };
}

/** How much is used of the limit that ends first; nothing without any limit. */
export function timeUsed(
  elapsedMs: number,
  runMs: number,
  maxMs: number | undefined,
): TimeUsed | undefined {
  const totalMs = Math.min(runMs > 0 ? runMs : Infinity, maxMs ?? Infinity);
  if (totalMs === Infinity) return undefined;
  return { share: elapsedMs / totalMs, leftMs: Math.max(0, totalMs - elapsedMs) };
}

/** A time in words, rounded down: "45 s", "2 min 5 s", "1 h 3 min". */
export function inWords(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return joined(`${minutes} min`, seconds % 60, "s");
  return joined(`${Math.floor(minutes / 60)} h`, minutes % 60, "min");
}

function joined(whole: string, rest: number, unit: string): string {
  return rest === 0 ? whole : `${whole} ${rest} ${unit}`;
}
