import * as Cause from "effect/Cause";
import * as Exit from "effect/Exit";
import { HarnessXError, hxError, messageOf } from "../errors/index.ts";
import type { LoadedHarness } from "../load/harness.ts";
import { readTrace, repairTrace } from "../trace/index.ts";
import type { RunEndEvent, RunStartEvent, TraceEvent } from "../trace/schema.ts";
import { RecordingEnded } from "./recorder.ts";
import type { ReplayResult, RunResult } from "./types.ts";

/** Repairs the torn end of a trace and reads it. */
export async function readForResume(path: string): Promise<readonly TraceEvent[]> {
  await repairTrace(path);
  const { events } = await readTrace(path);
  if (events.length === 0) throw hxError("HX_TRACE_EMPTY", { path });
  return events;
}

/** The start of a trace that this harness may go on with. Throws HX_RESUME_FINISHED, HX_HASH_MISMATCH, HX_TRACE_CORRUPT. */
export function requireResumable(
  events: readonly TraceEvent[],
  harness: LoadedHarness,
): RunStartEvent {
  const started = requireStart(events);
  const last = events.at(-1) as RunEndEvent | TraceEvent;
  if (last.type === "run.end")
    throw hxError("HX_RESUME_FINISHED", { run: started.run, exit: last.exit });
  if (started.harness.executed !== harness.hash) {
    throw hxError("HX_HASH_MISMATCH", {
      proposed: started.harness.executed,
      executed: harness.hash,
    });
  }
  return started;
}

function requireStart(events: readonly TraceEvent[]): RunStartEvent {
  const first = events[0];
  if (first?.type !== "run.start") {
    throw hxError("HX_TRACE_CORRUPT", {
      path: "the trace",
      line: 1,
      problem: "it does not begin with run.start",
    });
  }
  return first;
}

/** Drives a run through a recording and compares. */
export async function replayRecording(
  trace: string | readonly TraceEvent[],
  launch: (
    events: readonly TraceEvent[],
    started: RunStartEvent,
    listener: (event: TraceEvent) => void,
  ) => Promise<Exit.Exit<RunResult>>,
): Promise<ReplayResult> {
  const events = typeof trace === "string" ? (await readTrace(trace)).events : trace;
  const started = requireStart(events);
  const replayed: TraceEvent[] = [];
  const exit = await launch(events, started, (event) => replayed.push(event));
  const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : exit.value.error;
  if (error instanceof RecordingEnded || replayed.length === events.length)
    return { identical: true, events: replayed };
  if (HarnessXError.isInstance(error) && error.code === "HX_RESUME_DIVERGED") {
    const { seq, event } = error.details as { readonly seq: number; readonly event?: TraceEvent };
    return {
      identical: false,
      divergence: { seq, recorded: events[seq], replayed: event },
      events: replayed,
    };
  }
  if (Exit.isFailure(exit)) throw hxError("HX_RUN_FAULT", { problem: messageOf(error) }, error);
  const seq = replayed.length;
  return {
    identical: false,
    divergence: { seq, recorded: events[seq], replayed: undefined },
    events: replayed,
  };
}
