import { callKey, defineProcessor, replace, type JsonObject } from "@harnessx/core/plugin";

/** Options of the episode-metrics processor. */
export interface EpisodeMetricsOptions {
  /** Also give the figures of every tool. */
  readonly perTool: boolean;
}

/** Figures of one tool, in a row so that no tool name can clash with a field. */
type ToolRow = [name: string, calls: number, errors: number];

/** What survives a swap. */
type Metrics = {
  calls: number;
  errors: number;
  repeats: number;
  /** The longest time between the ends of two steps, in milliseconds. */
  longestGapMs: number;
  lastAt: number;
  tools: ToolRow[];
  /** Calls seen, to recognise repeats. */
  seen: string[];
};

/** Counts what happens in a task and attaches the figures at its end. Changes nothing else. */
export default defineProcessor<EpisodeMetricsOptions>((run, options) => {
  const cell = run.cell<Metrics>("metrics", {
    calls: 0,
    errors: 0,
    repeats: 0,
    longestGapMs: 0,
    lastAt: run.clock.now(),
    tools: [],
    seen: [],
  });
  // Indexes over the cell, made anew from it when a swap makes a new instance.
  const seen = new Set(cell.value.seen);
  const rows = new Map(cell.value.tools.map((row) => [row[0], row]));

  run.hooks.stepEnd.tap("count", (event) => {
    const metrics = cell.value;
    const now = run.clock.now();
    metrics.longestGapMs = Math.max(metrics.longestGapMs, now - metrics.lastAt);
    metrics.lastAt = now;
    for (const { call, result } of event.calls) {
      let row = rows.get(call.name);
      if (!row) {
        row = [call.name, 0, 0];
        rows.set(call.name, row);
        metrics.tools.push(row);
      }
      const failed = result.status === "ok" ? 0 : 1;
      row[1] += 1;
      row[2] += failed;
      metrics.calls += 1;
      metrics.errors += failed;
      const key = callKey(call);
      if (seen.has(key)) {
        metrics.repeats += 1;
      } else {
        seen.add(key);
        metrics.seen.push(key);
      }
    }
  });

  run.hooks.taskEnd.tap("report", (event) => {
    const { calls, errors, repeats, longestGapMs, tools } = cell.value;
    const { steps, modelCalls, inputTokens, outputTokens, costUsd } = event.totals;
    const perTool = tools.map(
      ([name, of, failed]) => [name, { calls: of, errors: failed }] as const,
    );
    const details: JsonObject = {
      exit: event.exit,
      steps,
      modelCalls,
      inputTokens,
      outputTokens,
      costUsd,
      calls,
      errors,
      repeats,
      longestGapMs,
      ...(options.perTool ? { tools: Object.fromEntries(perTool) } : {}),
    };
    run.log("episode-metrics", details);
    return replace(event.withEvaluation({ name: "episode-metrics", score: 1, details }));
  });
});
