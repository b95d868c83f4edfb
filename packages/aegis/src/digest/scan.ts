import { isAscii, isUtf8 } from "node:buffer";
import { closeSync, openSync, readSync } from "node:fs";
import { TRACE_VERSION, type TraceEvent } from "@harnessx/core";
import { scanTaps } from "./taps.ts";

/** Takes what a scan finds, in the order of the trace. */
export interface TraceConsumer {
  /** An event that a digest uses. */
  add(event: TraceEvent): void;
  /** One tap of a hook event; `skip` with the event's position comes before it. */
  tap(processor: string, verdict: string, ops: readonly string[]): void;
  /** An event of which only its position counts. */
  skip(seq: number): void;
}

const CHUNK = 1024 * 1024;
const NEWLINE = 0x0a;
const PARSE = new Set([
  "run.start",
  "model.response",
  "tool.call",
  "tool.result",
  "step.end",
  "run.end",
]);
const SKIP = new Set([
  "message",
  "history",
  "step.start",
  "model.request",
  "model.error",
  "swap",
  "spawn",
  "spawn.end",
  "decision",
  "interrupt",
  "log",
  "error",
]);
/** Long enough for the start of every line: seq, at and type. */
const HEAD = 96;

/**
 * Reads what a digest uses of a trace, several times as fast as parsing and checking all of it.
 *
 * Of every event its position and type are checked; the rest of those that a digest does not use is
 * not looked at. Returns false at anything that our writer does not write, at blobs, and when the file
 * cannot be read: `consumer` must then be thrown away and the trace read by core.
 */
export function scanTrace(path: string, consumer: TraceConsumer): boolean {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return false;
  }
  try {
    return scanFile(file, new LineScan(consumer));
  } catch (thrown) {
    if (thrown instanceof Unusual) return false;
    throw thrown;
  } finally {
    closeSync(file);
  }
}

class Unusual extends Error {}

/** A scan never waits, so that one is enough. */
let shared: Buffer | undefined;

function scanFile(file: number, lines: LineScan): boolean {
  let buffer = (shared ??= Buffer.allocUnsafe(CHUNK));
  let kept = 0;
  for (;;) {
    // A line longer than the buffer.
    if (kept === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
    const count = readSync(file, buffer, kept, buffer.length - kept, null);
    // What is left is a torn line, which belongs to no event.
    if (count === 0) return true;
    const filled = kept + count;
    const whole = buffer.subarray(0, filled).lastIndexOf(NEWLINE) + 1;
    if (whole > 0) lines.block(buffer.subarray(0, whole));
    buffer.copyWithin(0, whole, filled);
    kept = filled - whole;
  }
}

class LineScan {
  readonly #consumer: TraceConsumer;
  #seq = 0;

  constructor(consumer: TraceConsumer) {
    this.#consumer = consumer;
  }

  /** Takes whole lines. */
  block(bytes: Buffer): void {
    if (!isUtf8(bytes)) throw new Unusual();
    // One byte a character: far cheaper to decode.
    const encoding = isAscii(bytes) ? "latin1" : "utf8";
    for (let from = 0; from < bytes.length;) {
      const to = bytes.indexOf(NEWLINE, from);
      this.#line(bytes, from, to, encoding);
      from = to + 1;
      this.#seq += 1;
    }
  }

  #line(bytes: Buffer, from: number, to: number, encoding: "latin1" | "utf8"): void {
    const head = bytes.toString("latin1", from, Math.min(to, from + HEAD));
    const type = typeOf(head, this.#seq);
    // 0x7d is }.
    if (type === undefined || bytes[to - 1] !== 0x7d) throw new Unusual();
    if ((type === "run.start") !== (this.#seq === 0)) throw new Unusual();
    if (SKIP.has(type)) {
      this.#consumer.skip(this.#seq);
      return;
    }
    const line = bytes.toString(encoding, from, to);
    if (line.includes('$blob"')) throw new Unusual();
    if (type === "hook") {
      this.#consumer.skip(this.#seq);
      if (scanTaps(line, (...tap) => this.#consumer.tap(...tap))) return;
    } else if (!PARSE.has(type)) throw new Unusual();
    this.#parse(line, type);
  }

  #parse(line: string, type: string): void {
    let event: TraceEvent;
    try {
      event = JSON.parse(line) as TraceEvent;
    } catch {
      throw new Unusual();
    }
    if (event.type !== type || event.seq !== this.#seq || !isUsable(event)) throw new Unusual();
    this.#consumer.add(event);
  }
}

/** The type of a line that begins as our writer begins lines, with this position. */
function typeOf(head: string, seq: number): string | undefined {
  const start = `{"seq":${seq},"at":`;
  if (!head.startsWith(start)) return undefined;
  let at = start.length;
  // Digits and a decimal point.
  for (let code = head.charCodeAt(at); (code >= 0x30 && code <= 0x39) || code === 0x2e;) {
    at += 1;
    code = head.charCodeAt(at);
  }
  if (at === start.length || !head.startsWith(`,"type":"`, at)) return undefined;
  const end = head.indexOf('"', at + 9);
  return end < 0 ? undefined : head.slice(at + 9, end);
}

const isText = (value: unknown): boolean => typeof value === "string";
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isContent = (value: unknown): boolean => isText(value) || Array.isArray(value);

/** Whether what the digest reads of an event is there; core says in words what is wrong. */
function isUsable(event: TraceEvent): boolean {
  switch (event.type) {
    case "run.start":
      return event.v === TRACE_VERSION && isText(event.run) && isText(event.task?.text);
    case "hook":
      return Array.isArray(event.taps);
    case "model.response":
      return (
        Array.isArray(event.content) && isText(event.finish) && Number.isFinite(event.usage?.input)
      );
    case "tool.call":
      return isText(event.call?.id) && isText(event.call.name);
    case "tool.result":
      return (
        isText(event.call) &&
        isText(event.name) &&
        isText(event.status) &&
        isContent(event.content) &&
        isCount(event.step)
      );
    case "step.end":
      return isCount(event.step);
    case "run.end":
      return isText(event.exit);
    default:
      return false;
  }
}
