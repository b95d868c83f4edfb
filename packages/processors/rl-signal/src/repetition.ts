import type { RlSignalOptions, Sighting } from "./signal.ts";

/** A call within the window. */
export type SeenCall = { key: string; step: number };

/** How often the newest call was made within the window, and since when. */
export function repeatOf(recent: readonly SeenCall[], minRepeats: number): Sighting | undefined {
  const newest = recent.at(-1)!;
  const equal = recent.filter(({ key }) => key === newest.key);
  if (equal.length < minRepeats) return undefined;
  return { kind: "repeat", since: equal[0]!.step, times: equal.length };
}

/** The cycle of two or more calls with which the window ends and which is complete with the newest call. */
export function loopOf(
  recent: readonly SeenCall[],
  sinceLast: number,
  { maxPeriod, rounds }: Pick<RlSignalOptions, "maxPeriod" | "rounds">,
): (Sighting & { readonly period: number }) | undefined {
  for (let period = 2; period <= maxPeriod; period += 1) {
    const times = roundsOf(recent, period);
    // Once per round: a cycle that goes on has another complete one only `period` calls later.
    if (times < rounds || sinceLast < period) continue;
    const { step } = recent[recent.length - times * period]!;
    return { kind: "loop", since: step, times, period };
  }
  return undefined;
}

/** How often the last `period` calls stand one behind the other at the end. */
function roundsOf(recent: readonly SeenCall[], period: number): number {
  const { length } = recent;
  if (length < period * 2) return 1;
  const cycle = recent.slice(length - period).map(({ key }) => key);
  // A call over and over is a repeat of one.
  if (new Set(cycle).size === 1) return 0;
  let rounds = 1;
  for (let start = length - period * 2; start >= 0; start -= period) {
    if (!cycle.every((key, index) => recent[start + index]!.key === key)) break;
    rounds += 1;
  }
  return rounds;
}
