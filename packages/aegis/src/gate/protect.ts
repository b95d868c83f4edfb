import type { GatePolicy } from "./policy.ts";
import { logSolved } from "./status.ts";
import type { GateTask } from "./types.ts";

/** A task that the incumbent's lineage has been shown to solve. */
export interface ProtectedTask {
  readonly task: number;
  /** Lower confidence bound of its pass rate. */
  readonly bound: number;
}

/** Tasks whose history refutes "the pass rate is at most θ". */
export function protectedTasks(tasks: readonly GateTask[], policy: GatePolicy): ProtectedTask[] {
  const needed = Math.log(1 / policy.protectAlpha) + 1e-9;
  return tasks.flatMap(({ hist }, task) => {
    if (!hist || logSolved(hist.s, hist.f, policy.theta) < needed) return [];
    return [{ task, bound: solvedBound(hist.s, hist.f, policy.theta, needed) }];
  });
}

/** The largest rate that the history still refutes. */
function solvedBound(s: number, f: number, from: number, needed: number): number {
  let low = from;
  let high = 1;
  for (let round = 0; round < 40; round += 1) {
    const middle = (low + high) / 2;
    if (logSolved(s, f, middle) >= needed) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Wald's test of "still as good as the bound" against "worse by the collapse margin". The level is
 * shared by all protected tasks.
 */
export function collapseState(
  { bound }: ProtectedTask,
  { s, f }: { readonly s: number; readonly f: number },
  among: number,
  policy: GatePolicy,
): "kept" | "collapsed" | "open" {
  const worse = Math.max(0.01, bound - policy.collapseMargin);
  const logRatio = s * Math.log(worse / bound) + f * Math.log((1 - worse) / (1 - bound));
  const alpha = policy.collapseAlpha / among;
  if (logRatio >= Math.log((1 - policy.collapseBeta) / alpha) + 1e-9) return "collapsed";
  return logRatio <= Math.log(policy.collapseBeta / (1 - alpha)) - 1e-9 ? "kept" : "open";
}
