import { stat } from "node:fs/promises";
import { join } from "node:path";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Cause from "effect/Cause";
import type * as Fiber from "effect/Fiber";
import { frozenJson } from "../boundary/json.ts";
import { after } from "../boundary/timer.ts";
import { HarnessXError, hxError, messageOf } from "../errors/index.ts";
import type { LoadedHarness } from "../load/harness.ts";
import { resolveLimits } from "../manifest/index.ts";
import type { Limits } from "../manifest/types.ts";
import type { RoleModels } from "../model/roles.ts";
import type { Task } from "../plugin/events.ts";
import type { ModelClient } from "../plugin/model.ts";
import { ToolRegistry } from "../tools/registry.ts";
import { openTraceFile, type TraceFileOptions } from "../trace/index.ts";
import type { RunStartEvent, TraceEvent, TraceSink } from "../trace/schema.ts";
import { RunCore, type SpawnChild } from "./core.ts";
import { Ledger } from "./ledger.ts";
import { runProgram } from "./program.ts";
import { Recorder, type Recording } from "./recorder.ts";
import { callSeed } from "./random.ts";
import { newRunId, requireRunId } from "./run-id.ts";
import { readForResume, replayRecording, requireResumable } from "./resume.ts";
import { AsyncQueue } from "./stream.ts";
import type {
  Agent,
  AgentOptions,
  ModelsInput,
  RunHandle,
  RunOptions,
  RunResult,
  RunStream,
  StreamItem,
  TaskInput,
  TraceTarget,
} from "./types.ts";

/**
 * Makes an agent: a harness and the models that serve its roles.
 *
 * The agent holds no state of its runs; any number of them may be in progress.
 *
 * @example
 * ```ts
 * import { createAgent, defineHarness, scriptedModel } from "@harnessx/core";
 * const agent = createAgent({
 *   harness: await defineHarness({ name: "demo" }),
 *   models: { main: scriptedModel([{ text: "Four." }]) },
 * });
 * const result = await agent.run("What is two and two?");
 * result.exit; // "done"
 * ```
 */
export function createAgent(options: AgentOptions): Agent {
  const { harness } = options;
  const models = resolveModels(options.models);
  const launch = (input: TaskInput, run: RunOptions, onItem = run.onItem): Launched =>
    launchRun({
      harness,
      models,
      trace: options.trace ?? false,
      input,
      run,
      listeners: listenersOf(onItem),
    });

  return {
    harness,
    run: async (input, run = {}) => launch(input, run).result,
    start: (input, run = {}) => launch(input, run),
    stream: (input, run = {}) => streamRun(run.onItem, (onItem) => launch(input, run, onItem)),
    async resume(path, resume = {}) {
      const events = await readForResume(path);
      const started = requireResumable(events, harness);
      const sink = openTraceFile(path, {
        append: true,
        ...fileOptionsOf(resume.trace ?? options.trace),
      });
      return launchRun({
        harness,
        models,
        trace: resume.trace ?? options.trace ?? false,
        input: started.task,
        run: {
          ...resume,
          ...recordedOptions(started),
          // A resume may ask about more tools than the run did, never about fewer.
          interruptOn: [...(started.interruptOn ?? []), ...(resume.interruptOn ?? [])],
          seed: started.seed,
          runId: started.run,
          labels: labelsOf(started),
        },
        listeners: listenersOf(resume.onItem),
        recording: { events, after: "continue" },
        sink,
        tracePath: path,
        decisions: resume.decisions ?? {},
        harnesses: resume.harnesses ?? [],
      }).result;
    },
    replay: (trace, replay = {}) =>
      replayRecording(trace, (events, started, listener) => {
        const shown = replay.tools ?? started.tools.map(shownOnly);
        return launchRun({
          harness,
          models,
          trace: false,
          input: started.task,
          run: {
            seed: started.seed,
            runId: started.run,
            tools: withoutOwn(shown, harness),
            ...recordedOptions(started),
          },
          listeners: { onEvent: listener },
          recording: { events, after: "stop" },
          harnesses: replay.harnesses ?? [],
        }).exit;
      }),
  };
}

/** Who hears of a run while it goes on. */
interface Listeners {
  readonly onEvent?: (event: TraceEvent) => void;
  readonly onDelta?: (kind: "text" | "thinking", text: string) => void;
}

const listenersOf = (onItem: RunOptions["onItem"]): Listeners =>
  onItem
    ? {
        onEvent: (event) => onItem({ type: "event", event }),
        onDelta: (kind, text) => onItem({ type: "delta", kind, text }),
      }
    : {};

interface Launch {
  readonly harness: LoadedHarness;
  readonly models: Readonly<Record<string, RoleModels>>;
  readonly trace: TraceTarget;
  readonly input: TaskInput;
  readonly run: RunOptions;
  readonly listeners: Listeners;
  readonly recording?: Recording;
  readonly sink?: TraceSink;
  readonly tracePath?: string;
  readonly decisions?: RunCore["decisions"];
  readonly harnesses?: readonly LoadedHarness[];
  readonly parent?: { readonly core: RunCore; readonly call?: string };
}

interface Launched extends RunHandle {
  /** How the fiber ended; a replay looks here for the recording's end. */
  readonly exit: Promise<Exit.Exit<RunResult>>;
}

/** Starts the fiber of a run. Throws for options that can never work. */
function launchRun(launch: Launch): Launched {
  const { harness, run, recording } = launch;
  const { hash } = harness;
  if (run.expectHarness !== undefined && run.expectHarness !== hash) {
    throw hxError("HX_HASH_MISMATCH", { proposed: run.expectHarness, executed: hash });
  }
  const runId = run.runId === undefined ? newRunId() : requireRunId(run.runId);
  const limits: Required<Limits> = run.limits
    ? resolveLimits({ ...harness.manifest.limits, ...run.limits })
    : harness.limits;
  const tools = registryOf(harness, run.tools ?? NO_TOOLS);
  const target = run.trace ?? launch.trace;
  const { sink, path } = launch.sink
    ? { sink: launch.sink, path: launch.tracePath }
    : openSink(target, runId);
  const recorder = new Recorder(sink, recording);
  if (launch.listeners.onEvent) recorder.listen(launch.listeners.onEvent);
  const parent = launch.parent;
  const core = new RunCore({
    id: runId,
    task: taskOf(launch.input, runId),
    seed: run.seed ?? 1,
    options: run,
    harness,
    hashes: Object.freeze({ proposed: run.expectHarness ?? hash, deployed: hash, executed: hash }),
    limits,
    recorder,
    ledger: new Ledger(limits, recorder.now, parent?.core.ledger),
    tools,
    models: run.models ? { ...launch.models, ...resolveModels(run.models) } : launch.models,
    depth: parent ? parent.core.depth + 1 : 0,
    ...(parent
      ? {
          parent: {
            run: parent.core.id,
            ...(parent.call === undefined ? {} : { call: parent.call }),
          },
        }
      : {}),
    decisions: launch.decisions ?? {},
    harnesses: new Map([harness, ...(launch.harnesses ?? [])].map((one) => [one.hash, one])),
    ...(launch.listeners.onDelta ? { onDelta: launch.listeners.onDelta } : {}),
    spawn: spawnChildOf(launch),
  });
  if (run.signal?.aborted) core.stop = abortedBy(run.signal);
  const left = timeLeft(core, recording);
  const fiber = Effect.runFork(runProgram(core));
  const exit = watch(core, fiber, left);
  const result = exit.then((ended) => {
    if (Exit.isFailure(ended)) throw Cause.squash(ended.cause);
    return path === undefined ? ended.value : { ...ended.value, trace: path };
  });
  // A replay reads `exit` alone; its recording's end must not count as unhandled.
  result.catch(() => undefined);
  return {
    runId,
    result,
    exit,
    abort: (reason = "The caller ended the run.") => stop(core, fiber, { exit: "aborted", reason }),
    swap: (next) =>
      new Promise((done, failed) => {
        if (core.result)
          return failed(hxError("HX_SWAP_REJECTED", { problem: "the run has ended" }));
        core.swap?.failed(hxError("HX_SWAP_REJECTED", { problem: "another swap was asked for" }));
        core.swap = { harness: next, done, failed };
      }),
  };
}

const NO_TOOLS: NonNullable<RunOptions["tools"]> = [];
/** By the tools of a harness, then by those of the run. */
const registries = new WeakMap<readonly unknown[], WeakMap<readonly unknown[], ToolRegistry>>();

/** The registry of a harness and a run's tools; a caller that passes the same list again gets the same one. */
function registryOf(harness: LoadedHarness, own: NonNullable<RunOptions["tools"]>): ToolRegistry {
  const { tools } = harness;
  let known = registries.get(tools);
  if (!known) registries.set(tools, (known = new WeakMap()));
  const before = known.get(own);
  const { length } = tools;
  // The list is the caller's: it may have changed since.
  if (
    before?.tools.length === length + own.length &&
    own.every((tool, index) => tool === before.tools[length + index])
  )
    return before;
  const registry = new ToolRegistry([...tools, ...own]);
  known.set(own, registry);
  return registry;
}

function stop(
  core: RunCore,
  fiber: Fiber.Fiber<RunResult>,
  ending: NonNullable<RunCore["stop"]>,
): void {
  core.stop ??= ending;
  fiber.interruptUnsafe();
}

/** Ties the caller's signal and the deadline to the fiber, and both go when it ends. */
function watch(
  core: RunCore,
  fiber: Fiber.Fiber<RunResult>,
  left: number,
): Promise<Exit.Exit<RunResult>> {
  const { signal } = core.options;
  const onAbort = (): void => stop(core, fiber, abortedBy(signal!));
  const cancel = after(left, () =>
    stop(core, fiber, {
      exit: "budget_time",
      reason: `The run took more than ${core.limits.maxTimeMs} ms.`,
    }),
  );
  signal?.addEventListener("abort", onAbort, { once: true });
  return new Promise((resolve) => {
    fiber.addObserver((exit) => {
      cancel();
      signal?.removeEventListener("abort", onAbort);
      resolve(core.result ? Exit.succeed(core.result) : exit);
    });
  });
}

function abortedBy({ reason }: AbortSignal): NonNullable<RunCore["stop"]> {
  return { exit: "aborted", reason: messageOf(reason) };
}

/** Milliseconds that the run may still take; the time in which it was cut off or parked does not count. */
function timeLeft(core: RunCore, recording: Recording | undefined): number {
  const events = recording?.events ?? [];
  const spent = events.length > 0 ? events.at(-1)!.at - events[0]!.at : 0;
  return Math.min(
    core.limits.maxTimeMs - spent,
    core.ledger.left(core.recorder.now).timeMs - spent,
  );
}

/** Subagents run with the same harness, models and approvals, in the parent's budget and lifetime. */
function spawnChildOf(launch: Launch): SpawnChild {
  return async (parent, { runId, task, number, call, signal }) => {
    const { harness, models, trace } = launch;
    const { options } = parent;
    const target = options.trace ?? trace;
    const recorded =
      launch.recording?.after === "continue" ? await recordedChild(target, runId) : undefined;
    if (recorded?.ended) {
      parent.ledger.child(recorded.ended.totals);
      return recorded.ended;
    }
    const child = launchRun({
      harness: parent.harness,
      models,
      trace: target,
      input: task,
      run: {
        runId,
        seed: callSeed(parent.seed, number),
        // A subagent cannot wait for a person: there is nobody who could resume it alone.
        approve:
          options.approve ??
          (() => ({ decision: "refuse", reason: "a subagent cannot wait for approval" })),
        ...(options.interruptOn ? { interruptOn: options.interruptOn } : {}),
        ...(options.tools ? { tools: options.tools } : {}),
        ...(options.answer ? { answer: options.answer } : {}),
        ...(options.signal ? { signal: options.signal } : {}),
        ...(options.limits ? { limits: options.limits } : {}),
        ...(options.models ? { models: options.models } : {}),
      },
      listeners: {},
      harnesses: [harness],
      parent: { core: parent, ...(call === undefined ? {} : { call }) },
      ...(recorded
        ? {
            recording: { events: recorded.events, after: "continue" },
            sink: recorded.sink,
            tracePath: recorded.path,
          }
        : {}),
    });
    const end = (): void => child.abort("The call that started it has ended.");
    parent.children.add(child);
    if (signal?.aborted) end();
    else signal?.addEventListener("abort", end, { once: true });
    try {
      return await child.result;
    } finally {
      parent.children.delete(child);
      signal?.removeEventListener("abort", end);
    }
  };
}

/** What a subagent had recorded before its parent was cut off: its end, or where to go on. */
async function recordedChild(target: TraceTarget, runId: string) {
  if (typeof target !== "object") return undefined;
  const path = join(target.dir, `${runId}.jsonl`);
  const there = await stat(path).catch(() => undefined);
  if (!there) return undefined;
  const events = await readForResume(path).catch((thrown: unknown) => {
    // Cut off before its first event was whole: there is nothing to go on from.
    if (HarnessXError.isInstance(thrown) && thrown.code === "HX_TRACE_EMPTY") return undefined;
    throw thrown;
  });
  if (!events) return undefined;
  const last = events.at(-1);
  if (last?.type === "run.end") return { ended: last, events, path, sink: undefined };
  return {
    ended: undefined,
    events,
    path,
    sink: openTraceFile(path, { append: true, ...fileOptionsOf(target) }),
  };
}

function streamRun(
  also: RunOptions["onItem"],
  start: (onItem: (item: StreamItem) => void) => Launched,
): RunStream {
  const queue = new AsyncQueue<StreamItem>(() => handle.abort("The stream was closed."));
  const handle = start((item) => {
    also?.(item);
    queue.push(item);
  });
  handle.result.then(
    () => queue.end(),
    () => queue.end(),
  );
  const { runId, result } = handle;
  return {
    runId,
    result,
    abort: (reason) => handle.abort(reason),
    swap: (next) => handle.swap(next),
    [Symbol.asyncIterator]: () => queue,
  };
}

function openSink(
  target: TraceTarget,
  runId: string,
): { readonly sink: TraceSink | undefined; readonly path: string | undefined } {
  if (target === false) return { sink: undefined, path: undefined };
  if (typeof target === "function") return { sink: target(runId), path: undefined };
  const path = join(target.dir, `${runId}.jsonl`);
  return { sink: openTraceFile(path, fileOptionsOf(target)), path };
}

function fileOptionsOf(
  target: TraceTarget | undefined,
): Pick<TraceFileOptions, "durability" | "redact"> {
  if (typeof target !== "object") return {};
  const { durability, redact } = target;
  return { ...(durability ? { durability } : {}), ...(redact ? { redact } : {}) };
}

/** What a trace says of the options of its run. */
function recordedOptions({
  limits,
  interruptOn,
}: RunStartEvent): Pick<RunOptions, "limits" | "interruptOn"> {
  return { ...(limits ? { limits } : {}), ...(interruptOn ? { interruptOn } : {}) };
}

function taskOf(input: TaskInput, runId: string): Task {
  if (typeof input === "string") return Object.freeze({ id: runId, text: input });
  // A copy: the caller may change its own afterwards.
  return frozenJson({ ...input, id: input.id ?? runId }, "the task") as unknown as Task;
}

function labelsOf({ environment }: RunStartEvent): { suite?: string; rollout?: string } {
  const { suite, rollout } = environment;
  return {
    ...(suite === undefined ? {} : { suite }),
    ...(rollout === undefined ? {} : { rollout }),
  };
}

/** A tool of a recording: it can be shown but not run. */
function shownOnly(spec: RunStartEvent["tools"][number]): NonNullable<RunOptions["tools"]>[number] {
  return {
    ...spec,
    execute: () => {
      throw hxError("HX_RUN_FAULT", { problem: "a replay tried to run a tool" });
    },
  };
}

function withoutOwn(
  tools: NonNullable<RunOptions["tools"]>,
  harness: LoadedHarness,
): NonNullable<RunOptions["tools"]> {
  const own = new Set(harness.tools.map((tool) => tool.name));
  return tools.filter((tool) => !own.has(tool.name));
}

function resolveModels(input: ModelsInput): Readonly<Record<string, RoleModels>> {
  return Object.fromEntries(
    Object.entries(input).map(([role, model]) => [
      role,
      isClient(model) ? { targets: [{ client: model }] } : model,
    ]),
  );
}

function isClient(model: ModelClient | RoleModels): model is ModelClient {
  return "generate" in model;
}
