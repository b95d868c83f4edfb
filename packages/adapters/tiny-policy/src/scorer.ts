import type { FeatureSink } from "./features.ts";
import { baseCount, cueKeys } from "./relations.ts";
import type { Guidance } from "./guidance.ts";
import type { Sentence } from "./text.ts";
import { squash, type Weights } from "./weights.ts";

/** Adds up the weights of a candidate's features. One candidate at a time: `start`, features, `score`. */
export class Scorer implements FeatureSink {
  readonly #base: Float64Array;
  readonly #words = new Map<string, number>();
  readonly #clauseWords = new Map<string, number>();
  readonly #table: Float64Array;
  readonly #clauseTable: Float64Array;
  readonly #sums = new Float64Array(cueKeys.length);
  readonly #parts = new Int32Array(cueKeys.length);
  readonly #touched: number[] = [];
  #total = 0;

  constructor(weights: Weights) {
    this.#base = Float64Array.from({ length: baseCount }, (_, index) => weights.base[index]!);
    const cues = Object.entries(weights.cues).map(([name, words]) => ({
      key: cueKeys.indexOf(name as (typeof cueKeys)[number]),
      words: Object.entries(words),
    }));
    // Tables are by word, then by relation: one word's row is read at a time.
    for (const { words } of cues)
      for (const [word] of words) {
        const clause = word.startsWith(",");
        const map = clause ? this.#clauseWords : this.#words;
        const name = clause ? word.slice(1) : word;
        if (!map.has(name)) map.set(name, map.size);
      }
    const width = cueKeys.length;
    this.#table = new Float64Array(this.#words.size * width);
    this.#clauseTable = new Float64Array(this.#clauseWords.size * width);
    for (const { key, words } of cues)
      for (const [word, weight] of words)
        if (word.startsWith(","))
          this.#clauseTable[this.#clauseWords.get(word.slice(1))! * width + key] = weight;
        else this.#table[this.#words.get(word)! * width + key] = weight;
  }

  start(): void {
    this.#total = 0;
  }

  base(id: number): void {
    this.#total += this.#base[id]!;
  }

  cue(key: number, sentence: Sentence, clause: number): void {
    this.#add(key, this.#weigh(key, sentence, clause));
  }

  all(key: number, guidance: Guidance): void {
    let memo = guidance.memo;
    if (memo?.owner !== this) {
      memo = { owner: this, totals: new Float64Array(cueKeys.length).fill(Number.NaN) };
      guidance.memo = memo;
    }
    let total = memo.totals[key]!;
    if (Number.isNaN(total)) {
      total = 0;
      for (const word of guidance.words) {
        const id = this.#words.get(word);
        if (id !== undefined) total += this.#table[id * cueKeys.length + key]!;
      }
      memo.totals[key] = total;
    }
    this.#add(key, total);
  }

  /** The sum so far; the next candidate starts with `start`. */
  score(): number {
    for (const key of this.#touched) {
      this.#total += squash(this.#sums[key]!, this.#parts[key]!);
      this.#sums[key] = 0;
      this.#parts[key] = 0;
    }
    this.#touched.length = 0;
    return this.#total;
  }

  #add(key: number, value: number): void {
    if (this.#parts[key] === 0) this.#touched.push(key);
    this.#sums[key]! += value;
    this.#parts[key]! += 1;
  }

  #weigh(key: number, sentence: Sentence, clause: number): number {
    const width = cueKeys.length;
    let memo = sentence.memo;
    if (memo?.owner !== this) {
      const rows = sentence.clauses.length + 1;
      memo = { owner: this, scores: new Float64Array(rows * width).fill(Number.NaN) };
      sentence.memo = memo;
    }
    const at = (clause + 1) * width + key;
    let value = memo.scores[at]!;
    if (!Number.isNaN(value)) return value;
    value = 0;
    for (const word of sentence.words) {
      const id = this.#words.get(word);
      if (id !== undefined) value += this.#table[id * width + key]!;
    }
    if (clause >= 0)
      for (const word of sentence.clauses[clause]!.words) {
        const id = this.#clauseWords.get(word);
        if (id !== undefined) value += this.#clauseTable[id * width + key]!;
      }
    memo.scores[at] = value;
    return value;
  }
}
