import type { Tally } from "./tally.ts";
import type { GateDecision, GateTask } from "./types.ts";

/** What a rule without tests decides. */
export interface PlainDecision {
  readonly decision: GateDecision;
  readonly reason: string;
  readonly scope?: readonly string[];
}

/** Blocks that the rules for comparison look at. */
export const PLAIN_BLOCKS = 2;

/**
 * The rule of the paper, for comparison: a task counts as solved when one of two attempts passes;
 * the candidate must solve a task more and may lose none that was ever solved; where it loses some,
 * it is forked for the clusters in which it solves more than before.
 */
export function paperDecision(tasks: readonly GateTask[], tally: Tally): PlainDecision {
  let gained = 0;
  let lost = 0;
  const net = new Map<string, number>();
  tasks.forEach(({ cluster, hist }, task) => {
    const before = (hist?.s ?? 0) > 0 || tally.incumbent(task).s > 0;
    const now = tally.candidate(task).s > 0;
    const balance = Number(now && !before) - Number(before && !now);
    if (balance > 0) gained += 1;
    if (balance < 0) lost += 1;
    net.set(cluster, (net.get(cluster) ?? 0) + balance);
  });
  const reason = `${gained} tasks gained, ${lost} lost`;
  if (gained === 0) return { decision: "REJECT", reason };
  if (lost === 0) return { decision: "APPLY", reason };
  const scope = [...net].flatMap(([cluster, balance]) => (balance > 0 ? [cluster] : [])).toSorted();
  return scope.length === 0 ? { decision: "REJECT", reason } : { decision: "FORK", reason, scope };
}

/** Ships whatever passes more often in two blocks, for comparison: the rule of many loops. */
export function strictIncreaseDecision(tally: Tally): PlainDecision {
  const { a, b } = tally.counts();
  return { decision: a > b ? "APPLY" : "REJECT", reason: `${a} won, ${b} lost` };
}
