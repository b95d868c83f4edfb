import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { LogEvent, RunStartEvent, TraceEvent, TraceSink } from "../../src/trace/index.ts";

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): { readonly path: string; file(): string } {
  const path = mkdtempSync(join(tmpdir(), "hx-trace-"));
  let files = 0;
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return { path, file: () => join(path, String(files++), "run.jsonl") };
}

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

/** Writes, flushes and closes. */
export async function writeAll(sink: TraceSink, events: readonly TraceEvent[]): Promise<void> {
  for (const event of events) sink.write(event);
  await sink.flush();
  await sink.close();
}

/** The code of the error that `work` throws or rejects with. */
export async function codeOf(work: () => unknown): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
}
