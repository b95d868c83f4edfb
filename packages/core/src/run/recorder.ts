import { hxError, type HarnessXError } from "../errors/index.ts";
import { ControlSignal } from "../hooks/control-signal.ts";
import type { HookName } from "../plugin/hooks.ts";
import { sameEvent } from "../trace/same-event.ts";
import type { TraceEvent, TraceSink } from "../trace/schema.ts";

/** What to do where a recording ends: go on for real, or stop. */
export type AfterRecording = "continue" | "stop";

/** Recorded events that the run must repeat. */
export interface Recording {
  readonly events: readonly TraceEvent[];
  readonly after: AfterRecording;
}

/** Thrown out of a replay when its recording ends before the run did. */
export class RecordingEnded extends ControlSignal {}

/** Thrown where the recorded run was stopped from outside, which no replay could find out by itself. */
export class RecordedStop extends ControlSignal {
  readonly exit: "aborted" | "budget_time";
  readonly reason: string | undefined;

  constructor(exit: "aborted" | "budget_time", reason: string | undefined) {
    super(reason);
    this.exit = exit;
    this.reason = reason;
  }
}

/** What may still be recorded after a run was stopped from outside. */
const ENDING: ReadonlySet<TraceEvent["type"]> = new Set([
  "hook",
  "log",
  "spawn.end",
  "error",
  "run.end",
]);

/** An event without its position and time, which the recorder fills in. */
export type Draft<Event extends TraceEvent> = Event extends TraceEvent
  ? { -readonly [Key in keyof Event]: Event[Key] }
  : never;

/**
 * Numbers, dates, checks and distributes the events of one run.
 *
 * While a recording lasts, every event must be the recorded one, and takes its time from it; so
 * processors that look at the clock do the same again. Behind the recording events go to the sink.
 */
export class Recorder {
  readonly #sink: TraceSink | undefined;
  readonly #recording: Recording | undefined;
  readonly #listeners: ((event: TraceEvent) => void)[] = [];
  #seq = 0;
  #now: number;
  #ended = false;

  constructor(sink: TraceSink | undefined, recording: Recording | undefined) {
    this.#sink = sink;
    this.#recording = recording;
    this.#now = recording?.events[0]?.at ?? Date.now();
  }

  /** Whether anybody receives what is recorded: if not, details need not be collected. */
  get detailed(): boolean {
    return this.#sink !== undefined || this.#recording !== undefined || this.#listeners.length > 0;
  }

  /** Time of the latest event. */
  get now(): number {
    return this.#now;
  }

  /** Whether the next event is a recorded one. */
  get replaying(): boolean {
    return this.#recording !== undefined && this.#seq < this.#recording.events.length;
  }

  listen(listener: (event: TraceEvent) => void): void {
    this.#listeners.push(listener);
  }

  /** The next recorded event. */
  peek(): TraceEvent | undefined {
    return this.#recording?.events[this.#seq];
  }

  /** The next recorded event of one type, however far ahead. */
  ahead<Type extends TraceEvent["type"]>(
    type: Type,
  ): Extract<TraceEvent, { type: Type }> | undefined {
    const events = this.#recording?.events ?? [];
    for (let index = this.#seq; index < events.length; index += 1) {
      const event = events[index]!;
      if (event.type === type) return event as Extract<TraceEvent, { type: Type }>;
    }
    return undefined;
  }

  /** Takes the next recorded event as it is. */
  accept(): TraceEvent {
    const event = this.#recording!.events[this.#seq]!;
    this.#seq += 1;
    this.#now = event.at;
    this.#tell(event);
    return event;
  }

  /** Takes position and time into `draft` and hands it on. Returns its position. */
  emit<Event extends TraceEvent>(draft: Draft<Event>): number {
    if (this.#ended) return -1;
    const event = draft as { seq: number; at: number } & TraceEvent;
    if (event.type === "run.end") this.#ended = true;
    const recorded = this.peek();
    event.seq = this.#seq;
    if (recorded) {
      event.at = recorded.at;
      if (!sameEvent(event, recorded))
        throw this.#recordedStop(recorded) ?? divergence(recorded, event);
      this.#seq += 1;
      this.#now = recorded.at;
      this.#tell(recorded);
      return recorded.seq;
    }
    if (this.#recording?.after === "stop") throw new RecordingEnded();
    // The first event dates from when the run was made: what counts from there counts alike in a replay.
    if (this.#seq > 0) this.#now = Date.now();
    event.at = this.#now;
    this.#seq += 1;
    this.#sink?.write(event);
    this.#tell(event);
    return event.seq;
  }

  /** Called before anything happens outside: throws when the recording says that something else happened, or nothing more. */
  requireLive(what: string): void {
    const recorded = this.peek();
    if (recorded) {
      throw (
        this.#recordedStop(recorded) ??
        hxError("HX_RESUME_DIVERGED", {
          seq: recorded.seq,
          recorded: recorded.type,
          now: what,
          recordedEvent: recorded,
        })
      );
    }
    if (this.#recording?.after === "stop") throw new RecordingEnded();
  }

  /** In a replay: the stop that hit the recorded run while `hook` waited behind its first `done` taps. */
  stoppedIn(hook: HookName, done: number): RecordedStop | undefined {
    const recorded = this.peek();
    if (recorded?.type !== "hook" || recorded.hook !== hook || recorded.taps.length > done)
      return undefined;
    return this.#recordedStop(recorded);
  }

  /** When `recorded` belongs to the end of a run that was stopped from outside: that stop. */
  #recordedStop(recorded: TraceEvent): RecordedStop | undefined {
    const events = this.#recording?.events ?? [];
    const last = events.at(-1);
    if (last?.type !== "run.end" || last.stopped !== true) return undefined;
    const isEnding = events.slice(recorded.seq).every((event) => ENDING.has(event.type));
    return isEnding ? new RecordedStop(last.exit as RecordedStop["exit"], last.reason) : undefined;
  }

  /** Hands what was written to the operating system. */
  flush(): void | Promise<void> {
    return this.#sink?.flush();
  }

  close(): void | Promise<void> {
    return this.#sink?.close();
  }

  #tell(event: TraceEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function divergence(recorded: TraceEvent, now: TraceEvent): HarnessXError {
  return hxError("HX_RESUME_DIVERGED", {
    seq: recorded.seq,
    recorded: recorded.type,
    now: now.type,
    recordedEvent: recorded,
    event: now,
  });
}
