/** What is evened out in the arguments of a call. */
export interface Quirks {
  /** Leave out a `null` where the schema does not want one and the argument is optional. */
  readonly dropNull: boolean;
  /** Leave out the words for nothing (`"null"`, `"None"`, `"undefined"`, `"N/A"`) and empty texts where they stand for an optional argument. */
  readonly dropPlaceholders: boolean;
  /** Read numbers and booleans that were written as texts. */
  readonly readScalars: boolean;
  /** Read lists and objects that were written as texts. */
  readonly readJson: boolean;
  /** Make a list of a single value. */
  readonly wrapLists: boolean;
}

export type ModelFamily =
  | "openai"
  | "anthropic"
  | "google"
  | "qwen"
  | "llama"
  | "mistral"
  | "other";

/** Options of the schema-adapter processor. */
export interface SchemaAdapterOptions {
  /** The family of the model that serves the role `main`. */
  readonly family: ModelFamily;
  /** Differences from what the family does. */
  readonly quirks: Partial<Quirks>;
  /** Names of the tools whose arguments are adapted, with `*` for any text. */
  readonly tools: readonly string[];
  /** Whether to tell the model, in the system prompt, what its family gets wrong. */
  readonly notes: boolean;
  /** Further sentences for the system prompt. */
  readonly extraNotes: readonly string[];
  /** Whether to add the arguments that a tool expects to the error of a call that did not fit. */
  readonly explain: boolean;
}
