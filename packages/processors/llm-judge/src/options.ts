import type { ExitReason } from "@harnessx/core/plugin";

/** Options of the llm-judge processor. */
export interface LlmJudgeOptions {
  /** Name of the evaluation. */
  readonly name: string;
  /** What else a good answer must do; trusted, unlike the task and the answer. */
  readonly criteria: string;
  /** Score in [0, 1] from which a plausible answer passes. */
  readonly passAt: number;
  /** Without a usable verdict: no evaluation, or a failed one. */
  readonly onUnavailable: "skip" | "fail";
  /** Endings of a task that are judged. */
  readonly exits: readonly ExitReason[];
  readonly maxTaskChars: number;
  readonly maxAnswerChars: number;
  /** Longest digest of the steps; 0 shows none. */
  readonly maxDigestChars: number;
  /** Longest text of one tool result in the digest. */
  readonly maxResultChars: number;
}
