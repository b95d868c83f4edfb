import { grpoError } from "../errors.ts";

/**
 * Tokens of many rows, one behind the other. Columns hold one value per token; log-probabilities are
 * natural logarithms. What stands at tokens whose mask is 0 is never read.
 */
export interface LossBatch {
  /** Where each row starts, and the number of all tokens at the end. */
  readonly rowStarts: Int32Array;
  /** Trajectory of each row, from 0; rows of one forked trajectory share its weight. Each row its own by default. */
  readonly trajectories?: Int32Array;
  /** 1 at sampled tokens, 0 at prompts and tool text. */
  readonly mask: Uint8Array;
  readonly advantages: Float64Array;
  /** Of the policy that is trained. */
  readonly logprobs: Float64Array;
  /** Of the policy that sampled, as it was recorded. */
  readonly behaviour: Float64Array;
  /** Of the policy at the start of the update, for the decoupled form and the corrections. */
  readonly proximal?: Float64Array;
  /** Of the policy that the KL term pulls to. */
  readonly reference?: Float64Array;
}

const fail = (problem: string): never => {
  throw grpoError("HX_GRPO_COLUMNS_INVALID", { problem });
};

/** Throws HX_GRPO_COLUMNS_INVALID unless columns fit and trained tokens have usable numbers. */
export function checkLossBatch(batch: LossBatch): void {
  const { rowStarts, trajectories, mask, advantages, logprobs, behaviour } = batch;
  const { proximal, reference } = batch;
  const tokens = mask.length;
  if (rowStarts[0] !== 0 || rowStarts.at(-1) !== tokens)
    fail(`rowStarts goes from ${rowStarts[0]} to ${rowStarts.at(-1)}, not from 0 to ${tokens}`);
  for (let row = 1; row < rowStarts.length; row += 1)
    if (rowStarts[row]! < rowStarts[row - 1]!) fail("rowStarts does not ascend");
  if (trajectories && trajectories.length !== rowStarts.length - 1)
    fail(`there are ${rowStarts.length - 1} rows and ${trajectories.length} trajectories`);
  const columns = { advantages, logprobs, behaviour, proximal, reference };
  for (const [name, column] of Object.entries(columns)) {
    if (column === undefined) continue;
    if (column.length !== tokens) fail(`there are ${tokens} tokens and ${column.length} ${name}`);
    for (let at = 0; at < tokens; at += 1) {
      if (mask[at] === 0) continue;
      if (!Number.isFinite(column[at])) fail(`${name} at token ${at} is ${column[at]}`);
    }
  }
}
