import type { BudgetView, Totals } from "@harnessx/core/plugin";
import type { EarlyCommitOptions } from "./options.ts";

/** Where the run stands at the start of a step. */
export interface Standing {
  /** What is left, the present step counted. */
  readonly budget: BudgetView;
  /** What is spent, the present step counted. */
  readonly totals: Totals;
  /** Estimated tokens of the next request. */
  readonly nextTokens: number;
  /** Milliseconds since the run began. */
  readonly elapsedMs: number;
}

/** How near the end is, and by which limit. */
export interface Pressure {
  readonly level: "none" | "demand" | "final";
  /** What is left of the tightest limit, in words. */
  readonly left: string;
}

interface Limit {
  /** Share that is spent, from 0 to 1. */
  readonly spent: number;
  /** Whether another step would leave nothing for an answer. */
  readonly isLast: boolean;
  readonly left: string;
}

/** Compares every limit that holds. Work does not depend on the length of the run. */
export function pressureOf(standing: Standing, options: EarlyCommitOptions): Pressure {
  const limits = limitsOf(standing, options);
  const last = limits.find(({ isLast }) => isLast);
  if (last) return { level: "final", left: last.left };
  const [tightest] = limits.toSorted((a, b) => b.spent - a.spent);
  if (!tightest) return { level: "none", left: "" };
  const { spent, left } = tightest;
  // 1 is never reached before the end: it switches a grade off.
  if (spent >= options.finalAt && options.finalAt < 1) return { level: "final", left };
  return { level: spent >= options.demandAt && options.demandAt < 1 ? "demand" : "none", left };
}

function limitsOf(standing: Standing, options: EarlyCommitOptions): readonly Limit[] {
  const { budget, totals, nextTokens, elapsedMs } = standing;
  const stepsBefore = totals.steps - 1;
  // The present step is still to be used.
  const stepsLeft = budget.steps + 1;
  const tokens = totals.inputTokens + totals.outputTokens;
  const costPerCall = totals.modelCalls === 0 ? 0 : totals.costUsd / totals.modelCalls;
  const limits: readonly (Limit & { readonly of: number })[] = [
    {
      of: stepsLeft,
      spent: share(stepsBefore, stepsLeft),
      isLast: stepsLeft <= options.reserveSteps,
      left: counted(stepsLeft, "step"),
    },
    {
      of: budget.tokens,
      spent: share(tokens, budget.tokens),
      isLast:
        budget.tokens <= 2 * nextTokens + reserve(options.reserveTokens, tokens + budget.tokens),
      left: counted(Math.round(budget.tokens), "token"),
    },
    {
      of: budget.costUsd,
      spent: share(totals.costUsd, budget.costUsd),
      isLast: budget.costUsd <= 2 * costPerCall,
      left: `${Number(Math.max(0, budget.costUsd).toFixed(4))} US dollars`,
    },
    {
      of: budget.timeMs,
      spent: share(elapsedMs, budget.timeMs),
      isLast: budget.timeMs <= reserve(options.reserveMs, elapsedMs + budget.timeMs),
      left: counted(Math.round(budget.timeMs / 1000), "second"),
    },
  ];
  return limits.filter(({ of }) => Number.isFinite(of));
}

function share(spent: number, left: number): number {
  const all = spent + left;
  return all <= 0 ? 1 : Math.min(1, spent / all);
}

/** A reserve is never most of a small limit. */
function reserve(wanted: number, all: number): number {
  return Math.min(wanted, all / 5);
}

function counted(count: number, unit: string): string {
  const whole = Math.max(0, count);
  return `${whole} ${unit}${whole === 1 ? "" : "s"}`;
}
