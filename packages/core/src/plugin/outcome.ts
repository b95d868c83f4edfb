/** Why a run ended. */
export type ExitReason =
  | "done"
  | "budget_steps"
  | "budget_tokens"
  | "budget_cost"
  | "budget_time"
  | "aborted"
  | "interrupted"
  | "model_error"
  | "harness_fault"
  | "loop";

/** What has been spent so far, subagents and processor-made model calls included. */
export interface Totals {
  readonly steps: number;
  readonly modelCalls: number;
  readonly toolCalls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** By the price table of `models.json`; 0 without one. */
  readonly costUsd: number;
  /** Processor failures that `"onError": "skip"` let pass. */
  readonly skippedFaults: number;
}
