/** Longest text that is looked at: what is beyond it is kept, but not found. */
const maxChars = 20_000;
const maxQueryWords = 60;

/** Characters of scripts without spaces are words of their own. */
const word =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}]+/gu;

/** Words that say nothing about what a text is about. */
const common = new Set(
  (
    "a an and are as at be but by do for from has have he her his how i if in into is it its me my no " +
    "not of on or our she so that the their them then there these they this to us was we were what when " +
    "where which who why will with you your"
  ).split(" "),
);

/** The words that a text is found by, in lower case and without accents; letters and digits only. */
export function wordsOf(text: string): string[] {
  const plain = text.slice(0, maxChars).normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return (plain.match(word) ?? []).filter((found) => !common.has(found));
}

/** The different words of a query, the first that fit. */
export function queryWords(query: string): string[] {
  return [...new Set(wordsOf(query))].slice(0, maxQueryWords);
}
