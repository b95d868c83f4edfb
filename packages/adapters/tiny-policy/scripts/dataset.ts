import type { FeatureSink } from "../src/features.ts";
import { cueKeys } from "../src/relations.ts";
import type { Guidance } from "../src/guidance.ts";
import type { Sentence } from "../src/text.ts";

/** Numbers the learnable cue weights: one per relation and word. */
export class Parameters {
  readonly #ids: Map<string, number>[] = cueKeys.map(() => new Map());
  readonly names: { readonly key: number; readonly word: string }[] = [];
  readonly counts: number[] = [];
  #ignored: ReadonlySet<string>;

  constructor(ignored: ReadonlySet<string>) {
    this.#ignored = ignored;
  }

  /** -1 for a word that carries no weight: a noun of the domain is no advice. */
  id(key: number, word: string, clause: boolean): number {
    if (this.#ignored.has(word.replace(/^[!<]+/, ""))) return -1;
    const name = clause ? `,${word}` : word;
    const map = this.#ids[key]!;
    let id = map.get(name);
    if (id === undefined) {
      id = this.names.length;
      map.set(name, id);
      this.names.push({ key, word: name });
      this.counts.push(0);
    }
    return id;
  }
}

/** One decision: the candidates' features and the teacher's choice. */
export interface Example {
  readonly choice: Float64Array;
  /** Base feature ids by candidate. */
  readonly base: readonly Int32Array[];
  /** Indexes of `sums` by candidate; each is squashed on its own. */
  readonly cues: readonly Int32Array[];
  /** Parameters that a cue sum adds up. */
  readonly sums: readonly Int32Array[];
  /** Sentences behind each sum. */
  readonly parts: readonly number[];
}

/** Records features instead of weighing them. */
export class Recorder implements FeatureSink {
  readonly #parameters: Parameters;
  readonly #sentenceIds = new Map<Sentence, number>();
  readonly #groups = new Map<string, number>();
  readonly #sums: Int32Array[] = [];
  readonly #parts: number[] = [];
  readonly #base: Int32Array[] = [];
  readonly #cues: Int32Array[] = [];
  #ids: number[] = [];
  #texts: { key: number; guidance: Guidance }[] = [];
  #pending = new Map<number, { sentence: Sentence; clause: number }[]>();

  constructor(parameters: Parameters) {
    this.#parameters = parameters;
  }

  base(id: number): void {
    this.#ids.push(id);
  }

  cue(key: number, sentence: Sentence, clause: number): void {
    const list = this.#pending.get(key);
    if (list === undefined) this.#pending.set(key, [{ sentence, clause }]);
    else list.push({ sentence, clause });
  }

  all(key: number, guidance: Guidance): void {
    this.#texts.push({ key, guidance });
  }

  /** Ends a candidate. */
  next(): void {
    const cues: number[] = [];
    // A relation sees whole texts or sentences, never both.
    const byKey = new Map<number, Guidance[]>();
    for (const { key, guidance } of this.#texts)
      byKey.set(key, [...(byKey.get(key) ?? []), guidance]);
    for (const [key, texts] of byKey) {
      let group = this.#groups.get(`all${key}`);
      if (group === undefined) {
        const ids = texts.flatMap(({ words }) =>
          words.map((word) => this.#parameters.id(key, word, false)),
        );
        group = this.#keep(ids, texts.length);
        this.#groups.set(`all${key}`, group);
      }
      cues.push(group);
    }
    for (const [key, parts] of this.#pending) {
      const name = `${key}:${parts.map((part) => `${this.#sentenceId(part.sentence)}.${part.clause}`).join()}`;
      let group = this.#groups.get(name);
      if (group === undefined) {
        const ids: number[] = [];
        for (const { sentence, clause } of parts) {
          for (const word of sentence.words) ids.push(this.#parameters.id(key, word, false));
          if (clause >= 0)
            for (const word of sentence.clauses[clause]!.words)
              ids.push(this.#parameters.id(key, word, true));
        }
        group = this.#keep(ids, parts.length);
        this.#groups.set(name, group);
      }
      cues.push(group);
    }
    this.#base.push(Int32Array.from(this.#ids));
    this.#cues.push(Int32Array.from(cues));
    this.#ids = [];
    this.#pending = new Map();
    this.#texts = [];
  }

  #keep(ids: readonly number[], parts: number): number {
    const kept = Int32Array.from(ids.filter((id) => id >= 0));
    this.#sums.push(kept);
    this.#parts.push(parts);
    for (const id of new Set(kept)) this.#parameters.counts[id]! += 1;
    return this.#sums.length - 1;
  }

  example(choice: Float64Array): Example {
    return { choice, base: this.#base, cues: this.#cues, sums: this.#sums, parts: this.#parts };
  }

  #sentenceId(sentence: Sentence): number {
    let id = this.#sentenceIds.get(sentence);
    if (id === undefined) {
      id = this.#sentenceIds.size;
      this.#sentenceIds.set(sentence, id);
    }
    return id;
  }
}
