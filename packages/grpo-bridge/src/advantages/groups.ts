import { countIds } from "./columns.ts";

/** What is known of each group of trajectories; only usable rewards count, except in `size`. */
export interface Groups {
  /** Group of each trajectory. */
  readonly of: Int32Array;
  readonly count: number;
  /** Members, those without a usable reward included. */
  readonly size: Int32Array;
  /** Members with a usable reward. */
  readonly n: Int32Array;
  readonly mean: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
}

/** Sizes and means of groups. Sums run relative to the first value: large rewards lose no digits. */
export function summarizeGroups(of: Int32Array, values: Float64Array, usable: Uint8Array): Groups {
  const count = countIds(of);
  const size = new Int32Array(count);
  const n = new Int32Array(count);
  const first = new Float64Array(count);
  const mean = new Float64Array(count);
  const min = new Float64Array(count).fill(Infinity);
  const max = new Float64Array(count).fill(-Infinity);
  for (let at = 0; at < of.length; at += 1) {
    const group = of[at]!;
    size[group]! += 1;
    if (usable[at] === 0) continue;
    const value = values[at]!;
    if (n[group] === 0) first[group] = value;
    n[group]! += 1;
    mean[group]! += value - first[group]!;
    if (value < min[group]!) min[group] = value;
    if (value > max[group]!) max[group] = value;
  }
  for (let group = 0; group < count; group += 1)
    if (n[group]! > 0) mean[group] = first[group]! + mean[group]! / n[group]!;
  return { of, count, size, n, mean, min, max };
}

/** Standard deviation of each group over n−1; 0 for groups of one. */
export function deviations(groups: Groups, values: Float64Array, usable: Uint8Array): Float64Array {
  const result = new Float64Array(groups.count);
  for (let at = 0; at < values.length; at += 1) {
    if (usable[at] === 0) continue;
    const group = groups.of[at]!;
    const apart = values[at]! - groups.mean[group]!;
    result[group]! += apart * apart;
  }
  for (let group = 0; group < groups.count; group += 1) {
    const n = groups.n[group]!;
    result[group] = n > 1 ? Math.sqrt(result[group]! / (n - 1)) : 0;
  }
  return result;
}

/** Below this share of their size, differences between rewards are rounding. */
const ROUNDING = 1e-12;
/** Below this, squares of differences are lost altogether. */
const UNDERFLOW = 1e-150;

/** Whether all rewards of a group are equal, rounding aside. */
export function isFlat({ min, max }: Groups, group: number): boolean {
  const low = min[group]!;
  const high = max[group]!;
  return high - low <= Math.max(UNDERFLOW, ROUNDING * Math.max(Math.abs(low), Math.abs(high)));
}

/** The size that most groups have; of sizes equally common, the largest. */
export function commonSize(sizes: Int32Array): number {
  const counts = new Map<number, number>();
  for (const size of sizes) if (size > 0) counts.set(size, (counts.get(size) ?? 0) + 1);
  let common = 0;
  let most = 0;
  for (const [size, count] of counts)
    if (count > most || (count === most && size > common)) [common, most] = [size, count];
  return common;
}
