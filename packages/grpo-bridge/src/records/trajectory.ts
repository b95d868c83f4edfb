/** Where the output of one model call lies in a row, the end exclusive. */
export interface TurnSpan {
  /** Number of the model call within the episode. */
  readonly seq: number;
  readonly start: number;
  readonly end: number;
  readonly modelVersion: number;
}

/**
 * A sequence of tokens that a model saw in this order. Token ids are those of the sampling engine;
 * text is never encoded again. All columns have one length.
 */
export interface TrajectoryRow {
  /** From 0 within the trajectory. */
  readonly index: number;
  /** Tokens before the first output. */
  readonly promptLen: number;
  readonly tokenIds: Int32Array;
  /** 1 at tokens that the model sampled, 0 at prompts, tool results and template text. */
  readonly lossMask: Uint8Array;
  /** Natural logarithms at the time of sampling; 0 where the mask is 0. */
  readonly logprobs: Float32Array;
  /** In order, without overlap; exactly what the mask may cover. */
  readonly turns: readonly TurnSpan[];
}

/** How an episode ended: `truncated` ran out of steps, tokens or money, `timeout` out of time. */
export type TrajectoryStatus = "ok" | "truncated" | "timeout" | "error";

/** The harness that played. */
export interface TrajectoryHarness {
  readonly lineage: string;
  readonly version: string;
  /** Hash of the harness as it ran. */
  readonly configHash: string;
  readonly variant?: string;
}

/** One episode with its reward, complete in itself: nothing has to be rendered again to train on it. */
export interface Trajectory {
  readonly id: string;
  /** Hash of the task's content. */
  readonly taskId: string;
  readonly taskSetId: string;
  readonly split?: string;
  readonly harness: TrajectoryHarness;
  /** Suite and options of the environment, where one is known. */
  readonly env?: string;
  readonly reward: number;
  readonly rewardParts?: Readonly<Record<string, number>>;
  /** What gave the reward; rewards of different verifiers are never compared. */
  readonly verifier: string;
  readonly model: string;
  /** Rows of different tokenizers are never compared. */
  readonly tokenizer: string;
  readonly status: TrajectoryStatus;
  readonly minModelVersion: number;
  readonly maxModelVersion: number;
  readonly seed: number;
  /** More than one where a prompt did not go on from the tokens before. */
  readonly rows: readonly TrajectoryRow[];
}

/**
 * Tokens that are trained on.
 *
 * @example
 * ```ts
 * import { trainedTokens } from "@harnessx/grpo-bridge";
 * trainedTokens({ rows: [{ index: 0, promptLen: 1, tokenIds: Int32Array.of(1, 2), lossMask: Uint8Array.of(0, 1), logprobs: Float32Array.of(0, -1), turns: [] }] }); // 1
 * ```
 */
export function trainedTokens({ rows }: Pick<Trajectory, "rows">): number {
  let count = 0;
  for (const { lossMask } of rows) for (const bit of lossMask) count += bit;
  return count;
}
