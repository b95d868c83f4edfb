import type { LoadedHarness } from "@harnessx/core";
import { createDriftDetector } from "../gate/index.ts";
import type { JournalEvent } from "../journal/index.ts";
import { pairUp } from "../bench/index.ts";
import { comparePaired, deriveSeed, noiseFloor } from "../statistics/index.ts";
import { runTrials, tell, type Session } from "./session.ts";

/** Measures the harness against itself on validation, under two seeds: what a difference is worth. */
export async function measureFloor(session: Session, harness: LoadedHarness): Promise<void> {
  const { options, run, validation, journal } = session;
  const arm = (name: string) =>
    runTrials(session, "floor", harness, {
      tasks: validation,
      reps: [0],
      seed: deriveSeed("floor", options.seed, run, name),
      fresh: true,
    });
  const tasks = pairUp(await arm("a"), await arm("b"));
  const { delta: difference, wins, losses, ties } = comparePaired(tasks, options.seed);
  const pairs = wins + losses + ties;
  const flips = (wins + losses) / Math.max(1, pairs);
  const halfWidth = noiseFloor(tasks, options.seed);
  journal.append({ t: "floor", run, harness: harness.hash, pairs, flips, difference, halfWidth });
  tell(
    session,
    0,
    "floor",
    `±${(100 * halfWidth).toFixed(1)} points between two measurements of one harness`,
  );
}

/**
 * Compares the incumbent with the harness at the beginning, two fresh blocks on train. True raises
 * the alarm: many small losses have come together that no single certification could see.
 */
export async function watchDrift(
  session: Session,
  round: number,
  incumbent: LoadedHarness,
): Promise<boolean> {
  const { options, anchor, train, journal } = session;
  if (incumbent.hash === anchor.hash) return false;
  const seed = deriveSeed("drift", options.seed, round);
  const trials = { tasks: train, reps: [0, 1], seed, fresh: true };
  const now = await runTrials(session, "drift", incumbent, trials);
  const before = await runTrials(session, "drift", anchor, trials);
  const { wins, losses, ties } = comparePaired(pairUp(before, now), seed);
  const counts = { a: wins, b: losses, c: ties };
  const detector = createDriftDetector({});
  const earlier = looksOf(journal.events, anchor.hash);
  for (const { a, b, c } of earlier) detector.look(a, b, c);
  const alarm = detector.look(counts.a, counts.b, counts.c);
  journal.append({ t: "drift", anchor: anchor.hash, harness: incumbent.hash, counts, alarm });
  tell(session, round, "drift", `${counts.a} won, ${counts.b} lost against the beginning`);
  return alarm;
}

const looksOf = (events: readonly JournalEvent[], anchor: string) =>
  events.flatMap((event) => (event.t === "drift" && event.anchor === anchor ? [event.counts] : []));
