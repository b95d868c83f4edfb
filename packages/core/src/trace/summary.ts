import type { ExitReason, Totals } from "../plugin/outcome.ts";
import type { ToolStatus } from "../plugin/message.ts";
import type { HookTapRecord, TraceEvent } from "./schema.ts";

/** The calls of one tool. */
export interface ToolSummary {
  calls: number;
  ms: number;
  statuses: Partial<Record<ToolStatus, number>>;
}

/** The calls of one model. */
export interface ModelSummary {
  calls: number;
  errors: number;
  ms: number;
  inputTokens: number;
  outputTokens: number;
  costUsd: number;
}

/** What one processor did. */
export interface ProcessorSummary {
  /** Taps that ran. */
  taps: number;
  ms: number;
  verdicts: Partial<Record<HookTapRecord["verdict"], number>>;
}

/** A trace in numbers. */
export interface TraceSummary {
  run: string;
  /** Text of the task. */
  task: string;
  /** Hash of the harness that the run ended on. */
  harness: string;
  swaps: number;
  /** Events by kind. */
  events: Partial<Record<TraceEvent["type"], number>>;
  tools: Record<string, ToolSummary>;
  models: Record<string, ModelSummary>;
  processors: Record<string, ProcessorSummary>;
  /** Error events by code. */
  errors: Record<string, number>;
  /** Absent while the run goes on, or when it was cut off. */
  exit?: ExitReason;
  reason?: string;
  output?: string;
  /** The last that the trace states. */
  totals?: Totals;
  /** Milliseconds since 1970. */
  started?: number;
  /** From the first to the last event. */
  ms: number;
}

/** Counts what happened in a run, finished or not. */
export function summarizeTrace(events: Iterable<TraceEvent>): TraceSummary {
  const summary: TraceSummary = {
    run: "",
    task: "",
    harness: "",
    swaps: 0,
    events: {},
    tools: table(),
    models: table(),
    processors: table(),
    errors: table(),
    ms: 0,
  };
  for (const event of events) {
    if (summary.exit !== undefined) reopen(summary);
    bump(summary.events, event.type);
    summary.started ??= event.at;
    summary.ms = event.at - summary.started;
    count(summary, event);
  }
  return summary;
}

function count(summary: TraceSummary, event: TraceEvent): void {
  switch (event.type) {
    case "run.start":
      summary.run = event.run;
      summary.task = event.task.text;
      summary.harness = event.harness.executed;
      return;
    case "hook":
      for (const tap of event.taps) countTap(summary, tap);
      return;
    case "model.response": {
      const model = modelOf(summary, event.model);
      model.calls++;
      model.ms += event.ms;
      model.inputTokens += event.usage.input;
      model.outputTokens += event.usage.output;
      model.costUsd += event.costUsd;
      return;
    }
    case "model.error":
      modelOf(summary, event.model).errors++;
      return;
    case "tool.result": {
      const tool = (summary.tools[event.name] ??= { calls: 0, ms: 0, statuses: {} });
      tool.calls++;
      tool.ms += event.ms;
      bump(tool.statuses, event.status);
      return;
    }
    case "step.end":
      summary.totals = event.totals;
      return;
    case "swap":
      summary.swaps++;
      summary.harness = event.to;
      return;
    case "error":
      bump(summary.errors, event.code);
      return;
    case "run.end":
      summary.exit = event.exit;
      summary.output = event.output;
      summary.totals = event.totals;
      if (event.reason !== undefined) summary.reason = event.reason;
      return;
    case "decision":
    case "history":
    case "interrupt":
    case "log":
    case "message":
    case "model.request":
    case "spawn":
    case "spawn.end":
    case "step.start":
    case "tool.call":
      return;
  }
}

/** Something follows a run.end: the run was resumed and is not over. */
function reopen(summary: TraceSummary): void {
  delete summary.exit;
  delete summary.reason;
  delete summary.output;
}

function countTap(summary: TraceSummary, tap: HookTapRecord): void {
  const processor = (summary.processors[tap.processor] ??= { taps: 0, ms: 0, verdicts: {} });
  processor.taps++;
  processor.ms += tap.ms;
  bump(processor.verdicts, tap.verdict);
}

function modelOf(summary: TraceSummary, id: string): ModelSummary {
  return (summary.models[id] ??= {
    calls: 0,
    errors: 0,
    ms: 0,
    inputTokens: 0,
    outputTokens: 0,
    costUsd: 0,
  });
}

function bump<Key extends string>(counts: Partial<Record<Key, number>>, key: Key): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

/** Without a prototype: a tool may be called `constructor`. */
function table<Value>(): Record<string, Value> {
  return Object.create(null) as Record<string, Value>;
}
