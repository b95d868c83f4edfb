import type { Tally } from "./tally.ts";
import type { GateDecision, GateTask } from "./types.ts";

/**
 * The rule of the paper, for comparison: a task counts as solved when one of two attempts passes;
 * the candidate must solve a task more and may lose none that was ever solved.
 */
export function paperDecision(
  tasks: readonly GateTask[],
  tally: Tally,
): { readonly decision: GateDecision; readonly reason: string; readonly scope?: readonly string[] } {
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
  const harmed = new Set(states.filter((state) => state.lost).map(({ cluster }) => cluster));
  const scope = [...new Set(states.filter((state) => state.gained && !harmed.has(state.cluster)).map(({ cluster }) => cluster))].toSorted();
  return scope.length === 0 ? { decision: "REJECT", reason } : { decision: "FORK", reason, scope };
}
