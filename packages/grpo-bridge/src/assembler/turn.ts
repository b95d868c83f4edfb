import { grpoError } from "../errors.ts";

/** One model call as it was sampled. */
export interface Turn {
  /** Number of the call within the episode. */
  readonly seq: number;
  /** Everything that the model saw. */
  readonly promptIds: ArrayLike<number>;
  /** What it sampled, the end token included. */
  readonly outputIds: ArrayLike<number>;
  /** Natural logarithms, one for each output token. */
  readonly logprobs: ArrayLike<number>;
  /** 0 by default. */
  readonly modelVersion?: number;
  /** The harness rewrote the history since the call before: a fork is no fault of the template. */
  readonly historyEdited?: boolean;
}

const LARGEST = 2 ** 31 - 1;

/** Throws HX_GRPO_TURN_INVALID for what cannot be recorded. */
export function checkTurn({ seq, promptIds, outputIds, logprobs, modelVersion = 0 }: Turn): void {
  const fail = (problem: string): never => {
    throw grpoError("HX_GRPO_TURN_INVALID", { turn: seq, problem });
  };
  if (!(Number.isSafeInteger(seq) && seq >= 0)) fail("its number is not whole");
  if (!(Number.isSafeInteger(modelVersion) && modelVersion >= 0))
    fail(`the model version is ${modelVersion}`);
  if (outputIds.length === 0) fail("it has no output");
  if (outputIds.length !== logprobs.length)
    fail(`it has ${outputIds.length} output tokens and ${logprobs.length} log-probabilities`);
  for (const ids of [promptIds, outputIds])
    for (let at = 0; at < ids.length; at += 1) {
      const id = ids[at]!;
      // The bitwise form is the test for a 32-bit integer that costs nothing in long prompts.
      if ((id | 0) !== id || id < 0)
        fail(`it has the token id ${id}, not a whole number up to ${LARGEST}`);
    }
  for (let at = 0; at < logprobs.length; at += 1)
    if (!(Math.fround(logprobs[at]!) <= 0 && Number.isFinite(Math.fround(logprobs[at]!))))
      fail(`token ${at} has the log-probability ${logprobs[at]}`);
}
