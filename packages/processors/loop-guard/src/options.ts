/** Options of the loop-guard processor. A threshold of 0 is off. */
export interface LoopGuardOptions {
  /** How many calls to look back on. */
  readonly window: number;
  /** Longest cycle to look for, in calls. */
  readonly maxPeriod: number;
  /** Advise when a call has had the same outcome this often within the window. */
  readonly adviseRepeats: number;
  /** Advise when a cycle of calls has gone round this often. */
  readonly adviseCycles: number;
  /** Advise after this many calls in a row that showed nothing new. */
  readonly adviseStill: number;
  /** Refuse a call that has had the same outcome this often within the window. */
  readonly blockRepeats: number;
  /** Refuse the next call of a cycle that has gone round this often. */
  readonly blockCycles: number;
  /** End the task when a call has had the same outcome this often within the window. */
  readonly abortRepeats: number;
  /** End the task when a cycle of calls has gone round this often. */
  readonly abortCycles: number;
  /** End the task after this many calls in a row that showed nothing new. */
  readonly abortStill: number;
  readonly wording: LoopWording;
}

/** What the model is told. */
export interface LoopWording {
  /** `{action}`, `{count}` */
  readonly repeat: string;
  /** `{actions}` */
  readonly cycle: string;
  /** `{count}` */
  readonly still: string;
  /** Result of a refused call: `{action}` */
  readonly refusal: string;
}
