import type * as Effect from "effect/Effect";
import type { Pipeline } from "../hooks/pipeline.ts";
import type { LoadedHarness } from "../load/harness.ts";
import type { Limits } from "../manifest/types.ts";
import type { RoleModels } from "../model/roles.ts";
import type { Evaluation, Task } from "../plugin/events.ts";
import type { ExitReason } from "../plugin/outcome.ts";
import type { HarnessXError } from "../errors/index.ts";
import type { Json } from "../plugin/json.ts";
import type { Slots } from "../plugin/slots.ts";
import type { ToolRegistry } from "../tools/registry.ts";
import type { HarnessHashes } from "../trace/schema.ts";
import { History } from "./history.ts";
import type { Ledger } from "./ledger.ts";
import type { Recorder } from "./recorder.ts";
import type { ApprovalDecision, PendingApproval, RunOptions, RunResult } from "./types.ts";

/** A part of a run's generator: it yields effects that fail with coded errors only. */
export type Steps<Result> = Generator<Effect.Effect<unknown, HarnessXError>, Result, never>;

/** The processors of a run, as the rest of the run deals with them. */
export interface Host {
  /** Stops the model calls that processors are waiting for. */
  cancelCalls(): void;
  dispose(): Effect.Effect<void>;
  log(by: string, message: string, data?: Json): void;
  /** What the processors share. */
  readonly slots: Pick<Slots, "get">;
}

/** How a run ends. */
export interface Ending {
  readonly exit: ExitReason;
  readonly output?: string;
  readonly reason?: string;
  readonly error?: HarnessXError;
}

/** A requested move to another harness. */
export interface SwapRequest {
  readonly harness: LoadedHarness;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Runs a subagent of `parent`. */
export type SpawnChild = (
  parent: RunCore,
  child: {
    readonly runId: string;
    readonly task: Task;
    readonly number: number;
    readonly call?: string;
    /** Ends the subagent with the tool call that started it. */
    readonly signal?: AbortSignal;
  },
) => Promise<Pick<RunResult, "exit" | "output" | "totals">>;

/** No history gets this long. */
const FIRST_EPHEMERAL = 1_000_000_000;

/** What a run is made of before its first event. */
export interface RunParts {
  readonly id: string;
  readonly task: Task;
  readonly seed: number;
  readonly options: RunOptions;
  readonly harness: LoadedHarness;
  readonly hashes: HarnessHashes;
  readonly limits: Required<Limits>;
  readonly recorder: Recorder;
  readonly ledger: Ledger;
  readonly tools: ToolRegistry;
  readonly models: Readonly<Record<string, RoleModels>>;
  /** 0 for a run that a caller started, one more for each generation of subagents. */
  readonly depth: number;
  readonly parent?: { readonly run: string; readonly call?: string };
  readonly decisions: Readonly<Record<string, ApprovalDecision>>;
  /** Harnesses by hash that a recording may move to. */
  readonly harnesses: ReadonlyMap<string, LoadedHarness>;
  readonly onDelta?: (kind: "text" | "thinking", text: string) => void;
  readonly spawn: SpawnChild;
}

/** Everything that belongs to one run. Nothing mutable of a run lives anywhere else. */
export class RunCore {
  readonly id: string;
  readonly task: Task;
  readonly seed: number;
  readonly options: RunOptions;
  readonly limits: Required<Limits>;
  readonly recorder: Recorder;
  readonly ledger: Ledger;
  readonly models: Readonly<Record<string, RoleModels>>;
  readonly depth: number;
  readonly parent: RunParts["parent"];
  readonly decisions: Readonly<Record<string, ApprovalDecision>>;
  readonly harnesses: ReadonlyMap<string, LoadedHarness>;
  readonly onDelta: RunParts["onDelta"];
  readonly spawn: SpawnChild;
  readonly history = new History();
  /** Cell values by processor and name; a swap hands them over. */
  readonly cells = new Map<string, { value: Json }>();
  readonly callIds = new Set<string>();
  /** Subagents in progress: they end when the run does. */
  readonly children = new Set<{ abort(reason?: string): void }>();
  /** Settles when they and their last event are done. */
  readonly spawning = new Set<Promise<unknown>>();
  harness: LoadedHarness;
  hashes: HarnessHashes;
  tools: ToolRegistry;
  pipeline: Pipeline = {};
  host: Host | undefined;
  step = 0;
  /** Model calls of the loop and of processors: numbers the requests of the trace. */
  calls = 0;
  nextMessage = 0;
  nextEphemeral = FIRST_EPHEMERAL;
  nextChild = 0;
  /** The best answer so far: the newest text of the model. */
  output = "";
  evaluations: readonly Evaluation[] = [];
  swap: SwapRequest | undefined;
  /** Set before the fiber is interrupted from outside. */
  stop: Ending | undefined;
  pending: PendingApproval | undefined;
  /** Decisions that have answered a question: one answer is for one question. */
  readonly decided = new Set<string>();
  /** The processors of a harness that a swap is setting up. */
  starting: Host | undefined;
  /** A harness that a swap could not set up: it is not tried again. */
  rejected: string | undefined;
  /** The stop came from the recording, not from this caller. */
  replayedStop = false;
  /** Set before the last event: nothing may be recorded or started any more. */
  closed = false;
  /** Set at the very end: an interrupted fiber ends as interrupted, whatever its last effect returned. */
  result: RunResult | undefined;

  constructor(parts: RunParts) {
    this.id = parts.id;
    this.task = parts.task;
    this.seed = parts.seed;
    this.options = parts.options;
    this.limits = parts.limits;
    this.recorder = parts.recorder;
    this.ledger = parts.ledger;
    this.models = parts.models;
    this.depth = parts.depth;
    this.parent = parts.parent;
    this.decisions = parts.decisions;
    this.harnesses = parts.harnesses;
    this.onDelta = parts.onDelta;
    this.spawn = parts.spawn;
    this.harness = parts.harness;
    this.hashes = parts.hashes;
    this.tools = parts.tools;
  }

  messageId(): number {
    return this.nextMessage++;
  }

  /** Messages of one request have numbers of their own: the history's stay without gaps, and its ranges short. */
  ephemeralId(): number {
    return this.nextEphemeral++;
  }
}
