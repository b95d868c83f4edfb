/** Options of the best-of-n processor. */
export interface BestOfNOptions {
  /** Answers to choose from, the model's own one included. */
  readonly n: number;
  readonly pick: "judge" | "majority";
  /** For the majority: its first group is what is compared. */
  readonly answerPattern?: string;
  readonly temperature: number;
  /** What the judge is told to look for beside the task. */
  readonly criteria: string;
  /** Answers of a task that alternatives are sampled for. */
  readonly maxAnswers: number;
  /** In a task; 0 is no limit. */
  readonly maxTokens: number;
  /** In a task; 0 is no limit. */
  readonly maxCostUsd: number;
  /** For one answer. */
  readonly maxMs: number;
  /** Longest text of the conversation that is shown. */
  readonly maxChars: number;
}
