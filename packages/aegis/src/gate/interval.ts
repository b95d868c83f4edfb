import { logEValue, swap, type Counts } from "./e-value.ts";

/** The means that the counts do not refute, each side at 2.5 %: valid at whatever moment one looks. */
export function confidenceInterval(counts: Counts): readonly [number, number] {
  return [lowerBound(counts, 0.025), -lowerBound(swap(counts), 0.025) || 0];
}

/** Rounded so that a verdict reads the same on machines whose logarithms differ in the last place. */
const round = (value: number): number => Math.round(value * 1e6) / 1e6 || 0;

/** The largest mean that the counts refute at level `alpha`; −1 when they refute none. */
export function lowerBound(counts: Counts, alpha: number): number {
  const needed = Math.log(1 / alpha);
  const refuted = (m: number): boolean => logEValue(m, counts) >= needed;
  if (!refuted(-0.999)) return -1;
  let low = -0.999;
  let high = 0.999;
  for (let step = 0; step < 40; step += 1) {
    const middle = (low + high) / 2;
    if (refuted(middle)) low = middle;
    else high = middle;
  }
  return round(low);
}
