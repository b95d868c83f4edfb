import { noiseFloor, type PairedTask } from "../statistics/paired.ts";

/** What a harness differs from itself by: the A/A measurement that stands beside every delta. */
export interface Noise {
  readonly tasks: number;
  readonly pairs: number;
  /** Share of the tasks with at least one pair in which the same harness passed once and failed once. */
  readonly flipped: number;
  /** Half the width of the 95 % interval of the mean difference over these pairs, in points. */
  readonly halfWidth: number;
}

/**
 * The noise of paired measurements of one harness against itself; 100 points without any pair.
 *
 * @example
 * ```ts
 * import { measureNoise } from "@harnessx/aegis";
 * const steady = { task: "t1", cluster: "a", differences: [0, 0] };
 * measureNoise([steady, { ...steady, task: "t2", differences: [1, -1] }], 1).flipped; // 0.5
 * ```
 */
export function measureNoise(measured: readonly PairedTask[], seed: number | string): Noise {
  const played = measured.filter(({ differences }) => differences.length > 0);
  const flipped = played.filter(({ differences }) => differences.some((one) => one !== 0)).length;
  return {
    tasks: played.length,
    pairs: played.reduce((sum, { differences }) => sum + differences.length, 0),
    flipped: played.length === 0 ? 0 : flipped / played.length,
    halfWidth: 100 * noiseFloor(played, seed),
  };
}
