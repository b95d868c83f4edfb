import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { TraceEvent, TraceSink } from "../../src/trace/index.ts";

export { logEvent, startEvent } from "./events.ts";

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): { readonly path: string; file(): string } {
  const path = mkdtempSync(join(tmpdir(), "hx-trace-"));
  let files = 0;
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return { path, file: () => join(path, String(files++), "run.jsonl") };
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
