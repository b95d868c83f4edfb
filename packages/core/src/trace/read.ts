import { decodeFile, openTrace, type TornLine } from "./decode.ts";
import type { TraceEvent } from "./schema.ts";

export interface ReadTraceOptions {
  /**
   * `inline` (default): long strings are as they were. `keep`: they stay `{ $blob, bytes, head }`
   * in place of the string, no blob is opened, and payload keys such as `$blob` stay escaped.
   */
  readonly blobs?: "inline" | "keep";
  /** `blobs` beside the trace by default. */
  readonly blobDir?: string;
}

/** A trace and, when a crash cut it, the line that is not part of it. */
export interface TraceFile {
  readonly events: TraceEvent[];
  readonly torn?: TornLine;
}

/** What a repair removed. */
export interface RepairedTrace extends TornLine {
  /** The removed bytes as text. */
  readonly text: string;
}

/**
 * Reads a trace and checks every event. A torn last line is left out and reported; anything else
 * that is wrong rejects with `HX_TRACE_CORRUPT`, `HX_TRACE_VERSION` or `HX_TRACE_BLOB_…`. An empty
 * file has no events: the process died before its first flush was whole.
 */
export async function readTrace(path: string, options: ReadTraceOptions = {}): Promise<TraceFile> {
  const events: TraceEvent[] = [];
  const batches = decodeFile(path, options);
  for (;;) {
    const next = await batches.next();
    if (next.done) return next.value === undefined ? { events } : { events, torn: next.value };
    for (const event of next.value) events.push(event);
  }
}

/**
 * Reads a trace without holding more than about a megabyte of it. Ends before a torn last line,
 * which is the generator's return value.
 */
export async function* streamTrace(
  path: string,
  options: ReadTraceOptions = {},
): AsyncGenerator<TraceEvent, TornLine | undefined> {
  const batches = decodeFile(path, options);
  try {
    for (;;) {
      const next = await batches.next();
      if (next.done) return next.value;
      yield* next.value;
    }
  } finally {
    await batches.return(undefined);
  }
}

const CHUNK = 1024 * 1024;

/**
 * Cuts a torn last line off, so that the file can be appended to, and waits until that is on
 * stable storage; undefined when the file ends with a whole line. Looks at nothing but line ends.
 */
export async function repairTrace(path: string): Promise<RepairedTrace | undefined> {
  const file = await openTrace(path, "r+");
  try {
    const chunk = Buffer.allocUnsafe(CHUNK);
    let lines = 0;
    let whole = 0;
    let size = 0;
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK, size);
      if (bytesRead === 0) break;
      const bytes = chunk.subarray(0, bytesRead);
      for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) {
        lines++;
        whole = size + at + 1;
      }
      size += bytesRead;
    }
    if (whole === size) return undefined;
    const cut = Buffer.alloc(size - whole);
    await file.read(cut, 0, cut.length, whole);
    await file.truncate(whole);
    await file.sync();
    return { line: lines + 1, bytes: cut.length, text: cut.toString() };
  } finally {
    await file.close();
  }
}
