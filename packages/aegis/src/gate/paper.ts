import type { Tally } from "./tally.ts";
import type { GateDecision, GateTask } from "./types.ts";

/**
 * The rule of the paper, for comparison: a task counts as solved when one of two attempts passes;
 * the candidate must solve a task more and may lose none that was ever solved; where it loses some,
 * it is forked for the clusters in which it solves more than before.
 */
export function paperDecision(
  tasks: readonly GateTask[],
  tally: Tally,
): {
  readonly decision: GateDecision;
  readonly reason: string;
  readonly scope?: readonly string[];
} {
  const pairs = tally.pairs(false);
  const states = tasks.map(({ cluster, hist }, task) => {
    const own = pairs.filter((pair) => pair.task === task);
    const before = (hist?.s ?? 0) > 0 || own.some(({ inc }) => tally.passed(inc));
    const now = own.some(({ cand }) => tally.passed(cand));
    return { cluster, gained: now && !before, lost: before && !now };
  });
  const gained = states.filter((state) => state.gained).length;
  const lost = states.filter((state) => state.lost).length;
  const reason = `${gained} tasks gained, ${lost} lost`;
  if (gained === 0) return { decision: "REJECT", reason };
  if (lost === 0) return { decision: "APPLY", reason };
  const net = new Map<string, number>();
  for (const state of states)
    net.set(
      state.cluster,
      (net.get(state.cluster) ?? 0) + Number(state.gained) - Number(state.lost),
    );
  const scope = [...net]
    .filter(([, balance]) => balance > 0)
    .map(([cluster]) => cluster)
    .toSorted();
  return scope.length === 0 ? { decision: "REJECT", reason } : { decision: "FORK", reason, scope };
}
