/** Options of the repeated-edit-guard processor. A threshold of 0 is off. */
export interface RepeatedEditGuardOptions {
  /** Advise from this many edits of one file on. */
  readonly adviseAt: number;
  /** Refuse further edits of a file after this many, until something else was done. */
  readonly blockAt: number;
  /** Names of the tools that edit files; case and the prefix of a server (`fs__`) do not matter. */
  readonly editTools: readonly string[];
  /** Arguments that name the file, the first present one counts. */
  readonly pathArguments: readonly string[];
  /** Tools whose success ends a block; empty for every tool that does not edit. */
  readonly reliefTools: readonly string[];
  readonly wording: RepeatedEditWording;
}

/** What the model is told. */
export interface RepeatedEditWording {
  /** Added to the result of an edit: `{path}`, `{count}` */
  readonly advice: string;
  /** Result of a refused edit: `{path}`, `{count}` */
  readonly refusal: string;
}
