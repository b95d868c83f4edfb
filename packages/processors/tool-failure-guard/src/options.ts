/** Options of the tool-failure-guard processor. A threshold of 0 is off. */
export interface ToolFailureGuardOptions {
  /** Advise when a tool has failed this often since it last worked. */
  readonly adviseTool: number;
  /** Block a tool that has failed this often since it last worked. */
  readonly blockTool: number;
  /** For how many steps. */
  readonly blockSteps: number;
  /** Advise when so many calls in a row have failed, of whatever tools. */
  readonly adviseRow: number;
  /** End the task when so many calls in a row have failed, of whatever tools. */
  readonly abortRow: number;
  /** Tools whose failures are their normal way to answer: never counted, never blocked. */
  readonly exempt: readonly string[];
  readonly wording: ToolFailureWording;
}

/** What the model is told. */
export interface ToolFailureWording {
  /** `{tool}`, `{count}` */
  readonly tool: string;
  /** `{tool}`, `{count}`, `{steps}` */
  readonly blocked: string;
  /** `{count}` */
  readonly row: string;
  /** Result of a refused call: `{tool}`, `{count}`, `{steps}` */
  readonly refusal: string;
}
