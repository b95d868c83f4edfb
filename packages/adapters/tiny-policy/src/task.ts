import { functionWords, lightStem, stemsOfVerb, strongStem } from "./lexicon.ts";

/** The task sentence by grammatical role. */
export interface TaskReading {
  readonly text: string;
  /** Words before the last preposition: among them the kind of object that is asked for. */
  readonly themes: ReadonlySet<string>;
  /** The word after the last preposition: where it belongs, or what to use on it. */
  readonly goal: string | undefined;
  /** The treatment that a word of the sentence names. */
  readonly treatment: "clean" | "heat" | "cool" | undefined;
  /** Whether a number word asks for more than one. */
  readonly several: boolean;
}

const prepositions = new Set([
  "in",
  "on",
  "into",
  "onto",
  "under",
  "with",
  "inside",
  "at",
  "to",
  "by",
  "beneath",
]);
const numbers = new Set(["two", "both", "three", "several", "pair"]);
const treatments = ["clean", "heat", "cool"] as const;

/** Reads a task sentence. Works on any text; roles it does not find stay empty. */
export function readTask(text: string): TaskReading {
  const words = text.toLowerCase().match(/[^\s,.;:!?()"]+/g) ?? [];
  let last = -1;
  for (let i = 0; i < words.length - 1; i += 1) if (prepositions.has(words[i]!)) last = i;
  const content = (word: string): boolean => !functionWords.has(word) && !prepositions.has(word);
  const themes = new Set<string>();
  words
    .slice(0, last < 0 ? undefined : last)
    .filter(content)
    .forEach((word) => {
      themes.add(word);
      themes.add(lightStem(word));
    });
  const goal = last < 0 ? undefined : words.slice(last + 1).find(content);
  const stems = new Set([...themes].map(strongStem));
  const treatment = treatments.find((verb) => stemsOfVerb(verb).some((stem) => stems.has(stem)));
  return { text, themes, goal, treatment, several: words.some((word) => numbers.has(word)) };
}
