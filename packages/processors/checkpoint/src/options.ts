/** Options of the checkpoint processor. */
export interface CheckpointOptions {
  /** Absolute, or relative to the working directory of the process. */
  readonly folder: string;
  /** Steps from one checkpoint to the next. */
  readonly every: number;
  /** Newest checkpoints of a run that are kept. */
  readonly keep: number;
  /** Write one when the task ends, too. */
  readonly atEnd: boolean;
  /** Longest text of the model; 0 writes none. */
  readonly maxOutputChars: number;
}
