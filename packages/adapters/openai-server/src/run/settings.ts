import type { Agent, RunOptions } from "@harnessx/core";

/** What a client is shown of a run. */
export interface ShowOptions {
  /**
   * What a stream sends of the texts that come before the answer: `live` sends every text as it is
   * written, `final` the answer alone, once it stands (live). An answer in one piece is always the final one.
   */
  readonly text?: "live" | "final";
  /** Calls of tools and their results, as quoted lines of the text (false). */
  readonly tools?: boolean;
  /** What the model thought, as `reasoning_content` (false). */
  readonly thinking?: boolean;
}

/** What is served, and how it runs. */
export interface AgentOptions {
  readonly agent: Agent;
  /** The name that clients give as `model` (the harness's name). */
  readonly name?: string;
  readonly show?: ShowOptions;
  /**
   * What becomes of system and developer messages: `text` puts them before the text of the task,
   * where the model reads them as the user's words, `ignore` drops them, `refuse` answers with an error (text).
   */
  readonly system?: "text" | "ignore" | "refuse";
  /** Runs at the same time; one more is answered with 429 (128). */
  readonly maxRuns?: number;
  /** Passed on to every run; without `approve`, calls that need approval are refused. */
  readonly run?: Pick<RunOptions, "approve" | "answer" | "interruptOn" | "limits" | "trace">;
}
