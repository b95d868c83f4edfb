import { MISREADS } from "./habits.ts";

/** What a question asks for. */
type Wanted = "year" | "number" | "name";

const YEAR = /\b(?:1\d{3}|20\d{2})\b/g;
const NUMBER = /\b\d{1,3}(?:,\d{3})+\b|\b\d+\b/g;
const NAME = /\p{Lu}[\p{L}']+(?: (?:& )?\p{Lu}[\p{L}']+)*/gu;

const stopWords = new Set(
  "a an and are at by did do does for how in is it its many much of on or that the this to was were what when which who whose with year".split(
    " ",
  ),
);
/** Words for one thing. */
const synonyms: Readonly<Record<string, string>> = {
  lengt: "long",
  kilom: "km",
  metre: "m",
  inhab: "popul",
};

export const wantedBy = (question: string): Wanted =>
  /\byear\b|\bwhen\b/i.test(question) && !/how many/i.test(question)
    ? "year"
    : /\bhow (?:many|long|large|much)\b/i.test(question)
      ? "number"
      : "name";

/**
 * The value in a text on `topic` that a question asks for, as well as words tell; undefined when
 * there is none of its kind.
 */
export function find(
  text: string,
  topic: string,
  question: string,
  wanted: Wanted,
  random: () => number,
): string | undefined {
  const keys = keysOf(question, topic);
  const found = text
    .replace(/^=+ .* =+$/gm, "")
    .split(/(?<=[.!?])\s+|\n+/)
    .flatMap((sentence) =>
      valuesIn(sentence, wanted, `${question} ${topic}`).map(({ value, at }) => ({
        value,
        fit: fitOf(sentence, at, keys),
      })),
    )
    .toSorted((a, b) => b.fit - a.fit);
  if (found.length === 0) return undefined;
  const best = found[0]!.value;
  const others = found.filter(({ value }) => value !== best);
  const wrong = random() < MISREADS ? others[Math.floor(random() * others.length)] : undefined;
  return (wrong ?? found[0]!).value;
}

function valuesIn(
  sentence: string,
  wanted: Wanted,
  known: string,
): { readonly value: string; readonly at: number }[] {
  const pattern = wanted === "year" ? YEAR : wanted === "number" ? NUMBER : NAME;
  return [...sentence.matchAll(pattern)]
    .map((match) => ({ value: match[0], at: match.index }))
    .filter(({ value, at }) => {
      if (wanted === "number") return !/^(?:1\d{3}|20\d{2})$/.test(value);
      // A name that the question gives away, or the first word of a sentence, is no news.
      return (
        wanted !== "name" ||
        (!known.includes(value.replace(/^The /, "")) && (at > 0 || value.includes(" ")))
      );
    });
}

/** Shared words, and how close the value stands behind or before one of them. */
function fitOf(sentence: string, at: number, keys: ReadonlySet<string>): number {
  let shared = 0;
  let nearest = 200;
  for (const match of sentence.matchAll(/[\p{L}]+/gu)) {
    if (!keys.has(stem(match[0]))) continue;
    shared += 1;
    const distance = match.index < at ? at - match.index : 1.5 * (match.index - at);
    nearest = Math.min(nearest, distance);
  }
  return shared * 2 - nearest / 100;
}

function keysOf(question: string, topic: string): Set<string> {
  const own = new Set((topic.match(/[\p{L}]+/gu) ?? []).map(stem));
  const said = (question.match(/[\p{L}]+/gu) ?? [])
    .filter((word) => !stopWords.has(word.toLowerCase()))
    .map(stem);
  return new Set(said.filter((word) => !own.has(word)));
}

function stem(word: string): string {
  const short = word.toLowerCase().slice(0, 5);
  return synonyms[short] ?? short;
}
