import type { LogEvent, RunStartEvent } from "../../src/trace/index.ts";

/** A small first event. */
export function startEvent(run = "r"): RunStartEvent {
  return {
    type: "run.start",
    seq: 0,
    at: 1,
    v: 1,
    run,
    task: { id: "t", text: "do it" },
    harness: { proposed: "h", deployed: "h", executed: "h" },
    manifest: {},
    models: {},
    seed: 1,
    tools: [],
    environment: { node: "20", core: "0" },
  };
}

/** An event that carries anything. */
export function logEvent(seq: number, message: string, data?: LogEvent["data"]): LogEvent {
  return data === undefined
    ? { type: "log", seq, at: seq, by: "test", message }
    : { type: "log", seq, at: seq, by: "test", message, data };
}
