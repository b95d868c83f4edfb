import type { Limits } from "../manifest/types.ts";
import type { Edit, Evaluation, Task } from "../plugin/events.ts";
import type { ExitReason, Totals } from "../plugin/outcome.ts";
import type { HookName } from "../plugin/hooks.ts";
import type { Json, JsonObject } from "../plugin/json.ts";
import type { Part, ToolCall, ToolStatus } from "../plugin/message.ts";
import type { FinishReason, PolicyKind, Sampling, TokenRecord, Usage } from "../plugin/model.ts";
import type { ToolSpec } from "../plugin/tool-spec.ts";

/** Version of the trace format that this package writes. */
export const TRACE_VERSION = 1;

/** Inclusive ranges of message ids in order: how an event refers to many messages in constant space. */
export type MessageRanges = readonly (readonly [first: number, last: number])[];

/** The three identities of a harness; they must be equal in every run. */
export interface HarnessHashes {
  readonly proposed: string;
  readonly deployed: string;
  readonly executed: string;
}

interface Stamp {
  /** Position in the trace, from 0 without gaps. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** First event of every trace. */
export interface RunStartEvent extends Stamp {
  readonly type: "run.start";
  readonly v: number;
  readonly run: string;
  readonly parent?: { readonly run: string; readonly call?: string };
  readonly task: Task;
  readonly harness: HarnessHashes;
  /** The manifest in canonical form. */
  readonly manifest: JsonObject;
  /** Role → model. */
  readonly models: Readonly<Record<string, { readonly id: string; readonly policy: PolicyKind }>>;
  readonly seed: number;
  /** Tools whose calls need the caller's approval. */
  readonly interruptOn?: readonly string[];
  /** What this run changed of the manifest's limits. */
  readonly limits?: Limits;
  readonly tools: readonly ToolSpec[];
  readonly environment: {
    readonly node: string;
    readonly core: string;
    readonly suite?: string;
    readonly rollout?: string;
  };
}

/** One dispatch of a hook: every tap in order with its verdict; only taps that ran are listed. */
export interface HookEvent extends Stamp {
  readonly type: "hook";
  readonly hook: HookName;
  readonly step: number;
  readonly call?: string;
  readonly taps: readonly HookTapRecord[];
}

export interface HookTapRecord {
  /** Id of the manifest entry. */
  readonly processor: string;
  readonly tap: string;
  readonly verdict:
    | "pass"
    | "replace"
    | "split"
    | "intercept"
    | "abort"
    | "retry"
    | "approval"
    | "skipped-fault"
    | "fault";
  /** Milliseconds. */
  readonly ms: number;
  /** What a replacement changed. */
  readonly edits?: readonly Edit[];
  readonly reason?: string;
  readonly outcome?: Json;
}

/** A message enters the conversation. Content that another event already holds is referred to by `of`. */
export interface MessageEvent extends Stamp {
  readonly type: "message";
  readonly id: number;
  readonly role: "system" | "user" | "assistant" | "tool";
  /** `seq` of the `model.response` or `tool.result` whose content this message has unchanged. */
  readonly of?: number;
  readonly content?: readonly Part[];
  readonly toolCalls?: readonly ToolCall[];
  readonly callId?: string;
  readonly name?: string;
  readonly status?: ToolStatus;
  /** Part of one request only, not of the history. */
  readonly ephemeral?: true;
}

/** The history was edited structurally: it now consists of these messages. */
export interface HistoryEvent extends Stamp {
  readonly type: "history";
  readonly step: number;
  readonly messages: MessageRanges;
}

export interface StepStartTraceEvent extends Stamp {
  readonly type: "step.start";
  readonly step: number;
  /** Estimated tokens of the history. */
  readonly tokens: number;
}

export interface ModelRequestEvent extends Stamp {
  readonly type: "model.request";
  readonly step: number;
  /** Number of the model call within the run, from 1. */
  readonly call: number;
  readonly role: string;
  readonly messages: MessageRanges;
  /** Names of the tools, only when a processor left some out. */
  readonly tools?: readonly string[];
  readonly sampling?: Sampling;
  readonly seed: number;
  /** The processor or the tool call that asked, when it was not the loop itself; its prompt is then in `prompt`. */
  readonly by?: string;
  readonly prompt?: { readonly system?: string; readonly user: string | readonly Part[] };
}

export interface ModelResponseEvent extends Stamp {
  readonly type: "model.response";
  readonly step: number;
  readonly call: number;
  readonly model: string;
  readonly policy: PolicyKind;
  readonly content: readonly Part[];
  readonly toolCalls: readonly ToolCall[];
  readonly finish: FinishReason;
  readonly usage: Usage;
  readonly costUsd: number;
  readonly tokens?: TokenRecord;
  readonly warnings?: readonly string[];
  /** Milliseconds. */
  readonly ms: number;
  /** The processor whose `intercept` answered in place of a model. */
  readonly intercepted?: string;
}

/** A failed attempt that a retry or a fallback followed, or the failure that ended the run. */
export interface ModelErrorEvent extends Stamp {
  readonly type: "model.error";
  readonly step: number;
  readonly call: number;
  readonly model: string;
  readonly code: string;
  readonly message: string;
  readonly attempt: number;
}

/** Written before a tool runs, so that a crash shows which calls were in flight. */
export interface ToolCallEvent extends Stamp {
  readonly type: "tool.call";
  readonly step: number;
  readonly call: ToolCall;
  /** The model's call that a `split` made this one from. */
  readonly from?: string;
}

export interface ToolResultEvent extends Stamp {
  readonly type: "tool.result";
  readonly step: number;
  readonly call: string;
  readonly name: string;
  readonly status: ToolStatus;
  readonly content: string | readonly Part[];
  readonly structured?: Json;
  readonly error?: { readonly code: string; readonly message: string };
  readonly end?: true;
  /** Milliseconds. */
  readonly ms: number;
  /** The processor that answered in place of the tool. */
  readonly intercepted?: string;
}

export interface StepEndTraceEvent extends Stamp {
  readonly type: "step.end";
  readonly step: number;
  readonly totals: Totals;
}

/** The run moved to another harness between two steps. */
export interface SwapEvent extends Stamp {
  readonly type: "swap";
  readonly step: number;
  readonly from: string;
  readonly to: string;
  readonly manifest: JsonObject;
}

export interface SpawnEvent extends Stamp {
  readonly type: "spawn";
  readonly step: number;
  readonly run: string;
  readonly by: string;
  readonly task: Task;
}

export interface SpawnEndEvent extends Stamp {
  readonly type: "spawn.end";
  readonly step: number;
  readonly run: string;
  readonly exit: ExitReason;
  readonly output: string;
  readonly totals: Totals;
}

/** A person's decision on a parked call. */
export interface DecisionEvent extends Stamp {
  readonly type: "decision";
  readonly call: string;
  readonly decision: "approve" | "refuse";
  readonly reason?: string;
}

/** The run waits for a decision. */
export interface InterruptEvent extends Stamp {
  readonly type: "interrupt";
  readonly step: number;
  readonly call: ToolCall;
  readonly processor: string;
  readonly reason: string;
}

export interface LogEvent extends Stamp {
  readonly type: "log";
  readonly by: string;
  readonly message: string;
  readonly data?: Json;
}

export interface ErrorEvent extends Stamp {
  readonly type: "error";
  readonly step: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly details: Json;
}

/** Last event of a finished run. */
export interface RunEndEvent extends Stamp {
  readonly type: "run.end";
  readonly exit: ExitReason;
  readonly output: string;
  readonly reason?: string;
  /** The run was stopped from outside: by its caller or by its deadline. */
  readonly stopped?: true;
  readonly totals: Totals;
  readonly evaluations: readonly Evaluation[];
}

/** Everything that a trace can contain. */
export type TraceEvent =
  | RunStartEvent
  | HookEvent
  | MessageEvent
  | HistoryEvent
  | StepStartTraceEvent
  | ModelRequestEvent
  | ModelResponseEvent
  | ModelErrorEvent
  | ToolCallEvent
  | ToolResultEvent
  | StepEndTraceEvent
  | SwapEvent
  | SpawnEvent
  | SpawnEndEvent
  | DecisionEvent
  | InterruptEvent
  | LogEvent
  | ErrorEvent
  | RunEndEvent;

/**
 * Where the events of one run go.
 *
 * `write` must not throw for a full disk but report through `flush`/`close`; events are frozen in
 * meaning: a sink must not change them. `flush("durable")` is called at step boundaries and before
 * and after tools run; a synchronous sink returns nothing.
 */
export interface TraceSink {
  write(event: TraceEvent): void;
  /** Hands buffered events to the operating system; after it resolves a killed process loses none of them. */
  flush(): void | Promise<void>;
  /** Waits until everything is on stable storage and releases the file. */
  close(): void | Promise<void>;
}
