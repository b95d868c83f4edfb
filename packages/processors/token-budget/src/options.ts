/** Options of the token-budget processor. Sizes are estimates in tokens, shares are of `maxTokens`. */
export interface TokenBudgetOptions {
  /** Tokens that the model takes in one request: its context window. */
  readonly maxTokens: number;
  /** Share at which the model is told once; 1 never tells it. */
  readonly warnAt: number;
  /** Share above which `onExceed` happens. */
  readonly limitAt: number;
  /** Share to trim down to; the room below `limitAt` is what makes trims rare. */
  readonly trimTo: number;
  /** Newest messages that a trim spares as long as it can. */
  readonly keepLast: number;
  /** Take the oldest messages out, or end the task. */
  readonly onExceed: "trim" | "end";
  /** Characters that make a token: 4 for English, less for code and most other scripts. */
  readonly charsPerToken: number;
  /** Tokens of the request that no message holds: tool definitions and the answer to come. */
  readonly reserveTokens: number;
  readonly wording: TokenBudgetWording;
}

/** What the model is told. */
export interface TokenBudgetWording {
  /** Near the limit with `onExceed: "trim"`: `{percent}` */
  readonly warnTrim: string;
  /** Near the limit with `onExceed: "end"`: `{percent}` */
  readonly warnEnd: string;
  /** In the request that follows a trim: `{count}` */
  readonly trimmed: string;
}
