import { readText, type Clause, type Sentence } from "./text.ts";

/** A mention: where in a text something is named. `clause` is -1 for a heading's mention. */
export interface Mention {
  readonly sentence: Sentence;
  readonly clause: number;
}

/** A text of advice, indexed by what it mentions. */
export interface Guidance {
  readonly sentences: readonly Sentence[];
  readonly byInstance: ReadonlyMap<string, readonly Mention[]>;
  readonly byStem: ReadonlyMap<string, readonly Mention[]>;
  /** What it says the agent holds: "carrying mug 1". */
  readonly holding: string | undefined;
  /** All its cue words, each once. */
  readonly words: readonly string[];
  /** Scores of `words`, one per relation, filled in when first asked for. */
  memo?: { readonly owner: object; readonly totals: Float64Array };
}

const none: readonly Mention[] = [];
const holds = new Set(["carry", "hold", "have", "inventory", "hand"]);

function push(map: Map<string, Mention[]>, key: string, mention: Mention): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [mention]);
  else known.push(mention);
}

const holdsSomething = (clause: Clause): boolean =>
  clause.instances.length > 0 && clause.words.some((word) => holds.has(word));

/** Reads and indexes a text of advice. */
export function readGuidance(text: string): Guidance {
  const sentences = readText(text);
  const byInstance = new Map<string, Mention[]>();
  const byStem = new Map<string, Mention[]>();
  let holding: string | undefined;
  for (const sentence of sentences) {
    sentence.clauses.forEach((clause, index) => {
      const mention = { sentence, clause: index };
      for (const instance of clause.instances) push(byInstance, instance, mention);
      for (const stem of clause.stems) push(byStem, stem, mention);
      if (holding === undefined && holdsSomething(clause)) holding = clause.instances[0];
    });
    const mention = { sentence, clause: -1 };
    for (const stem of sentence.headingStems) push(byStem, stem, mention);
  }
  const words = [...new Set(sentences.flatMap((sentence) => sentence.words))];
  return { sentences, byInstance, byStem, holding, words };
}

export const mentionsOfInstance = (guidance: Guidance, instance: string): readonly Mention[] =>
  guidance.byInstance.get(instance) ?? none;

export const mentionsOfStem = (guidance: Guidance, stem: string): readonly Mention[] =>
  guidance.byStem.get(stem) ?? none;
