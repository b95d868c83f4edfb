/** A call and what it came to. */
export type Outcome = {
  /** Equal for equal calls. */
  key: string;
  /** The call in words. */
  action: string;
  /** Hash of the reply. */
  reply: number;
};

/** A call and how often it had the same outcome. */
export interface Repeat {
  readonly key: string;
  readonly action: string;
  readonly count: number;
}

/** Calls that had the same outcome at least `times` times, in the order of their first. */
export function repeatsIn(calls: readonly Outcome[], times: number): Repeat[] {
  if (times <= 0) return [];
  const counts = new Map<string, Repeat>();
  for (const { key, action, reply } of calls) {
    const id = `${reply} ${key}`;
    counts.set(id, { key, action, count: (counts.get(id)?.count ?? 0) + 1 });
  }
  return [...counts.values()].filter(({ count }) => count >= times);
}

/** The shortest cycle of two or more calls that ends the list and has gone round `rounds` times. */
export function cycleAt(
  calls: readonly Outcome[],
  rounds: number,
  maxPeriod: number,
): readonly Outcome[] | undefined {
  if (rounds <= 0) return undefined;
  for (let period = 2; period <= maxPeriod; period += 1) {
    const start = calls.length - period * rounds;
    if (start < 0) return undefined;
    const tail = calls.slice(start);
    const cycle = tail.slice(0, period);
    // One call over and over is a repeat, not a cycle.
    if (cycle.every((call) => same(call, cycle[0]!))) continue;
    if (tail.every((call, index) => same(call, cycle[index % period]!))) return cycle;
  }
  return undefined;
}

function same(a: Outcome, b: Outcome): boolean {
  return a.reply === b.reply && a.key === b.key;
}

/** A 53-bit hash of a text (cyrb53, public domain): replies are compared, never shown. */
export function hashText(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  }
  high =
    Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low =
    Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & low) + (high >>> 0);
}
