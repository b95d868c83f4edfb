/** Options of the process-reward processor. Rewards are in the unit of the evaluations' scores. */
export interface ProcessRewardOptions {
  /** Name of the evaluation and of the log entries. */
  readonly name: string;
  /** For a call that ends as `ok`. */
  readonly success: number;
  /** For a call that ends as `error`, `refused` or `timeout`. */
  readonly failure: number;
  /** For a repeated call, in place of the two above. */
  readonly repeat: number;
  /** What makes a call a repeated one. */
  readonly repeatOf: "call" | "call-and-result";
  /** How many calls to look back on. */
  readonly window: number;
  /** Most that all steps together can earn. */
  readonly most: number;
  /** Least that all steps together can come to. */
  readonly least: number;
  /** Evaluations whose mean score is the terminal reward; empty for all with a verdict. */
  readonly terminal: readonly string[];
  readonly terminalWeight: number;
  /** In (0, 1]. */
  readonly discount: number;
}
