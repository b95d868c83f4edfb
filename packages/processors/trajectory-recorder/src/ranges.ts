/** Inclusive ranges of ids in order. */
export type Ranges = [first: number, last: number][];

/** Adds an id at the end. */
export function extend(ranges: Ranges, id: number): void {
  const last = ranges.at(-1);
  if (last && last[1] === id - 1) last[1] = id;
  else ranges.push([id, id]);
}

/** A copy with one id exchanged for another. */
export function exchanged(ranges: Ranges, from: number, to: number): Ranges {
  const result: Ranges = [];
  for (const [first, last] of ranges) {
    if (from < first || from > last) {
      result.push([first, last]);
      continue;
    }
    if (first < from) result.push([first, from - 1]);
    result.push([to, to]);
    if (from < last) result.push([from + 1, last]);
  }
  return result;
}
