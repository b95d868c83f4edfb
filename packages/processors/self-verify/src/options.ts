/** Options of the self-verify processor. */
export interface SelfVerifyOptions {
  /** Names of the tools that change something; case and the prefix of a server (`fs__`) do not matter. */
  readonly writeTools: readonly string[];
  /** Tags of such tools. */
  readonly writeTags: readonly string[];
  /** Names of the tools that check the work: after one that worked, nothing is asked until the next change. */
  readonly checkTools: readonly string[];
  /** Ask once even if nothing was changed. */
  readonly always: boolean;
  /** How often in a task to ask at most. */
  readonly times: number;
  /** Steps that must be left for a check. */
  readonly minSteps: number;
  /** Longest quotation of the answer that was held back. */
  readonly maxAnswerChars: number;
  /** The harness's `limits.maxModelRetries`: beyond it nobody may ask for a retry. */
  readonly maxModelRetries: number;
  readonly wording: SelfVerifyWording;
}

/** What the model is told. */
export interface SelfVerifyWording {
  /** In place of the end of the task: `{changes}`, `{answer}` */
  readonly request: string;
  /** In the steps of the check: `{changes}`, `{answer}` */
  readonly reminder: string;
  /** What stands for `{changes}` when nothing was changed. */
  readonly nothing: string;
}
