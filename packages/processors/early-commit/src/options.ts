/** Options of the early-commit processor. */
export interface EarlyCommitOptions {
  /** Share of a limit that is spent from which on the model is asked to come to its answer; 1 never. */
  readonly demandAt: number;
  /** Share of a limit that is spent from which on no tools are offered; 1 only in the last step. */
  readonly finalAt: number;
  /** How many of the last steps offer no tools. */
  readonly reserveSteps: number;
  /** Tokens that an answer takes: without that many beside another request no tools are offered. */
  readonly reserveTokens: number;
  /** Milliseconds before the end of the time from which on no tools are offered. */
  readonly reserveMs: number;
  /** What the model is told while it is asked to come to its answer; `{left}`. */
  readonly demand: string;
  /** What the model is told when it has no tools; `{left}`. */
  readonly final: string;
}
