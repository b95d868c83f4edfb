import { trainedOutsideTurns, type TrajectoryRow } from "../records/index.ts";

/**
 * What can be wrong with recorded tokens, by name.
 *
 * | name | what was seen | what was done |
 * |---|---|---|
 * | `retokenisation-drift` | a prompt parts inside the latest output: its text was encoded again | new row |
 * | `template-not-append-only` | a prompt parts before the latest output: the template rewrites the past | new row |
 * | `history-edited` | the same, after the harness edited the history on purpose | new row |
 * | `repeated-prompt` | a prompt ends before what the row holds: the call was made again | new row |
 * | `realigned` | a short drift was taken as context | the row goes on |
 * | `missing-ids` | a response without token ids | the turn is left out |
 * | `missing-prompt-ids` | a response with output ids alone | the turn is left out |
 * | `token-count-mismatch` | the model reports another number of output tokens than there are ids | the turn is left out |
 * | `dropped-end-of-sequence` | a finished output does not end with an end token, or one token is missing | kept |
 * | `biased-sampling` | temperature other than 1 or top-p below 1: the log-probabilities are not the policy's | kept |
 * | `mixed-model-versions` | the model was exchanged within the episode | kept |
 * | `harness-swapped` | the harness was exchanged within the episode | kept |
 * | `duplicate-turn` | a turn with the number of an earlier one | left out |
 * | `mask-on-tool-text` | the mask covers tokens that no turn sampled | reported by `diagnoseRows`; writing refuses it |
 * | `output-not-trained` | the mask leaves out tokens that a turn sampled | reported by `diagnoseRows` |
 * | `intercepted` | a processor answered in the model's place | the turn is left out |
 * | `no-end` | the trace has no end: the run crashed or is still going on | status `error` |
 * | `missing-reward` | no reward came | no trajectory |
 * | `no-trained-tokens` | nothing is left to train on | no trajectory |
 */
export type DiagnosticName =
  | "retokenisation-drift"
  | "template-not-append-only"
  | "history-edited"
  | "repeated-prompt"
  | "realigned"
  | "missing-ids"
  | "missing-prompt-ids"
  | "token-count-mismatch"
  | "dropped-end-of-sequence"
  | "biased-sampling"
  | "mixed-model-versions"
  | "harness-swapped"
  | "duplicate-turn"
  | "mask-on-tool-text"
  | "output-not-trained"
  | "intercepted"
  | "no-end"
  | "missing-reward"
  | "no-trained-tokens";

/** One finding. */
export interface Diagnostic {
  readonly name: DiagnosticName;
  /** Number of the model call, where one is meant. */
  readonly seq?: number;
  /** One sentence. */
  readonly message: string;
}

/**
 * Looks at the masks of rows, wherever they come from: a mask must cover what turns sampled and
 * nothing else.
 *
 * @example
 * ```ts
 * import { diagnoseRows } from "@harnessx/grpo-bridge";
 * const row = { index: 0, promptLen: 1, tokenIds: Int32Array.of(1, 2, 3), lossMask: Uint8Array.of(0, 1, 1), logprobs: new Float32Array(3), turns: [{ seq: 1, start: 1, end: 2, modelVersion: 0 }] };
 * diagnoseRows([row]).map(({ name }) => name); // ["mask-on-tool-text"]
 * ```
 */
export function diagnoseRows(rows: readonly TrajectoryRow[]): readonly Diagnostic[] {
  return rows.flatMap((row) => {
    const outside = trainedOutsideTurns(row);
    const sampled = row.turns.reduce((sum, { start, end }) => sum + end - start, 0);
    const trained = row.lossMask.reduce((sum, bit) => sum + bit, 0);
    const left = sampled - (trained - outside);
    const found: Diagnostic[] = [];
    if (outside > 0)
      found.push({
        name: "mask-on-tool-text",
        message: `Row ${row.index} trains on ${outside} tokens that no turn sampled.`,
      });
    if (left > 0)
      found.push({
        name: "output-not-trained",
        message: `Row ${row.index} leaves out ${left} tokens that a turn sampled.`,
      });
    return found;
  });
}
