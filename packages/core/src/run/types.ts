import type { HarnessXError } from "../errors/index.ts";
import type { LoadedHarness } from "../load/harness.ts";
import type { Limits } from "../manifest/types.ts";
import type { RoleModels } from "../model/roles.ts";
import type { Evaluation, Task } from "../plugin/events.ts";
import type { ExitReason, Totals } from "../plugin/outcome.ts";
import type { MessageList, ToolCall } from "../plugin/message.ts";
import type { ModelClient } from "../plugin/model.ts";
import type { Answer, Question, Tool } from "../plugin/tool.ts";
import type { HarnessHashes, TraceEvent, TraceSink } from "../trace/schema.ts";

/** A task as a caller writes it: a text, or a task whose id may be left out. */
export type TaskInput = string | (Omit<Task, "id"> & { readonly id?: string });

/** Where traces go: nowhere (default), to a folder as `<runId>.jsonl`, or to a sink of the caller's for each run. */
export type TraceTarget =
  | false
  | {
      readonly dir: string;
      readonly durability?: "step" | "run" | "none";
      readonly redact?: readonly string[];
    }
  | ((runId: string) => TraceSink | undefined);

/** A person's decision on a call that waits for approval. */
export interface ApprovalDecision {
  readonly decision: "approve" | "refuse";
  readonly reason?: string;
}

/** The call that a parked run waits for. */
export interface PendingApproval {
  readonly call: ToolCall;
  readonly processor: string;
  readonly reason: string;
}

/** What the user is told when it is the user's turn. */
export interface UserTurn {
  /** The agent's answer. */
  readonly output: string;
  readonly step: number;
  readonly totals: Totals;
  /** Aborts when the run ends meanwhile. */
  readonly signal: AbortSignal;
}

/** A question of a tool. */
export interface AskedByTool extends Question {
  readonly tool: string;
  readonly call: string;
  /** Aborts when the call ends meanwhile. */
  readonly signal: AbortSignal;
}

/** Options of one run. */
export interface RunOptions {
  /** Ends the run as `aborted`. */
  readonly signal?: AbortSignal;
  /** Of every random choice in the run (1). */
  readonly seed?: number;
  /** Letters, digits, `.`, `_`, `-`; generated when absent. */
  readonly runId?: string;
  /** Tools of this run beside the harness's own, such as those of an environment. */
  readonly tools?: readonly Tool[];
  /** Overrides the agent's. */
  readonly trace?: TraceTarget;
  /** Lower or raise single limits for this run. */
  readonly limits?: Limits;
  /** Decides at once instead of parking the run. */
  readonly approve?: (pending: PendingApproval) => ApprovalDecision | Promise<ApprovalDecision>;
  /**
   * Speaks for the user: called after each answer that would end the run, and what it returns is the
   * next message of the conversation; nothing ends the run. Recorded: a replay does not call it.
   */
  readonly user?: (answer: UserTurn) => string | undefined | Promise<string | undefined>;
  /** Answers what tools ask the person; without it they get `cancel`. */
  readonly answer?: (question: AskedByTool) => Answer | Promise<Answer>;
  /** Tool names whose calls need approval. */
  readonly interruptOn?: readonly string[];
  /** The hash that the caller means to run; another one fails with HX_HASH_MISMATCH. */
  readonly expectHarness?: string;
  /** Asked at every step boundary; another harness than the present one is swapped in. */
  readonly follow?: () => LoadedHarness | undefined;
  /** Recorded in the trace's environment. */
  readonly labels?: { readonly suite?: string; readonly rollout?: string };
  /** Models of this run, by role, in place of the agent's. */
  readonly models?: ModelsInput;
  /**
   * Gets every event, in a resume those that the trace holds first, and text as it arrives: called at
   * once, before the run goes on. Must not throw.
   */
  readonly onItem?: (item: StreamItem) => void;
}

/** How a run ended. */
export interface RunResult {
  readonly runId: string;
  readonly exit: ExitReason;
  /** The final answer; on an abnormal exit the best output so far. */
  readonly output: string;
  /** Why, when it did not end as `done`. */
  readonly reason?: string;
  /** The fault behind `harness_fault` and `model_error`. */
  readonly error?: HarnessXError;
  readonly totals: Totals;
  readonly evaluations: readonly Evaluation[];
  readonly harness: HarnessHashes;
  readonly messages: MessageList;
  /** Set when `exit` is `interrupted`: decide and resume. */
  readonly pending?: PendingApproval;
  /** Path of the trace file, when the agent writes to a folder. */
  readonly trace?: string;
}

/** What `stream` yields: every trace event, and text as it arrives. */
export type StreamItem =
  | { readonly type: "event"; readonly event: TraceEvent }
  | { readonly type: "delta"; readonly kind: "text" | "thinking"; readonly text: string };

/** A run in progress. */
export interface RunHandle {
  readonly runId: string;
  /** Never rejects: failures are in the result. */
  readonly result: Promise<RunResult>;
  abort(reason?: string): void;
  /**
   * Moves the run to another harness at the next step boundary. Resolves when the swap has
   * happened, and rejects with HX_SWAP_REJECTED when the new harness cannot be set up (the run
   * then goes on with the old one) or the run ends first.
   */
  swap(harness: LoadedHarness): Promise<void>;
}

/** A streaming run: iterate it once. */
export interface RunStream extends RunHandle, AsyncIterable<StreamItem> {}

/** Models by role: a client alone, or with price, retries and fallbacks. */
export type ModelsInput = {
  readonly main: ModelClient | RoleModels;
  readonly [role: string]: ModelClient | RoleModels;
};

export interface AgentOptions {
  readonly harness: LoadedHarness;
  readonly models: ModelsInput;
  /** (false) */
  readonly trace?: TraceTarget;
}

/** How to go on with a run that was cut off or parked. */
export interface ResumeOptions extends Omit<
  RunOptions,
  "runId" | "seed" | "expectHarness" | "labels" | "limits"
> {
  /** Decisions by call id. */
  readonly decisions?: Readonly<Record<string, ApprovalDecision>>;
  /** Other harnesses that the trace moves to. */
  readonly harnesses?: readonly LoadedHarness[];
}

export interface ReplayOptions {
  /** Other harnesses that the trace moves to. */
  readonly harnesses?: readonly LoadedHarness[];
  /** The tools of the recorded run; they are shown to processors but never executed. */
  readonly tools?: readonly Tool[];
}

/** What a replay came to. */
export interface ReplayResult {
  /** Whether the harness did exactly what the trace says. */
  readonly identical: boolean;
  /** The first event that differs. */
  readonly divergence?: {
    readonly seq: number;
    readonly recorded: TraceEvent | undefined;
    readonly replayed: TraceEvent | undefined;
  };
  /** Events that the replay produced, up to the divergence. */
  readonly events: readonly TraceEvent[];
}

/** A harness and its models, ready to run any number of tasks at the same time. */
export interface Agent {
  readonly harness: LoadedHarness;
  /** Runs a task to its end. Rejects only for options that can never work (HX_HASH_MISMATCH, HX_TOOL_DUPLICATE, …). */
  run(task: TaskInput, options?: RunOptions): Promise<RunResult>;
  /** Starts a task and returns at once. */
  start(task: TaskInput, options?: RunOptions): RunHandle;
  /** Starts a task and yields its events and text deltas. */
  stream(task: TaskInput, options?: RunOptions): RunStream;
  /** Goes on with the run recorded at `trace` (a file, whose torn end is repaired and which is then appended to). */
  resume(trace: string, options?: ResumeOptions): Promise<RunResult>;
  /** Drives the harness through a recorded run without any model or tool. */
  replay(trace: string | readonly TraceEvent[], options?: ReplayOptions): Promise<ReplayResult>;
}
