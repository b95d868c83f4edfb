/** Options of the memory-extraction processor. */
export interface MemoryExtractionOptions {
  /** `rules` takes marked lines and the answer, `model` asks the role `summarizer` as well. */
  readonly strategy: "rules" | "model";
  /** Regular expressions for lines of the agent that are to be remembered, in the first group. */
  readonly patterns: readonly string[];
  /** Remember the answer of a task that ended as `done`, with the head of the task. */
  readonly answer: boolean;
  /** Extract before the end once the history has this many tokens; 0 never. */
  readonly maxTokens: number;
  /** Most memories of one task. */
  readonly maxPerTask: number;
  /** Longest memory. */
  readonly maxChars: number;
  /** Share of common words from which two memories count as one. */
  readonly similarity: number;
  /** Added to each memory. */
  readonly tags: readonly string[];
  /** System prompt of the strategy `model`. */
  readonly instruction: string;
}
