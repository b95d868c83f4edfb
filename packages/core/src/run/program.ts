import * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import { HarnessXError, hxError, messageOf } from "../errors/index.ts";
import { TaskEnd } from "../hooks/events.ts";
import type { Json } from "../plugin/json.ts";
import { version } from "../version.ts";
import { TRACE_VERSION } from "../trace/schema.ts";
import type { Ending, RunCore, Steps } from "./core.ts";
import { converse } from "./loop.ts";
import { flush } from "./tool-wave.ts";
import { ProcessorHost } from "./processor-host.ts";
import { RecordedStop, RecordingEnded } from "./recorder.ts";
import type { RunResult } from "./types.ts";

/**
 * One run as one effect: it never fails, and it can be interrupted at any moment; what must happen
 * at the end happens all the same.
 */
export function runProgram(core: RunCore): Effect.Effect<RunResult> {
  return Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.exit(restore(Effect.gen(() => body(core)))), (exit) => {
      const ended = recordingEnd(exit);
      if (!ended) return Effect.gen(() => finish(core, endingOf(core, exit)));
      return Effect.andThen(core.host?.dispose() ?? Effect.void, Effect.die(ended));
    }),
  );
}

function* body(core: RunCore): Steps<Ending> {
  start(core);
  // The caller's signal was aborted before the run began.
  if (core.stop) return core.stop;
  const host = new ProcessorHost(core);
  core.host = host;
  core.pipeline = yield* host.start(core.harness);
  return yield* converse(core);
}

function start(core: RunCore): void {
  const { recorder, task, hashes, harness, options } = core;
  if (recorder.replaying) {
    // The caller has compared the harness; machine and versions may differ between two executions.
    recorder.accept();
    return;
  }
  const models = Object.fromEntries(
    Object.entries(core.models).map(([role, { targets }]) => [
      role,
      { id: targets[0].client.id, policy: targets[0].client.policy },
    ]),
  );
  recorder.emit({
    seq: 0,
    at: 0,
    type: "run.start",
    v: TRACE_VERSION,
    run: core.id,
    ...(core.parent ? { parent: core.parent } : undefined),
    task,
    harness: hashes,
    manifest: harness.canonical,
    models,
    seed: core.seed,
    ...(options.interruptOn?.length ? { interruptOn: options.interruptOn } : undefined),
    ...(options.limits ? { limits: options.limits } : undefined),
    tools: core.tools.specs,
    environment: { node: process.version, core: version, ...options.labels },
  });
}

/** A replay whose recording is at its end: there is no result to make. */
function recordingEnd(exit: Exit.Exit<Ending, HarnessXError>): RecordingEnded | undefined {
  const thrown = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined;
  return thrown instanceof RecordingEnded ? thrown : undefined;
}

/** Turns whatever ended the conversation into an exit reason. */
function endingOf(core: RunCore, exit: Exit.Exit<Ending, unknown>): Ending {
  if (Exit.isSuccess(exit)) return exit.value;
  const thrown = Cause.hasInterruptsOnly(exit.cause) ? undefined : Cause.squash(exit.cause);
  if (thrown === undefined)
    return core.stop ?? { exit: "aborted", reason: "The run was interrupted." };
  if (thrown instanceof RecordedStop) {
    core.replayedStop = true;
    core.stop = {
      exit: thrown.exit,
      ...(thrown.reason === undefined ? {} : { reason: thrown.reason }),
    };
    return core.stop;
  }
  const error = HarnessXError.isInstance(thrown)
    ? thrown
    : hxError("HX_RUN_FAULT", { problem: messageOf(thrown) }, thrown);
  return {
    exit: error._tag === "ModelError" ? "model_error" : "harness_fault",
    reason: error.message,
    error,
  };
}

function* finish(
  core: RunCore,
  conversation: Ending,
): Generator<Effect.Effect<unknown>, RunResult, never> {
  let ending = conversation;
  const parked = ending.exit === "interrupted";
  // A resume that is stopped while it still replays has nothing to add to the trace.
  const unfinishedReplay = core.stop !== undefined && !core.replayedStop && core.recorder.replaying;
  const unrecordable =
    unfinishedReplay ||
    ending.error?.code === "HX_TRACE_WRITE_FAILED" ||
    ending.error?.code === "HX_RESUME_DIVERGED";
  core.host?.cancelCalls();
  for (const child of core.children) child.abort("The parent run has ended.");
  if (core.spawning.size > 0) yield* Effect.promise(() => Promise.all(core.spawning));
  acceptChildEnds(core);
  if (!parked && !unrecordable && core.pipeline.taskEnd) {
    const exit = yield* Effect.exit(Effect.gen(() => judge(core, ending)));
    if (Exit.isFailure(exit) && ending.error === undefined) {
      const failed = endingOf(core, Exit.failCause(exit.cause));
      const output = ending.output ?? core.output;
      // An ending that was abnormal already keeps its reason.
      ending = ending.exit === "done" ? { ...failed, output } : { ...ending, error: failed.error };
    }
  }
  if (core.starting) yield* core.starting.dispose();
  if (core.host) yield* core.host.dispose();
  if (!unrecordable) {
    const problem = yield* Effect.exit(Effect.gen(() => recordEnd(core, ending, parked)));
    if (Exit.isFailure(problem)) {
      ending = { output: ending.output, ...endingOf(core, Exit.failCause(problem.cause)) };
    }
  }
  core.closed = true;
  const closed = yield* Effect.exit(
    Effect.tryPromise({
      try: async () => core.recorder.close(),
      catch: (thrown) => thrown as HarnessXError,
    }),
  );
  if (Exit.isFailure(closed) && !unrecordable)
    ending = { output: ending.output, ...endingOf(core, Exit.failCause(closed.cause)) };
  core.swap?.failed(hxError("HX_SWAP_REJECTED", { problem: "the run has ended" }));
  core.swap = undefined;
  return (core.result = resultOf(core, ending));
}

/** In a replay of a stopped run: the subagents that were stopped with it ended here. */
function acceptChildEnds({ recorder, ledger }: RunCore): void {
  for (let next = recorder.peek(); next?.type === "spawn.end"; next = recorder.peek()) {
    recorder.accept();
    ledger.child(next.totals);
  }
}

/** `taskEnd`: evaluations may be attached, whatever the ending. */
function* judge(core: RunCore, ending: Ending): Steps<void> {
  const event = new TaskEnd({
    task: core.task,
    output: ending.output ?? core.output,
    exit: ending.exit,
    totals: core.ledger.totals(),
    evaluations: core.evaluations,
  });
  const outcome = yield* core.pipeline.taskEnd!(event);
  if (outcome.kind === "continue") core.evaluations = outcome.event.evaluations;
}

function* recordEnd(core: RunCore, ending: Ending, parked: boolean): Steps<void> {
  const { recorder } = core;
  if (parked) {
    yield* flush(core);
    return;
  }
  if (ending.error) {
    const { code, message, hint, details } = ending.error;
    recorder.emit({
      seq: 0,
      at: 0,
      type: "error",
      step: core.step,
      code,
      message,
      hint,
      details: plain(details),
    });
  }
  recorder.emit({
    seq: 0,
    at: 0,
    type: "run.end",
    exit: ending.exit,
    output: ending.output ?? core.output,
    ...(ending.reason === undefined ? undefined : { reason: ending.reason }),
    ...(core.stop && ending.exit === core.stop.exit ? { stopped: true as const } : undefined),
    totals: core.ledger.totals(),
    evaluations: core.evaluations,
  });
}

/** Details as JSON: they may hold anything that was thrown. */
function plain(details: Readonly<Record<string, unknown>>): Json {
  try {
    return JSON.parse(JSON.stringify(details)) as Json;
  } catch {
    return {};
  }
}

function resultOf(core: RunCore, ending: Ending): RunResult {
  const { exit, reason, error } = ending;
  return Object.freeze({
    runId: core.id,
    exit,
    output: ending.output ?? core.output,
    ...(reason === undefined ? {} : { reason }),
    ...(error === undefined ? {} : { error }),
    totals: core.ledger.totals(),
    evaluations: core.evaluations,
    harness: core.hashes,
    messages: core.history.view(),
    ...(core.pending && exit === "interrupted" ? { pending: core.pending } : {}),
  });
}
