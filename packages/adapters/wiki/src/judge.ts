import type { Score } from "@harnessx/core/plugin";

/** Whether an answer says the same as the gold one: the same words, or the same number. */
export function judge(given: string | undefined, gold: string): Omit<Score, "audit"> {
  const passed = given !== undefined && normal(given) === normal(gold);
  const reason =
    given === undefined
      ? "no answer was given"
      : passed
        ? "the answer is right"
        : "the answer is wrong";
  return { passed, score: passed ? 1 : 0, reason };
}

function normal(text: string): string {
  const words = text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/(\d),(?=\d{3}\b)/g, "$1")
    .replace(/ \(.*?\)/g, "")
    .replace(/[^\p{L}\p{N}' ]+/gu, " ")
    .split(" ")
    .filter((word) => word !== "" && !fillers.has(word));
  return words.join(" ");
}

const fillers = new Set("the in a year km kilometres metres river".split(" "));

/**
 * The second judgement, from what the article's infobox says: the answer names that value and no
 * other number, and no more than a few words beside it.
 */
export function auditAnswer(given: string | undefined, stated: string | undefined): boolean {
  if (given === undefined || stated === undefined) return false;
  const compact = (text: string): string =>
    text
      .normalize("NFKC")
      .replace(/,(?=\d)/g, "")
      .toLowerCase();
  const value = compact(stated.replace(/ \(.*/, ""));
  const said = compact(given);
  const at = said.indexOf(value);
  if (at < 0) return false;
  const rest = `${said.slice(0, at)} ${said.slice(at + value.length)}`;
  const touches =
    /[\p{L}\p{N}]$/u.test(said.slice(0, at)) ||
    /^[\p{L}\p{N}]/u.test(said.slice(at + value.length));
  return !touches && !/\p{N}/u.test(rest) && (rest.match(/\p{L}+/gu) ?? []).length <= 6;
}
