import { createHash } from "node:crypto";

/** The words of a text, in lower case. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** The same for texts that differ in case, spaces and punctuation alone. */
export function idOf(text: string): string {
  const words = wordsOf(text).join(" ");
  const content = words === "" ? text : words;
  return `memory-${createHash("sha256").update(content).digest("hex").slice(0, 24)}`;
}

/** The share of words that two texts have in common, from 0 to 1; numbers that differ make them different. */
export function similarity(one: string, other: string): number {
  const [a, b] = [new Set(wordsOf(one)), new Set(wordsOf(other))];
  if (numbersOf(a) !== numbersOf(b)) return 0;
  let common = 0;
  for (const word of a) if (b.has(word)) common += 1;
  const all = a.size + b.size - common;
  return all === 0 ? 0 : common / all;
}

function numbersOf(words: ReadonlySet<string>): string {
  return [...words]
    .filter((word) => /\d/.test(word))
    .sort()
    .join(" ");
}
