import { tinyPolicyError } from "./errors.ts";
import { baseCount, cueKeys } from "./relations.ts";
import { packageFile, readJson } from "./resources.ts";

/** The learned numbers, as stored. */
export interface Weights {
  readonly format: 1;
  /** How many exchanges the policy was trained to look back. */
  readonly attention: number;
  /** One per base feature. */
  readonly base: readonly number[];
  /** By relation, by cue word; a word that counts only in the clause of the mention starts with a comma. */
  readonly cues: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Sums of cues are bounded by this, so that no amount of advice is worth more than a clear sentence. */
export const cueBound = 8;

/**
 * What the cues of one relation add to a score: their sum, tempered by the number of sentences (a
 * table of fifty rows says no more than two clear sentences), and bounded.
 */
export const squash = (sum: number, sentences: number): number =>
  cueBound * Math.tanh((sum * temper(sentences)) / cueBound);

/** The weight of each of `n` sentences: together they weigh as much as 1 + ln(n)/2. */
export const temper = (n: number): number => (n <= 1 ? 1 : (1 + Math.log(n) / 2) / n);

const cueIndex = new Map<string, number>(cueKeys.map((name, index) => [name, index]));

const refuse = (problem: string, file: string): never => {
  throw tinyPolicyError("HX_MODEL_WEIGHTS", { file, problem });
};

/** Checks what was read from a weights file. */
export function checkWeights(value: unknown, file: string): Weights {
  const weights = value as Partial<Weights> | null;
  if (typeof weights !== "object" || weights === null) return refuse("not an object", file);
  if (weights.format !== 1) return refuse("unknown format", file);
  if (!Array.isArray(weights.base) || weights.base.length !== baseCount)
    return refuse(`it must hold ${baseCount} base weights`, file);
  if (!weights.base.every((each) => Number.isFinite(each)))
    return refuse("a base weight is no number", file);
  if (!Number.isInteger(weights.attention) || weights.attention! < 1)
    return refuse("`attention` must be a positive integer", file);
  if (typeof weights.cues !== "object" || weights.cues === null) return refuse("no cues", file);
  for (const [key, words] of Object.entries(weights.cues)) {
    if (!cueIndex.has(key)) return refuse(`unknown relation ${key}`, file);
    if (!Object.values(words).every((each) => Number.isFinite(each)))
      return refuse(`a weight under ${key} is no number`, file);
  }
  return weights as Weights;
}

const loaded = new Map<string, Weights>();

/** Loads a weights file once; the shipped one without a path. */
export function loadWeights(path?: string): Weights {
  const key = path ?? "";
  let weights = loaded.get(key);
  if (weights === undefined) {
    const file = path ?? packageFile("weights.json");
    weights = checkWeights(readJson(file, "weights"), String(file));
    loaded.set(key, weights);
  }
  return weights;
}
