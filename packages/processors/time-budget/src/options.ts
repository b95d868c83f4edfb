/** Options of the time-budget processor. Shares are of the run's time or of `maxMs`, whichever is nearer its end. */
export interface TimeBudgetOptions {
  /** Milliseconds for the task, below the harness's own `limits.maxTimeMs`. */
  readonly maxMs?: number;
  /** Shares at which the model is told once each. */
  readonly remindAt: readonly number[];
  /** Share from which every request asks for the final answer; 1 never asks. */
  readonly finalAt: number;
  /** Names of the tools that are still offered from `finalAt` on; absent means all. */
  readonly finalTools?: readonly string[];
  /** What happens at the end of `maxMs`; the harness's own limit always ends the task. */
  readonly atLimit: "end" | "continue";
  readonly wording: TimeBudgetWording;
}

/** What the model is told. */
export interface TimeBudgetWording {
  /** `{percent}`, `{left}` */
  readonly reminder: string;
  /** `{percent}`, `{left}` */
  readonly final: string;
}
