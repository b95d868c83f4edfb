import type { Exchange } from "./exchange.ts";
import type { SycophancyGuardOptions } from "./options.ts";

/** Tells answers that flip from answers that are kept or corrected for a reason. */
export interface FlipRules {
  /** Whether a message only doubts. */
  isMereDoubt(feedback: string): boolean;
  /** Whether `next` gives up the answer without naming evidence. */
  isFlip(exchange: Exchange, next: string): boolean;
}

/** Compiles the patterns. Throws a SyntaxError for one that is no regular expression. */
export function compileRules(options: SycophancyGuardOptions): FlipRules {
  const doubts = anyOf(options.doubts);
  const evidence = anyOf(options.evidence);
  const concessions = anyOf(options.concessions);
  const holds = anyOf(options.holds);
  return {
    isMereDoubt: (feedback) =>
      feedback.length <= options.maxDoubtChars && doubts(feedback) && !evidence(feedback),
    isFlip: ({ answer }, next) => {
      if (holds(next) || evidence(newText(next, answer))) return false;
      const [before, after] = [numbersIn(answer), numbersIn(next)];
      if (before.size > 0 && isSame(before, after)) return false;
      return concessions(next) || isReplaced(answer, next, before, after);
    },
  };
}

function anyOf(patterns: readonly string[]): (text: string) => boolean {
  const tests = patterns.map((pattern) => new RegExp(pattern, "iu"));
  return (text) => {
    const plain = text.replaceAll("’", "'");
    return tests.some((test) => test.test(plain));
  };
}

/** What an answer says that the one before did not: a reason that was given before is no new evidence. */
function newText(next: string, before: string): string {
  const known = new Set(sentencesOf(before));
  return sentencesOf(next)
    .filter((sentence) => !known.has(sentence))
    .join(" ");
}

function sentencesOf(text: string): readonly string[] {
  return text.split(/(?<=[.!?])\s+|\n+/).map((sentence) => sentence.trim());
}

function numbersIn(text: string): ReadonlySet<string> {
  return new Set(Array.from(text.matchAll(/\d+(?:[.,]\d+)*/g), ([number]) => number));
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}

/** Longer answers are worded anew for many reasons. */
const maxShortChars = 120;

/** Whether nothing of a short answer is left: other numbers, or without numbers other words. */
function isReplaced(
  answer: string,
  next: string,
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
): boolean {
  if (answer.length > maxShortChars || next.length > maxShortChars) return false;
  if (before.size > 0 || after.size > 0) {
    return before.size > 0 && after.size > 0 && [...before].every((each) => !after.has(each));
  }
  const [said, says] = [wordsIn(answer), wordsIn(next)];
  return said.size > 0 && says.size > 0 && [...said].every((word) => !says.has(word));
}

/** Words of some length: short ones are in every sentence. */
function wordsIn(text: string): ReadonlySet<string> {
  return new Set(Array.from(text.toLowerCase().matchAll(/\p{L}{4,}/gu), ([word]) => word));
}
