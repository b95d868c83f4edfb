/** One round of the murmur3 finaliser: every input bit reaches every output bit. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * A uniform number in [0, 1) that depends on `seed` alone.
 *
 * Seeds of successive calls are often successive integers, so the seed is hashed rather than fed
 * to a generator whose first output follows its seed.
 */
export function uniform(seed: number): number {
  const low = seed >>> 0;
  const high = Math.floor(seed / 4294967296) >>> 0;
  const a = mix(low ^ mix(high ^ 0x9e3779b9));
  const b = mix(a ^ 0x6a09e667 ^ low);
  return ((a >>> 5) * 67108864 + (b >>> 6)) / 9007199254740992;
}

/** A short name for a seed, for ids. */
export function seedName(seed: number): string {
  return mix((seed >>> 0) ^ mix(Math.floor(seed / 4294967296) >>> 0)).toString(36);
}
