import { createRandom } from "./random.ts";

/** Lower and upper end. */
export type Interval = readonly [low: number, high: number];

/** Two-sided 95 %. */
const Z95 = 1.959963984540054;

/**
 * Wilson's score interval of a proportion; [0, 1] without trials.
 *
 * @example
 * ```ts
 * import { wilson } from "@harnessx/aegis";
 * wilson(8, 10).map((end) => end.toFixed(3)); // ["0.490", "0.943"]
 * ```
 */
export function wilson(passed: number, trials: number, z = Z95): Interval {
  if (trials <= 0) return [0, 1];
  const p = passed / trials;
  const z2 = (z * z) / trials;
  const centre = p + z2 / 2;
  const spread = z * Math.sqrt((p * (1 - p)) / trials + z2 / (4 * trials));
  // At p = 0 and 1 rounding would otherwise leave the closed interval.
  const low = passed === 0 ? 0 : Math.max(0, (centre - spread) / (1 + z2));
  const high = passed === trials ? 1 : Math.min(1, (centre + spread) / (1 + z2));
  return [low, high];
}

export interface BootstrapOptions {
  readonly seed: number | string;
  /** (2,000) */
  readonly resamples?: number;
  /** (0.95) */
  readonly confidence?: number;
}

/**
 * Percentile bootstrap of the mean over groups: groups are drawn with replacement, whole.
 *
 * A group holds the values of one task (its repetitions), or of one cluster of tasks: what is drawn
 * together stays together, because repetitions of a task are not independent. The mean gives every
 * group the same weight.
 */
export function bootstrapMean(
  groups: readonly (readonly number[])[],
  options: BootstrapOptions,
): Interval {
  const means = groups.filter((group) => group.length > 0).map(mean);
  if (means.length === 0) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const { resamples = 2000, confidence = 0.95 } = options;
  const random = createRandom(options.seed);
  const estimates = new Float64Array(resamples);
  for (let index = 0; index < resamples; index += 1) {
    let sum = 0;
    for (let drawn = 0; drawn < means.length; drawn += 1) sum += means[random.int(means.length)]!;
    estimates[index] = sum / means.length;
  }
  estimates.sort();
  const tail = (1 - confidence) / 2;
  return [quantileOfSorted(estimates, tail), quantileOfSorted(estimates, 1 - tail)];
}

/** Mean of a list; 0 of an empty one. */
export function mean(values: readonly number[]): number {
  if (values.length === 0) return 0;
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Linear interpolation between order statistics; `sorted` must ascend and hold something. */
export function quantileOfSorted(sorted: ArrayLike<number>, at: number): number {
  const position = at * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}
