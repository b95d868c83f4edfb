/** Options of the sycophancy-guard processor. Patterns are regular expressions that ignore case. */
export interface SycophancyGuardOptions {
  /** How many flips in a row it takes before the model is asked for evidence. */
  readonly streak: number;
  /** A longer message says more than a doubt. */
  readonly maxDoubtChars: number;
  /** Names of tools, with `*` for any text, whose results are feedback on an answer rather than evidence. */
  readonly feedbackTools: readonly string[];
  /** Wordings of a doubt. */
  readonly doubts: readonly string[];
  /** What makes a message more than a doubt, and a changed answer more than a flip. */
  readonly evidence: readonly string[];
  /** Wordings with which an answer is given up. */
  readonly concessions: readonly string[];
  /** Wordings with which an answer is kept. */
  readonly holds: readonly string[];
  /** Whether a model of the role `judge` has the last word on a flip that the patterns found. */
  readonly judge: boolean;
  /** System prompt of the judge; its reply holds JUSTIFIED or UNJUSTIFIED. */
  readonly judgeInstruction: string;
  /** What the model is told; `{answer}` is the answer that it gave up. */
  readonly feedback: string;
}
