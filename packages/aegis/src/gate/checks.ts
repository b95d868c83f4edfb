import { logEValue, logFutile, logHarm, logNonInferior, reaches } from "./e-value.ts";
import { lowerBound } from "./interval.ts";
import type { GatePolicy } from "./policy.ts";
import { estimate, type Tally } from "./tally.ts";
import type { ClusterVerdict } from "./types.ts";

/** Level of one certification: the run's level, divided among those that the horizon allows. */
export const alphaOf = (policy: GatePolicy): number => policy.alphaRun / policy.horizon;

/** Whether the candidate is certified better over all tasks. */
export const superior = (tally: Tally, policy: GatePolicy): boolean =>
  reaches(logEValue(0, tally.counts()), 2 / alphaOf(policy));

/** Whether an effect worth shipping is ruled out. */
export const futile = (tally: Tally, policy: GatePolicy): boolean =>
  reaches(logFutile(policy.effect, tally.counts()), policy.futility);

/** Where each cluster stands. `guarded` are clusters whose guard blocks are used up. */
export function clusterVerdicts(
  tally: Tally,
  clusters: readonly string[],
  policy: GatePolicy,
  guarded: ReadonlySet<string>,
): ClusterVerdict[] {
  return clusters.map((id) => {
    const counts = tally.counts(id);
    const { a, b, c } = counts;
    if (reaches(logHarm(counts), clusters.length / policy.harmAlpha))
      return { id, a, b, c, state: "HARM" };
    if (reaches(logEValue(0, counts), (2 * clusters.length) / alphaOf(policy)))
      return { id, a, b, c, state: "GAIN" };
    if (reaches(logNonInferior(policy.margin, counts), 1 / policy.marginAlpha))
      return { id, a, b, c, state: "CLEAR" };
    // Without a single fair pair there is nothing to let it through on.
    const watch = guarded.has(id) && a + b + c > 0 && estimate(counts) > policy.watchFloor;
    return { id, a, b, c, state: "OPEN", ...(watch ? { watch: true as const } : {}) };
  });
}

/** How far below the incumbent the candidate may still be, at the level of the certification. */
export const shortfall = (tally: Tally, policy: GatePolicy): number =>
  Math.max(0, -lowerBound(tally.counts(), alphaOf(policy)));

/** Whether the candidate is certified to cost less. */
export const saves = ({ saving }: Tally, policy: GatePolicy): boolean =>
  saving !== undefined && reaches(saving.log, 1 / alphaOf(policy));

/** Why a simplification is not worth more trials: it is worse, or costs more, beyond doubt. */
export function simplifyRefuted(tally: Tally, policy: GatePolicy): string | undefined {
  if (reaches(logHarm(tally.counts()), 1 / policy.harmAlpha)) return "it is worse";
  const dearer = tally.dearer && reaches(tally.dearer.log, 1 / policy.costAlpha);
  return dearer ? "it costs more" : undefined;
}
