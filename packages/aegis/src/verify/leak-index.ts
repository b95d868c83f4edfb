import { createHash, createHmac } from "node:crypto";

/** Characters of one gram: letters and digits, in lower case, nothing else. */
const GRAM = 24;
/** Grams of which the smallest hash is kept: a text of `GRAM + WINDOW - 1` shared characters is always found. */
const WINDOW = 8;
/** Words of the longest short secret. */
const MAX_WORDS = 12;
/** A shorter answer is a word of the language. */
const MIN_ANSWER = 6;
const MIN_ID = 4;
/** Of an id that is a hash: as many characters as people write of one. */
const PREFIX = 8;

/** What must not be found in a package. */
export interface HeldOutContent {
  /** Prompts, observations, tests. */
  readonly texts?: readonly string[];
  readonly answers?: readonly string[];
  /** Task ids, names of games, split names. */
  readonly ids?: readonly string[];
  /** Texts planted to be found, and what the verifier says. */
  readonly canaries?: readonly string[];
  /** What the author was allowed to see: whatever of the above also stands here is no secret. */
  readonly known?: readonly string[];
}

/** What was found, by kind and never by content. */
export type Secret = "text" | "answer" | "id" | "canary";

/** Held-out content as keyed 53-bit hashes: nothing of it can be read from here. */
export interface HeldOut {
  /** Changes with the content; part of a verdict. */
  readonly digest: string;
  readonly size: number;
  /** Secrets that are too short to be told from ordinary words; only behaviour can show them. */
  readonly skipped: number;
  /** The kind of secret that shares a run of characters with a text in normal form. */
  findGram(normal: string): Secret | undefined;
  /** The kind of secret that a run of these words, joined, is. */
  findWords(words: readonly string[]): Secret | undefined;
}

/** Letters and digits in lower case: spacing, punctuation and width say nothing. */
export const normalise = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "");

/** The words of a text in normal form. */
export const wordsOf = (text: string): string[] =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? [];

/**
 * Indexes held-out content for the leak scan of `verifyPackage`.
 *
 * Keeps keyed hashes alone: winnowed runs of 24 letters and digits, and whole short secrets. A hash
 * that `known` content has too is left out.
 *
 * @example
 * ```ts
 * import { createLeakIndex, leakFindings } from "@harnessx/aegis";
 * const heldOut = createLeakIndex({ answers: ["Ouagadougou"] });
 * leakFindings(heldOut, { "README.md": "Say nothing." }).length; // 0
 * leakFindings(heldOut, { "README.md": "Say Ouagadougou." }); // ["README.md:1 holds a held-out answer"]
 * ```
 */
export function createLeakIndex(content: HeldOutContent): HeldOut {
  const { texts = [], answers = [], ids = [], canaries = [], known = [] } = content;
  const digest = createHash("sha256")
    .update(JSON.stringify([texts, answers, ids, canaries, known]))
    .digest("hex");
  // Nobody who lacks the content can make the key, and the same content makes the same index.
  const hash = new KeyedHash(digest);
  const grams = new Map<number, Secret>();
  const words = new Map<number, Secret>();
  const lengths = new Set<number>();
  let skipped = 0;
  const addWord = (normal: string, kind: Secret): void => {
    lengths.add(normal.length);
    keep(words, hash.word(normal), kind);
  };
  const add = (kind: Secret, list: readonly string[], least: number): void => {
    for (const one of list) {
      const normal = normalise(one);
      if (normal.length >= GRAM) for (const gram of winnow(hash, normal)) keep(grams, gram, kind);
      if (kind === "text") continue;
      if (normal.length < least) skipped += 1;
      else addWord(normal, kind);
      // The beginning of a hash is as good as the hash.
      if (kind === "id" && /^[0-9a-f]{12,}$/.test(normal)) addWord(normal.slice(0, PREFIX), kind);
    }
  };
  add("canary", canaries, MIN_ID);
  add("id", ids, MIN_ID);
  add("answer", answers, MIN_ANSWER);
  add("text", texts, GRAM);
  for (const text of known) {
    for (const gram of hash.grams(normalise(text))) grams.delete(gram);
    for (const joined of runsOf(wordsOf(text), lengths)) words.delete(hash.word(joined));
  }
  return {
    digest,
    size: grams.size + words.size,
    skipped,
    findGram(normal) {
      if (grams.size === 0) return undefined;
      for (const gram of hash.grams(normal)) {
        const kind = grams.get(gram);
        if (kind) return kind;
      }
      return undefined;
    },
    findWords(list) {
      for (const joined of runsOf(list, lengths)) {
        const kind = words.get(hash.word(joined));
        if (kind) return kind;
      }
      return undefined;
    },
  };
}

/** Runs of up to twelve words, joined, of the lengths that secrets have. */
function* runsOf(words: readonly string[], lengths: ReadonlySet<number>): Generator<string> {
  if (lengths.size === 0) return;
  for (let from = 0; from < words.length; from += 1) {
    let length = 0;
    for (let to = from; to < words.length && to < from + MAX_WORDS; to += 1) {
      length += words[to]!.length;
      if (lengths.has(length)) yield words.slice(from, to + 1).join("");
    }
  }
}

const keep = (map: Map<number, Secret>, hash: number, kind: Secret): void => {
  if (!map.has(hash)) map.set(hash, kind);
};

/** Of each window of grams the smallest: few hashes that every long shared run meets. */
function winnow(hash: KeyedHash, normal: string): Set<number> {
  const all = hash.grams(normal);
  const kept = new Set<number>();
  for (let from = 0; from === 0 || from + WINDOW <= all.length; from += 1) {
    let least = Infinity;
    const end = Math.min(all.length, from + WINDOW);
    for (let at = from; at < end; at += 1) if (all[at]! < least) least = all[at]!;
    kept.add(least);
  }
  return kept;
}

/* Two polynomials modulo primes of 26 and 27 bits: products stay exact, and together they are 53 bits. */
const P1 = 67_108_859;
const P2 = 134_217_689;
const SHIFT = 2 ** 27;

/** Hashes whose bases are secret: without them nothing can be computed that collides. */
class KeyedHash {
  readonly #b1: number;
  readonly #b2: number;
  readonly #start: number;

  constructor(key: string) {
    const bytes = createHmac("sha256", key).update("bases").digest();
    // Both below 2^26, so that a product with a number below 2^27 has 53 bits.
    this.#b1 = 1_000 + (bytes.readUInt32BE(0) % (P1 - 2_000));
    this.#b2 = 1_000 + (bytes.readUInt32BE(4) % (P1 - 2_000));
    this.#start = 1 + (bytes.readUInt32BE(8) % 1_000_000);
  }

  /** Of a whole word or run of words. */
  word(joined: string): number {
    let h1 = this.#start;
    let h2 = this.#start;
    for (let at = 0; at < joined.length; at += 1) {
      const code = joined.charCodeAt(at) + 1;
      h1 = (h1 * this.#b1 + code) % P1;
      h2 = (h2 * this.#b2 + code) % P2;
    }
    return h1 * SHIFT + h2;
  }

  /** Of every run of `GRAM` characters, in order. */
  grams(normal: string): Float64Array {
    const all = new Float64Array(Math.max(0, normal.length - GRAM + 1));
    const [out1, out2] = [power(this.#b1, GRAM, P1), power(this.#b2, GRAM, P2)];
    let h1 = 0;
    let h2 = 0;
    for (let at = 0; at < normal.length; at += 1) {
      const code = normal.charCodeAt(at);
      h1 = (h1 * this.#b1 + code) % P1;
      h2 = (h2 * this.#b2 + code) % P2;
      if (at >= GRAM) {
        const gone = normal.charCodeAt(at - GRAM);
        h1 = (h1 + P1 - ((gone * out1) % P1)) % P1;
        h2 = (h2 + P2 - ((gone * out2) % P2)) % P2;
      }
      if (at >= GRAM - 1) all[at - GRAM + 1] = h1 * SHIFT + h2;
    }
    return all;
  }
}

function power(base: number, exponent: number, modulus: number): number {
  let result = 1;
  for (let at = 0; at < exponent; at += 1) result = (result * base) % modulus;
  return result;
}
