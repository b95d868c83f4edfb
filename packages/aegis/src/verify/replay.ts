import { readTrace, type TraceEvent } from "@harnessx/core";
import { episodeOf, type Episode } from "@harnessx/core/testing";
import { drive, type Driven, type RunNames } from "./drive.ts";
import { judged, late, notApplicable, uncovered, type Outcome } from "./outcome.ts";
import type { Subject } from "./subject.ts";
import type { Setup } from "./watch.ts";

/** A recorded run, ready to be played again. */
export interface Recording {
  readonly episode: Episode;
  readonly names: RunNames;
}

/** Reads recorded runs; one that cannot be read is left out, as it says nothing about a package. */
export async function readRecordings(
  traces: readonly (string | readonly TraceEvent[])[],
): Promise<Recording[]> {
  const read = await Promise.all(
    traces.map(async (trace, index): Promise<Recording[]> => {
      try {
        const events = typeof trace === "string" ? (await readTrace(trace)).events : trace;
        const start = events.find((event) => event.type === "run.start");
        if (!start) return [];
        const episode = await episodeOf(events, `recorded trace ${index + 1}`);
        return [{ episode, names: { task: start.task.id, run: start.run } }];
      } catch {
        return [];
      }
    }),
  );
  return read.flat();
}

/** A recording and what the candidate did in it. */
export interface Replayed extends Driven {
  readonly recording: Recording;
}

/** Plays recordings through a candidate. */
export async function playAll(
  subject: Subject,
  setup: Setup,
  recordings: readonly Recording[],
): Promise<Replayed[]> {
  const played: Replayed[] = [];
  for (const recording of recordings) {
    played.push({
      ...(await drive(subject, setup, recording.episode, recording.names)),
      recording,
    });
    if (played.at(-1)!.notes.ended) break;
  }
  return played;
}

/** No violation of the contract, no crash, and every hook that it claims was dispatched to it. */
export function judgeReplay(subject: Subject, played: readonly Replayed[], given: number): Outcome {
  if (given === 0) return notApplicable;
  if (played.length === 0) return uncovered("none of the recorded runs can be read");
  if (played.some(({ notes }) => notes.late)) return late("time ran out in a recorded run");
  const findings = played.flatMap(({ recording, result }) =>
    result.error && result.exit === "harness_fault"
      ? [`${recording.episode.name}: ${result.error.message}`]
      : [],
  );
  const hooks = subject.inspected.metadata.hooks ?? [];
  const dispatched = (hook: (typeof hooks)[number]): number =>
    played.reduce((sum, { notes }) => sum + (notes.dispatched.get(hook) ?? 0), 0);
  const sum = (of: (one: Replayed) => number): number =>
    played.reduce((total, one) => total + of(one), 0);
  const counts = {
    runs: played.length,
    events: sum(({ notes }) => notes.events),
    acted: sum(({ notes }) => notes.acted),
    hooks: hooks.length,
  };
  if (findings.length > 0) return judged(findings, counts);
  const silent = hooks.filter((hook) => dispatched(hook) === 0);
  return silent.length > 0
    ? uncovered(`no recorded run dispatches ${silent.join(", ")}`, counts)
    : judged([], counts);
}
