import type { JsonSchema } from "@harnessx/core/plugin";

/** A regular expression and what to say where it decides against an answer. */
export interface AnswerPattern {
  readonly pattern: string;
  readonly flags: string;
  readonly message?: string;
}

/** Which files an answer names, and where they must be. */
export interface CitedFiles {
  /** Its first group is a path. */
  readonly pattern: string;
  /** Empty for the run's workspace. */
  readonly root: string;
  /** Fewest files that an answer names. */
  readonly atLeast: number;
  /** Most files that are looked for. */
  readonly maxFiles: number;
}

/** Options of the self-check processor. */
export interface SelfCheckOptions {
  /** Name of the evaluation. */
  readonly name: string;
  /** Without the space around the answer. */
  readonly minChars: number;
  /** 0 is no limit. */
  readonly maxChars: number;
  /** Of an answer that is to be JSON. */
  readonly schema?: JsonSchema;
  readonly mustMatch: readonly AnswerPattern[];
  readonly mustNotMatch: readonly AnswerPattern[];
  readonly files?: CitedFiles;
  /** How often in a task the model is asked for a better answer. */
  readonly retries: number;
}
