import { createRedactor } from "./redact.ts";
import type { TraceEvent, TraceSink } from "./schema.ts";

export interface MemorySinkOptions {
  /** Secret values that must not be kept; replaced by `[redacted]`. */
  readonly redact?: readonly string[];
}

/** A sink that keeps the events themselves, not copies. */
export interface MemorySink extends TraceSink {
  readonly events: TraceEvent[];
}

/**
 * Keeps a trace in memory, for tests and for runs whose caller wants the events and no file.
 *
 * @example
 * ```ts
 * import { createMemorySink } from "@harnessx/core";
 * createMemorySink().events.length; // 0
 * ```
 */
export function createMemorySink(options: MemorySinkOptions = {}): MemorySink {
  const events: TraceEvent[] = [];
  const redactor = createRedactor(options.redact);
  return {
    events,
    write: redactor
      ? (event) => void events.push(redactor.clean(event))
      : (event) => void events.push(event),
    flush() {},
    close() {},
  };
}
