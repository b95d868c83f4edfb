import { defineProcessor, replace, type JsonObject } from "@harnessx/core/plugin";
import { emptyMemory, sightingsIn, type Memory } from "./observer.ts";
import type { RlSignalOptions, Sighting, Signal } from "./signal.ts";

export type { RlSignalOptions, Signal, SignalKind } from "./signal.ts";

/** What survives a swap. */
type State = {
  memory: Memory;
  counts: Record<string, number>;
  /** The first ones: the evaluation stays of bounded size. */
  signals: Signal[];
  dropped: number;
};

/** Marks what is worth learning from: each signal in the trace, all together as an evaluation. */
export default defineProcessor<RlSignalOptions>((run, options) => {
  const cell = run.cell<State>("signals", {
    memory: emptyMemory(),
    counts: {},
    signals: [],
    dropped: 0,
  });

  run.hooks.stepEnd.tap("mark", (event) => {
    const state = cell.value;
    for (const sighting of sightingsIn(event, state.memory, options)) {
      const weight = options.weights[sighting.kind];
      if (weight === 0) continue;
      const signal = signalOf(event.step, sighting, weight);
      run.log(options.name, signal);
      state.counts[signal.kind] = (state.counts[signal.kind] ?? 0) + 1;
      if (state.signals.length < options.maxSignals) state.signals.push(signal);
      else state.dropped += 1;
    }
  });

  run.hooks.taskEnd.tap("report", (event) => {
    const { counts, signals, dropped } = cell.value;
    const details: JsonObject = { v: 1, counts, signals, dropped };
    // No verdict: whether an agent that repeats itself has done its task is for others to say.
    return replace(event.withEvaluation({ name: options.name, score: 1, details }));
  });
});

function signalOf(step: number, sighting: Sighting, weight: number): Signal {
  const polarity = sighting.kind === "recovery" ? "positive" : "negative";
  return { v: 1, step, polarity, weight, ...sighting };
}
