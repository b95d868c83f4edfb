import type { Episode } from "../digest/episode.ts";
import { quoteOf, type Evidence } from "../digest/evidence.ts";

/** Tools that could be read without knowing anything, and that runs which failed did not read. */
export interface OfferedFinding {
  /** Tools without required arguments, the least called in failing runs first. */
  readonly tools: readonly string[];
  /** Shares of the runs that called one of them. */
  readonly called: { readonly failing: number; readonly passing: number };
  /** Share of the failing runs in which a call came to an error. */
  readonly errors: number;
  readonly evidence: readonly Evidence[];
}

/** Fewer failing runs show no habit. */
const MIN_RUNS = 5;
/** A tool that more failing runs call is not overlooked. */
const MAX_CALLED = 0.1;
/** Under this share of failing runs with an error there is nothing that a look would answer. */
const MIN_ERRORS = 0.1;
const MAX_TOOLS = 3;

/**
 * Finds tools that are offered, ask for no argument and hardly ever are called in runs that fail
 * after errors. A trace does not say which tools only read: what is made of the finding has to look.
 */
export function mineOffered(episodes: readonly Episode[]): OfferedFinding | undefined {
  const failing = episodes.filter(({ passed }) => !passed);
  const passing = episodes.filter(({ passed }) => passed);
  const failed = failing.flatMap((episode) => {
    const call = episode.calls.find(({ status }) => status === "error");
    return call ? [{ episode, call }] : [];
  });
  const errors = failed.length / Math.max(1, failing.length);
  if (failing.length < MIN_RUNS || errors < MIN_ERRORS) return undefined;
  const names = new Set(failing.flatMap(({ offered = [] }) => offered));
  const unread = [...names]
    .map((tool) => ({ tool, share: callersOf(failing, [tool]) }))
    .filter(({ tool, share }) => share < MAX_CALLED && !changes(episodes, tool))
    .toSorted((a, b) => a.share - b.share || (a.tool < b.tool ? -1 : 1));
  if (unread.length === 0) return undefined;
  const tools = unread.slice(0, MAX_TOOLS).map(({ tool }) => tool);
  return {
    tools,
    called: { failing: callersOf(failing, tools), passing: callersOf(passing, tools) },
    errors,
    evidence: failed.slice(0, 5).map(({ episode, call }) => ({
      trace: episode.trace,
      seq: call.seq,
      quote: quoteOf(call.reply),
    })),
  };
}

function callersOf(episodes: readonly Episode[], tools: readonly string[]): number {
  const callers = episodes.filter(({ calls }) => calls.some(({ tool }) => tools.includes(tool)));
  return callers.length / Math.max(1, episodes.length);
}

/** Whether it ever said two things within one run: then one look at the start is not enough. */
const changes = (episodes: readonly Episode[], tool: string): boolean =>
  episodes.some(
    ({ calls }) =>
      new Set(calls.filter((call) => call.tool === tool).map(({ reply }) => reply)).size > 1,
  );
