import { tinyPolicyError } from "./errors.ts";
import { packageFile, readJson } from "./resources.ts";

/** Turns text into token ids and back, without loss. */
export interface Tokenizer {
  readonly size: number;
  /** The id that ends an answer. */
  readonly end: number;
  encode(text: string): number[];
  decode(ids: readonly number[]): string;
}

const byteOffset = 2;
const wordOffset = byteOffset + 256;
/** Ids 0 and 1: start of a message in a prompt, and end of an answer. Neither decodes to text. */
export const startToken = 0;
const endToken = 1;

// A word with the space before it, or one other character.
const pieces = / ?[A-Za-z]+|[^]/gu;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Makes the tokenizer of a word list. Token ids: 0 start of message, 1 end, then the 256 bytes, then
 * the words. A piece that is no word of the list is spelled in bytes, so any text survives.
 */
export function createTokenizer(words: readonly string[]): Tokenizer {
  const ids = new Map<string, number>();
  words.forEach((word, index) => ids.set(word, wordOffset + index));
  return {
    size: wordOffset + words.length,
    end: endToken,
    encode(text) {
      const out: number[] = [];
      for (const piece of text.match(pieces) ?? []) {
        const id = ids.get(piece);
        if (id !== undefined) out.push(id);
        else if (piece.length === 1 && piece < "\u0080") out.push(byteOffset + piece.charCodeAt(0));
        else for (const byte of encoder.encode(piece)) out.push(byteOffset + byte);
      }
      return out;
    },
    decode(tokens) {
      const bytes: number[] = [];
      for (const id of tokens) {
        if (id === startToken || id === endToken) continue;
        const word = words[id - wordOffset];
        if (id >= byteOffset && id < wordOffset) bytes.push(id - byteOffset);
        else if (word !== undefined) bytes.push(...encoder.encode(word));
        else throw tinyPolicyError("HX_MODEL_TOKENS", { id, last: wordOffset + words.length - 1 });
      }
      return decoder.decode(Uint8Array.from(bytes));
    },
  };
}

let shipped: Tokenizer | undefined;

/** The tokenizer of the word list that ships with the package; its ids never change. */
export function tokenizer(): Tokenizer {
  if (shipped === undefined) {
    const words = readJson(packageFile("vocab.json"), "vocabulary");
    if (!Array.isArray(words) || !words.every((word) => typeof word === "string"))
      throw tinyPolicyError("HX_MODEL_WEIGHTS", {
        file: "vocab.json",
        problem: "it is no list of strings",
      });
    shipped = createTokenizer(words);
  }
  return shipped;
}
