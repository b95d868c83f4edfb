import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { canonicalJson, messageOf, sha256Hex } from "@harnessx/core";
import { aegisError } from "../errors.ts";
import type { Candidate } from "../evolve/index.ts";
import {
  createGate,
  type GateContext,
  type GateOutcome,
  type GatePolicy,
  type GateTask,
  type GateVerdict,
} from "../gate/index.ts";
import type { Attempt } from "../plan/index.ts";

/** A candidate as the journal keeps it: its files are in the round's artefacts and, when shipped, in the store. */
export type ProposedCandidate = Omit<Candidate, "packages"> & {
  readonly packages: readonly { readonly name: string; readonly version: string }[];
};

/** What an installation will make of the workspace: enough to complete it after a crash. */
export interface InstallIntent {
  readonly version: string;
  readonly verdict: string;
  /** Hash of the manifest file's content before and after, and the contents that are to stand there. */
  readonly before: string;
  readonly after: string;
  readonly manifest: string;
  readonly lock: string;
  /** Store folders that must be there, relative to the workspace. */
  readonly packages: readonly string[];
}

/** What happened. No time stands in it: two runs with one seed write the same journal. */
export type JournalEntry =
  | { readonly t: "round"; readonly round: number; readonly harness: string; readonly seed: number }
  | { readonly t: "proposed"; readonly round: number; readonly candidate: ProposedCandidate }
  | {
      readonly t: "verified";
      readonly candidate: string;
      readonly ok: boolean;
      readonly findings: readonly string[];
    }
  | {
      readonly t: "screened";
      readonly candidate: string;
      readonly taken: boolean;
      readonly mean: number;
      readonly better: number;
    }
  | { readonly t: "attempt"; readonly attempt: Attempt }
  | {
      readonly t: "certify";
      readonly id: string;
      readonly candidates: readonly string[];
      readonly policy: Partial<GatePolicy>;
      readonly tasks: readonly GateTask[];
      readonly context: GateContext;
    }
  | { readonly t: "trials"; readonly id: string; readonly outcomes: readonly GateOutcome[] }
  | { readonly t: "verdict"; readonly id: string; readonly verdict: GateVerdict }
  | { readonly t: "install"; readonly intent: InstallIntent }
  | {
      readonly t: "ship";
      readonly version: string;
      readonly parents: readonly string[];
      readonly why: string;
    }
  | {
      readonly t: "rollback";
      readonly version: string;
      readonly parents: readonly string[];
      readonly why: string;
    }
  | { readonly t: "human"; readonly who: string; readonly act: string };

/** An entry in its place: `hash` covers the entry, its number and the hash of the one before. */
export type JournalEvent = JournalEntry & {
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
};

/** An append-only, hash-chained file of JSON lines. One writer at a time. */
export interface Journal {
  readonly path: string;
  readonly events: readonly JournalEvent[];
  /** Returns when the entry is on stable storage. */
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
      const file = openSync(path, "a");
      try {
        writeSync(file, `${JSON.stringify(event)}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      events.push(event);
      return event;
    },
  };
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

/** One recorded verdict and what the gate makes of the recorded outcomes. */
export interface ReplayedVerdict {
  readonly id: string;
  readonly recorded: GateVerdict;
  readonly replayed: GateVerdict | undefined;
  readonly identical: boolean;
}

/** Feeds the recorded outcomes of every certification to the gate again and compares the verdicts byte for byte. */
export function replayVerdicts(events: readonly JournalEvent[]): ReplayedVerdict[] {
  return events.flatMap((event): ReplayedVerdict[] => {
    if (event.t !== "verdict") return [];
    const { id, verdict: recorded } = event;
    const begun = events.find((other) => other.t === "certify" && other.id === id);
    if (begun?.t !== "certify") return [{ id, recorded, replayed: undefined, identical: false }];
    const gate = createGate(begun.policy, begun.tasks, begun.context);
    for (const other of events)
      if (other.t === "trials" && other.id === id) gate.observe(other.outcomes);
    const step = gate.next();
    const replayed = step.type === "verdict" ? step : undefined;
    return [
      {
        id,
        recorded,
        replayed,
        identical: canonicalJson(recorded) === (replayed && canonicalJson(replayed)),
      },
    ];
  });
}

/** What was tried, oldest first. */
export function attemptsOf(events: readonly JournalEvent[]): Attempt[] {
  return events.flatMap((event) => (event.t === "attempt" ? [event.attempt] : []));
}
