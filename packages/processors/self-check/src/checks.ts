import { schemaProblem } from "./json-answer.ts";
import type { AnswerPattern, SelfCheckOptions } from "./options.ts";

/** One check of an answer. */
export interface CheckResult {
  readonly check: string;
  /** In words for the model; absent where the answer passes. */
  readonly problem?: string;
}

/** The checks that need nothing but the answer. Throws for an invalid pattern or schema. */
export function textChecks(options: SelfCheckOptions): (answer: string) => CheckResult[] {
  const { minChars, maxChars, schema } = options;
  const problems: [check: string, problemOf: (answer: string) => string | undefined][] = [];
  if (minChars > 0) problems.push(["minChars", (answer) => tooShort(answer.trim(), minChars)]);
  if (maxChars > 0) problems.push(["maxChars", (answer) => tooLong(answer, maxChars)]);
  if (schema) problems.push(["schema", schemaProblem(schema)]);
  for (const pattern of options.mustMatch) problems.push(["mustMatch", missing(pattern)]);
  for (const pattern of options.mustNotMatch) problems.push(["mustNotMatch", present(pattern)]);
  return (answer) =>
    problems.map(([check, problemOf]) => {
      const problem = problemOf(answer);
      return problem === undefined ? { check } : { check, problem };
    });
}

function tooShort(answer: string, minChars: number): string | undefined {
  if (answer.length >= minChars) return undefined;
  return answer === ""
    ? "It is empty."
    : `It has ${answer.length} characters, and needs at least ${minChars}.`;
}

function tooLong(answer: string, maxChars: number): string | undefined {
  if (answer.length <= maxChars) return undefined;
  return `It has ${answer.length} characters, and may have at most ${maxChars}.`;
}

function missing({ pattern, flags, message }: AnswerPattern) {
  const expression = new RegExp(pattern, flags);
  return (answer: string) =>
    expression.test(answer) ? undefined : (message ?? `It does not match ${String(expression)}.`);
}

function present({ pattern, flags, message }: AnswerPattern) {
  const expression = new RegExp(pattern, flags);
  return (answer: string) =>
    expression.test(answer) ? (message ?? `It matches ${String(expression)}.`) : undefined;
}
