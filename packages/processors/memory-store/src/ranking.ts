import type { FoundMemory, Memory } from "@harnessx/core/plugin";
import { queryWords, wordsOf } from "./words.ts";

// The usual constants of BM25: how soon a repeated word stops counting, and how much length does.
const saturation = 1.2;
const lengthWeight = 0.75;
const dayMs = 86_400_000;

/** How often the words of a query stand in one text. */
export interface TermCounts {
  /** Occurrences of each query word. */
  readonly counts: readonly number[];
  /** Words of the text. */
  readonly length: number;
}

/** The collection that a text is ranked in. */
export interface Collection {
  readonly size: number;
  readonly averageLength: number;
  /** In how many texts each query word stands. */
  readonly spread: readonly number[];
}

/** BM25: higher is better, 0 when no word stands in the text. */
export function bm25({ counts, length }: TermCounts, collection: Collection): number {
  let score = 0;
  for (const [index, count] of counts.entries()) {
    if (count === 0) continue;
    const spread = collection.spread[index] ?? 0;
    const rarity = Math.log(1 + (collection.size - spread + 0.5) / (spread + 0.5));
    const relative = collection.averageLength > 0 ? length / collection.averageLength : 1;
    const norm = saturation * (1 - lengthWeight + lengthWeight * relative);
    score += (rarity * count * (saturation + 1)) / (count + norm);
  }
  return score;
}

/** The factor that age takes from a score: 1 for now and for the future, a half after each half-life. */
export function decay(at: number, now: number, halfLifeDays: number): number {
  if (halfLifeDays === 0) return 1;
  return 0.5 ** (Math.max(0, now - at) / (halfLifeDays * dayMs));
}

/** Best first; among equals the newest, then by id, so that the order never depends on the store. */
export function bestFirst(a: FoundMemory, b: FoundMemory): number {
  return b.score - a.score || b.at - a.at || (a.id < b.id ? -1 : 1);
}

/** The memories that match a query, for stores that hold them all at hand. */
export function rank(
  memories: readonly Memory[],
  query: string,
  options: { readonly limit: number; readonly now: number; readonly halfLifeDays: number },
): FoundMemory[] {
  const terms = queryWords(query);
  const position = new Map(terms.map((term, index) => [term, index]));
  const spread = terms.map(() => 0);
  let total = 0;
  const texts = memories.map((memory) => {
    const words = wordsOf(searchable(memory));
    const counts = terms.map(() => 0);
    for (const found of words) {
      const index = position.get(found);
      if (index !== undefined) counts[index]! += 1;
    }
    for (const [index, count] of counts.entries()) if (count > 0) spread[index]! += 1;
    total += words.length;
    return { memory, counts, length: words.length };
  });
  const collection = {
    size: texts.length,
    averageLength: texts.length === 0 ? 0 : total / texts.length,
    spread,
  };
  return texts
    .map((text): FoundMemory => {
      const factor = decay(text.memory.at, options.now, options.halfLifeDays);
      return { ...text.memory, score: bm25(text, collection) * factor };
    })
    .filter(({ score }) => score > 0)
    .sort(bestFirst)
    .slice(0, options.limit);
}

/** The text that a memory is found by: its tags count, too. */
export function searchable({ text, tags = [] }: Memory): string {
  return tags.length === 0 ? text : `${text}\n${tags.join(" ")}`;
}
