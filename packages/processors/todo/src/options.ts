/** Options of the todo processor. */
export interface TodoOptions {
  /** Names of tools that write the checklist; case and the prefix of a server (`plan__`) do not matter. */
  readonly tools: readonly string[];
  /** Ask for a checklist in the system prompt. */
  readonly instruct: boolean;
  /** How many open items to show before each model call; 0 shows none. */
  readonly maxShown: number;
  /** How often in a task the model is kept from finishing with open items. */
  readonly nudges: number;
  /** Longest quotation of the answer that a nudge held back. */
  readonly maxAnswerChars: number;
  /** The harness's `limits.maxModelRetries`: beyond it nobody may ask for a retry. */
  readonly maxModelRetries: number;
  readonly wording: TodoWording;
}

/** What the model is told. */
export interface TodoWording {
  /** Paragraph of the system prompt where a tool writes the checklist: `{tool}` */
  readonly instructTool: string;
  /** Paragraph of the system prompt where none does. */
  readonly instructText: string;
  /** Before each model call: `{items}`, `{count}` */
  readonly reminder: string;
  /** `{items}`, `{count}`, `{answer}` */
  readonly nudge: string;
}
