import { textOf, type RoleModel } from "@harnessx/core/plugin";

/** What a judge sees. */
export interface JudgeInput {
  readonly answer: string;
  readonly feedback: string;
  readonly next: string;
}

/** Asks a model whether an answer changed for a reason. */
export async function isJustified(
  model: RoleModel,
  instruction: string,
  input: JudgeInput,
): Promise<boolean> {
  const { content } = await model.generate({ system: instruction, user: messageOf(input) });
  // UNJUSTIFIED contains the other word: only a word of its own counts.
  return /(?<![A-Z])JUSTIFIED\b/.test(textOf(content));
}

const maxChars = 4_000;

/** The three texts as JSON: what they say cannot be taken for a part of the question. */
function messageOf({ answer, feedback, next }: JudgeInput): string {
  const cut = (text: string): string => text.slice(0, maxChars);
  return JSON.stringify(
    { first_answer: cut(answer), feedback: cut(feedback), second_answer: cut(next) },
    null,
    2,
  );
}
