import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { hxError, messageOf } from "../errors/index.ts";
import { isBlobRef } from "./blob.ts";
import { isRecord } from "./check.ts";

/** One trace of a folder. */
export interface TraceListing {
  readonly path: string;
  /** Size of the file. */
  readonly bytes: number;
  readonly run: string;
  /** The first characters of the task's text. */
  readonly task: string;
  /** Hash of the harness that the run began with. */
  readonly harness: string;
  /** Milliseconds since 1970. */
  readonly started: number;
  /** Steps at the latest event that says so. */
  readonly steps: number;
  /** Absent while the run goes on, or when it was cut off. */
  readonly exit?: string;
  /** Why the rest is empty: the file does not begin like a trace. */
  readonly problem?: string;
}

const EDGE = 16 * 1024;
/** A first line longer than this is no `run.start` that any writer made. */
const LIMIT = 64 * 1024 * 1024;
const TAIL_LIMIT = 1024 * 1024;
const HEAD = 120;
/** Files between two turns of the event loop. */
const TURN = 64;

/**
 * Lists the traces of a folder, newest first, from the head and the tail of each file. Nothing is
 * checked beyond that: a damaged file is listed with its problem.
 */
export async function listTraces(dir: string): Promise<TraceListing[]> {
  let names: string[];
  try {
    names = readdirSync(dir).filter((name) => name.endsWith(".jsonl"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw hxError("HX_TRACE_NOT_FOUND", { path: dir }, error);
  }
  const listings: TraceListing[] = [];
  for (const [index, name] of names.entries()) {
    if (index % TURN === TURN - 1) await nextTurn();
    listings.push(listOne(join(dir, name), name));
  }
  return listings.sort((a, b) => b.started - a.started || (a.path < b.path ? -1 : 1));
}

function listOne(path: string, name: string): TraceListing {
  const empty = {
    run: name.slice(0, -".jsonl".length),
    task: "",
    harness: "",
    started: 0,
    steps: 0,
  };
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    const bytes = fstatSync(fd).size;
    const head = readHead(fd, bytes);
    if (head === undefined)
      return { path, bytes, ...empty, problem: "it does not begin with a run.start" };
    return { path, bytes, ...head, ...readTail(fd, bytes) };
  } catch (error) {
    return { path, bytes: 0, ...empty, problem: messageOf(error) };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function readHead(fd: number, size: number) {
  let line: string | undefined;
  for (let length = EDGE; line === undefined; length *= 4) {
    const bytes = readAt(fd, 0, Math.min(length, size));
    const end = bytes.indexOf(10);
    if (end !== -1) line = bytes.toString("utf8", 0, end);
    else if (length >= Math.min(size, LIMIT)) return undefined;
  }
  const event = parse(line);
  if (event?.type !== "run.start" || typeof event.run !== "string" || !Number.isFinite(event.at))
    return undefined;
  const text = isRecord(event.task) ? event.task.text : undefined;
  return {
    run: event.run,
    task: (isBlobRef(text) ? text.head : String(text)).slice(0, HEAD),
    harness: isRecord(event.harness) ? String(event.harness.executed) : "",
    started: event.at as number,
  };
}

/** Goes back from the last whole line to the first one that says how far the run came. */
function readTail(fd: number, size: number): { steps: number; exit?: string } {
  let begun = 1;
  for (let length = EDGE; ; length *= 4) {
    const start = Math.max(0, size - length);
    const lines = readAt(fd, start, size - start)
      .toString()
      .split("\n");
    // The last piece is empty or torn; the first one is cut unless the file begins there.
    const whole = lines.slice(start === 0 ? 0 : 1, -1).toReversed();
    for (const [index, line] of whole.entries()) {
      const event = parse(line);
      const steps = isRecord(event?.totals) ? event.totals.steps : undefined;
      const states = event?.type === "run.end" || event?.type === "step.end";
      if (states && Number.isFinite(steps)) {
        const ended = index === 0 && event.type === "run.end";
        return ended
          ? { steps: steps as number, exit: String(event.exit) }
          : { steps: steps as number };
      }
      if (Number.isFinite(event?.step)) begun = Math.max(begun, event?.step as number);
    }
    // A step longer than that is estimated by the number of the one that has begun.
    if (start === 0 || length >= TAIL_LIMIT) return { steps: begun - 1 };
  }
}

function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, position));
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
