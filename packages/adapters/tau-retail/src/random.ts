/** A seeded stream of random choices; the same words give the same stream on every machine. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** An integer from `low` to `high`, both included. */
  int(low: number, high: number): number;
  chance(probability: number): boolean;
  /** One item; throws a RangeError when there is none. */
  pick<Item>(items: readonly Item[]): Item;
  /** The first `count` items of the list in random order. */
  sample<Item>(items: readonly Item[], count: number): Item[];
}

/** Makes a stream that the words set apart from all others. */
export function createRandom(...words: readonly (string | number)[]): Random {
  let state = hashOf(words.join("\u0000"));
  // Steele, Lea and Flood's SplitMix in 32 bits: one addition and one mix a number.
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 4_294_967_296;
  };
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick(items) {
      const item = items[int(0, items.length - 1)];
      if (item === undefined) throw new RangeError("nothing to pick from");
      return item;
    },
    sample(items, count) {
      const rest = [...items];
      const drawn = [];
      while (drawn.length < count && rest.length > 0)
        drawn.push(...rest.splice(int(0, rest.length - 1), 1));
      return drawn;
    },
  };
}

/** FNV-1a, 32 bits, with a final mix so that near texts give far numbers. */
export function hashOf(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}
