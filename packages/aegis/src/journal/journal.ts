import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { canonicalJson, messageOf, sha256Hex } from "@harnessx/core";
import { aegisError } from "../errors.ts";
import type { Attempt } from "../plan/index.ts";
import type { JournalEntry, JournalEvent } from "./entries.ts";

/** An append-only, hash-chained file of JSON lines. One writer at a time. */
export interface Journal {
  readonly path: string;
  readonly events: readonly JournalEvent[];
  /** Returns when the entry is on stable storage; throws HX_AEGIS_JOURNAL_WRITE, and then nothing was written. */
  append(entry: JournalEntry): JournalEvent;
}

const GENESIS = "0".repeat(64);

/**
 * Opens a journal and checks its chain. A last line that a crash cut off is removed: its writer was
 * never told that it stands. Throws HX_AEGIS_JOURNAL_CORRUPT for anything else.
 */
export function openJournal(path: string): Journal {
  mkdirSync(dirname(path), { recursive: true });
  const { events, length, torn } = read(path);
  if (torn) truncateSync(path, length);
  return {
    path,
    events,
    append(entry) {
      const event = link(entry, events);
      write(path, `${JSON.stringify(event)}\n`);
      events.push(event);
      return event;
    },
  };
}

/** Appends a line, or leaves the file as it was. */
function write(path: string, line: string): void {
  let file: number | undefined;
  try {
    file = openSync(path, "a");
    const length = fstatSync(file).size;
    try {
      const bytes = Buffer.from(line);
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } catch (thrown) {
      ftruncateSync(file, length);
      throw thrown;
    }
  } catch (thrown) {
    throw aegisError("HX_AEGIS_JOURNAL_WRITE", { path, problem: messageOf(thrown) }, thrown);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Reads and checks a journal without changing it. */
export function readJournal(path: string): readonly JournalEvent[] {
  return read(path).events;
}

function read(path: string): { events: JournalEvent[]; length: number; torn: boolean } {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT")
      return { events: [], length: 0, torn: false };
    throw aegisError(
      "HX_AEGIS_JOURNAL_CORRUPT",
      { path, line: 0, problem: messageOf(thrown) },
      thrown,
    );
  }
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const events: JournalEvent[] = [];
  const lines = whole.split("\n").slice(0, -1);
  lines.forEach((line, index) => {
    const fail = (problem: string) =>
      aegisError("HX_AEGIS_JOURNAL_CORRUPT", { path, line: index + 1, problem });
    let event: JournalEvent;
    try {
      event = JSON.parse(line) as JournalEvent;
    } catch {
      throw fail("it is not JSON");
    }
    const { seq, prev, hash, ...entry } = event;
    if (seq !== index) throw fail(`its number is ${seq}, not ${index}`);
    if (prev !== (events.at(-1)?.hash ?? GENESIS)) throw fail("it does not follow the line before");
    if (hash !== hashOf(entry as JournalEntry, seq, prev)) throw fail("its content was changed");
    events.push(event);
  });
  return { events, length: Buffer.byteLength(whole), torn: whole.length < text.length };
}

function link(entry: JournalEntry, events: readonly JournalEvent[]): JournalEvent {
  // Through JSON once, so that what is hashed is what a reader will find.
  const plain = JSON.parse(JSON.stringify(entry)) as JournalEntry;
  const seq = events.length;
  const prev = events.at(-1)?.hash ?? GENESIS;
  return { ...plain, seq, prev, hash: hashOf(plain, seq, prev) };
}

const hashOf = (entry: JournalEntry, seq: number, prev: string): string =>
  sha256Hex(canonicalJson({ ...entry, seq, prev }));

/** What was tried, oldest first. */
export function attemptsOf(events: readonly JournalEvent[]): Attempt[] {
  return events.flatMap((event) => (event.t === "attempt" ? [event.attempt] : []));
}
