/** Options of the parse-retry processor. */
export interface ParseRetryOptions {
  /** Retries in a row before a response is let through as it is. */
  readonly maxRetries: number;
  /** Also retry a response that writes a call as text. */
  readonly writtenCalls: boolean;
  /** Longest quotation of what the model wrote. */
  readonly maxQuoteChars: number;
  /** The harness's `limits.maxModelRetries`: beyond it nobody may ask for a retry. */
  readonly maxModelRetries: number;
  readonly wording: ParseRetryWording;
}

/** What the model is told. */
export interface ParseRetryWording {
  /** Arguments that are no JSON: `{tool}`, `{problem}`, `{quote}` */
  readonly malformed: string;
  /** A call written as text: `{tool}`, `{quote}` */
  readonly written: string;
  /** Added when the response was cut off at its length limit. */
  readonly truncated: string;
}
