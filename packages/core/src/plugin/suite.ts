import type { Json } from "./json.ts";
import type { Tool } from "./tool.ts";

/** Who may see what of a task: `train` traces are visible to the engine, `validation` gives a verdict only. */
export type TaskSplit = "train" | "validation" | "sealed" | "canary";

/** A task of a suite. */
export interface SuiteTask {
  /** Hash of the task's content. */
  readonly id: string;
  /** What the agent is asked. */
  readonly text: string;
  /** Tasks of one family never fall into two splits. */
  readonly family: string;
  /** Known before any outcome, from the text alone; per-cluster results use it. */
  readonly cluster: string;
  readonly split: TaskSplit;
}

/** A verdict on one episode. Never shown to an agent, a plugin or the engine before the episode is over. */
export interface Score {
  readonly passed: boolean;
  /** In [0, 1]. */
  readonly score: number;
  readonly reason: string;
  /** An independent second judgement, where the suite has one. */
  readonly audit?: boolean;
}

/** One episode: fresh state, its own tools. */
export interface Environment {
  readonly tools: readonly Tool[];
  /** Shown with the task text as the first user message. */
  readonly observation: string;
  /** Speaks for the user after each answer of the agent; nothing ends the conversation. */
  user?(answer: string): string | undefined | Promise<string | undefined>;
  /** Gold actions for the `oracle` policy; nothing else may read them. */
  readonly oracle?: readonly { readonly name: string; readonly input: Json }[];
  score(): Score | Promise<Score>;
  close(): void | Promise<void>;
}

/** What a trivial policy scores on a suite: a result means something only beside it. */
export interface SuiteFloor {
  /** The policy, such as `no-op`. */
  readonly name: string;
  /** Ids of the tasks that it passes. */
  readonly passed: readonly string[];
  /** Why, in a sentence. */
  readonly note?: string;
}

/** Tasks with a scored environment each. */
export interface Suite {
  readonly name: string;
  /** Changes when scoring or tasks change; part of every rollout's identity. */
  readonly verifier: string;
  /** Where the tasks come from, in words: a file, a generator and its seed. */
  readonly data: string;
  /** Printed beside every result; absent where doing nothing passes nothing. */
  readonly floor?: SuiteFloor;
  tasks(): readonly SuiteTask[] | Promise<readonly SuiteTask[]>;
  open(taskId: string, options: { readonly seed: number }): Environment | Promise<Environment>;
}
