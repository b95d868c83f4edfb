import type { MessageRanges } from "./schema.ts";

/**
 * Compresses message ids to inclusive ranges; the order is kept.
 *
 * @example
 * ```ts
 * import { toRanges } from "@harnessx/core";
 * toRanges([0, 1, 2, 7, 3]); // [[0, 2], [7, 7], [3, 3]]
 * ```
 */
export function toRanges(ids: Iterable<number>): MessageRanges {
  const ranges: [number, number][] = [];
  for (const id of ids) extendRanges(ranges, id);
  return ranges;
}

/** Adds an id at the end, in place. */
export function extendRanges(ranges: [number, number][], id: number): void {
  const last = ranges.at(-1);
  if (last && last[1] === id - 1) last[1] = id;
  else ranges.push([id, id]);
}

/** The ids that ranges stand for, in order: the inverse of `toRanges`. */
export function fromRanges(ranges: MessageRanges): number[] {
  const ids: number[] = [];
  for (const [first, last] of ranges) for (let id = first; id <= last; id++) ids.push(id);
  return ids;
}
