import type { LossBatch } from "./batch.ts";
import type { Aggregation, Correction } from "./options.ts";

/**
 * What each token's loss is multiplied by before all are added up; 0 where the mask is 0. For a
 * trajectory of several rows the weight is divided over the trained tokens of all of them.
 *
 * @example
 * ```ts
 * import { tokenWeights } from "@harnessx/grpo-bridge";
 * const rows = { rowStarts: Int32Array.of(0, 3, 4), trajectories: Int32Array.of(0, 0), mask: Uint8Array.of(0, 1, 1, 1) };
 * [...tokenWeights(rows, { kind: "sequence-mean" })].map((weight) => weight.toFixed(3)); // ["0.000", "0.333", "0.333", "0.333"]
 * ```
 */
export function tokenWeights(
  batch: Pick<LossBatch, "rowStarts" | "trajectories" | "mask">,
  aggregation: Aggregation,
): Float64Array {
  const { rowStarts, trajectories, mask } = batch;
  const rows = rowStarts.length - 1;
  const trained = new Map<number, number>();
  let all = 0;
  for (let row = 0; row < rows; row += 1) {
    let count = 0;
    for (let at = rowStarts[row]!; at < rowStarts[row + 1]!; at += 1) count += mask[at]!;
    if (count === 0) continue;
    const trajectory = trajectories?.[row] ?? row;
    trained.set(trajectory, (trained.get(trajectory) ?? 0) + count);
    all += count;
  }
  const weights = new Float64Array(mask.length);
  for (let row = 0; row < rows; row += 1) {
    const own = trained.get(trajectories?.[row] ?? row);
    if (own === undefined) continue;
    const weight =
      aggregation.kind === "token-mean"
        ? 1 / all
        : aggregation.kind === "sequence-mean"
          ? 1 / (trained.size * own)
          : 1 / (trained.size * aggregation.divisor);
    for (let at = rowStarts[row]!; at < rowStarts[row + 1]!; at += 1)
      if (mask[at] === 1) weights[at] = weight;
  }
  return weights;
}

/** The factor of a correction at one token. */
export function correctionFactor(
  correction: Correction | undefined,
  proximal: number,
  behaviour: number,
): number {
  if (!correction) return 1;
  const weight = Math.exp(proximal - behaviour);
  if (correction.kind === "truncate") return Math.min(weight, correction.cap);
  return weight >= correction.low && weight <= correction.high ? weight : 0;
}

/** 1 at trained tokens that the second moment keeps. Of equal log-ratios the later token goes first. */
export function keptBySecondMoment(
  mask: Uint8Array,
  logRatios: Float64Array,
  most: number | undefined,
): Uint8Array {
  if (most === undefined) return mask;
  const kept = Uint8Array.from(mask);
  const trained = Array.from(mask.keys()).filter((at) => mask[at] === 1);
  let sum = 0;
  for (const at of trained) sum += logRatios[at]! ** 2;
  trained.sort((a, b) => logRatios[b]! ** 2 - logRatios[a]! ** 2 || b - a);
  let left = trained.length;
  for (const at of trained) {
    if (left === 0 || sum / left <= most) break;
    kept[at] = 0;
    sum -= logRatios[at]! ** 2;
    left -= 1;
  }
  return kept;
}
