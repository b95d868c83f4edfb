/** What must not be written. */
export interface Redaction {
  readonly pattern: string;
  readonly flags: string;
  /** Stands in the place of each match, as it is. */
  readonly with: string;
}

/** Options of the trajectory-recorder processor. */
export interface TrajectoryRecorderOptions {
  /** Absolute, or relative to the working directory of the process. */
  readonly folder: string;
  /** Evaluations whose mean score is the reward; empty for all with a verdict. */
  readonly reward: readonly string[];
  /** Evaluation with `details.steps` as rows `[step, reward, return]`; empty for none. */
  readonly stepRewards: string;
  /** Evaluation with `details.signals`, each with its `step`; empty for none. */
  readonly signals: string;
  readonly redact: readonly Redaction[];
  /** Write the data of images, too. */
  readonly images: boolean;
  /** A longer trajectory is not written. */
  readonly maxBytes: number;
}
