import type { Json } from "./json.ts";
import type { Message, MessageList, Part, ToolCall } from "./message.ts";
import type { FinishReason, ModelRequest, ModelResponse, Sampling, Usage } from "./model.ts";
import type { ExitReason, Totals } from "./outcome.ts";
import type { ToolSpec } from "./tool-spec.ts";
import type { ToolResult, Tool } from "./tool.ts";

/** One turn of an earlier conversation. */
export interface PastTurn {
  readonly role: "user" | "assistant";
  readonly text: string;
}

/** What a run is asked to do. */
export interface Task {
  /** Stable name; suites use the hash of the task's content. */
  readonly id: string;
  readonly text: string;
  readonly images?: readonly { readonly mediaType: string; readonly data: string }[];
  /** What was said before, oldest first: an earlier conversation that this task goes on with. */
  readonly history?: readonly PastTurn[];
  /** Data for tools and processors; never rendered to the model by the runtime. */
  readonly metadata?: Json;
}

/** What is left of each limit, the present step already counted; `Infinity` where none is set. */
export interface BudgetView {
  readonly steps: number;
  readonly tokens: number;
  readonly costUsd: number;
  readonly timeMs: number;
}

/** A judgement attached at the end of a task. */
export interface Evaluation {
  readonly name: string;
  readonly score: number;
  readonly passed?: boolean;
  readonly reason?: string;
  readonly details?: Json;
}

/** Plain data that says what a `with…` method changed; recorded in the trace. */
export type Edit = { readonly op: string; readonly [field: string]: unknown };

interface EventBase {
  /** The changes that led from the runtime's event to this one, oldest first. */
  readonly edits: readonly Edit[];
}

/** Before anything else: the task and what the run starts with. */
export interface TaskStartEvent extends EventBase {
  readonly hook: "taskStart";
  readonly task: Task;
  readonly tools: readonly ToolSpec[];
  /** The system prompt so far; empty when no processor has set one. */
  readonly system: string;
  withSystem(text: string): TaskStartEvent;
  /** Adds a paragraph to the end of the system prompt. */
  appendSystem(text: string): TaskStartEvent;
}

/** At the start of a step; the place for structural edits of the history and for filtering tools. */
export interface StepStartEvent extends EventBase {
  readonly hook: "stepStart";
  /** From 1. */
  readonly step: number;
  readonly history: MessageList;
  readonly tools: readonly Tool[];
  /** Estimated size of the history in tokens. */
  readonly tokens: number;
  readonly budget: BudgetView;
  readonly totals: Totals;
  /**
   * Keeps the messages for which `keep` is true. A tool result stays or goes with its call, and
   * the system message always stays; anything else is refused by the runtime.
   */
  evict(keep: (message: Message, index: number) => boolean): StepStartEvent;
  /** Replaces the messages from `start` to `end` (exclusive) by one user message. */
  summarize(start: number, end: number, summary: string): StepStartEvent;
  /** Tools that the model may use in this step. */
  withTools(keep: (tool: Tool) => boolean): StepStartEvent;
}

/** Just before a model call. Changes last for this call only. */
export interface BeforeModelEvent extends EventBase {
  readonly hook: "beforeModel";
  readonly step: number;
  /** The attempt within the step, from 1. */
  readonly attempt: number;
  readonly request: ModelRequest;
  /** Changes the text of the last user message as the model sees it. */
  withLastUser(text: string | ((current: string) => string)): BeforeModelEvent;
  /** Adds one user message at the end of the request; a second call extends it by a paragraph. */
  appendUser(text: string): BeforeModelEvent;
  withSampling(sampling: Sampling): BeforeModelEvent;
  /** The role whose model answers. */
  withRole(role: string): BeforeModelEvent;
}

/** After a model call. */
export interface AfterModelEvent extends EventBase {
  readonly hook: "afterModel";
  readonly step: number;
  readonly attempt: number;
  readonly request: ModelRequest;
  readonly response: ModelResponse;
  withContent(content: string | readonly Part[]): AfterModelEvent;
  withToolCalls(calls: readonly ToolCall[]): AfterModelEvent;
}

/** Before a tool runs. */
export interface BeforeToolEvent extends EventBase {
  readonly hook: "beforeTool";
  readonly step: number;
  readonly call: ToolCall;
  /** Absent when the model named a tool that does not exist or was not offered in this step. */
  readonly tool: Tool | undefined;
  withInput(input: unknown): BeforeToolEvent;
}

/** After a tool has run. */
export interface AfterToolEvent extends EventBase {
  readonly hook: "afterTool";
  readonly step: number;
  readonly call: ToolCall;
  readonly result: ToolResult;
  /** Milliseconds. */
  readonly duration: number;
  /** What the model will see; the recorded result stays as it was. */
  withContent(content: string | readonly Part[]): AfterToolEvent;
}

/** After a step. Read-only. */
export interface StepEndEvent extends EventBase {
  readonly hook: "stepEnd";
  readonly step: number;
  readonly finish: FinishReason;
  readonly calls: readonly { readonly call: ToolCall; readonly result: ToolResult }[];
  readonly usage: Usage;
  readonly totals: Totals;
}

/** After the task. Read-only but for an evaluation. */
export interface TaskEndEvent extends EventBase {
  readonly hook: "taskEnd";
  readonly task: Task;
  readonly output: string;
  readonly exit: ExitReason;
  readonly totals: Totals;
  readonly evaluations: readonly Evaluation[];
  withEvaluation(evaluation: Evaluation): TaskEndEvent;
}
