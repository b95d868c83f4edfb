import { canonicalJson } from "@harnessx/core";
import { aegisError } from "../errors.ts";
import type { JournalEntry, JournalEvent } from "./entries.ts";
import type { Journal } from "./journal.ts";

/** A journal whose recorded end is written once more, entry by entry, before it grows. */
export interface Redriven extends Journal {
  /** The recorded entry that the next `append` must equal; undefined when nothing is left to repeat. */
  readonly recorded: JournalEvent | undefined;
}

/** Entries that a person or another command wrote in between. */
const FOREIGN = new Set(["human", "quarantine"]);

/**
 * The journal as a run that was cut off finds it: `events` holds what lies before `from`, and each
 * `append` repeats a recorded entry as long as there are any. So a run that is driven again from its
 * beginning goes on exactly where it stopped, or fails with HX_AEGIS_JOURNAL_DIVERGED when it would
 * not do the same again.
 */
export function redrive(journal: Journal, from: number): Redriven {
  const recorded = journal.events.slice(from);
  const events = journal.events.slice(0, from);
  const skipForeign = (): void => {
    while (recorded.length > 0 && FOREIGN.has(recorded[0]!.t)) events.push(recorded.shift()!);
  };
  skipForeign();
  return {
    path: journal.path,
    events,
    get recorded() {
      return recorded[0];
    },
    append(entry) {
      const known = recorded.shift();
      if (!known) {
        const event = journal.append(entry);
        events.push(event);
        return event;
      }
      if (contentOf(known) !== contentOf(entry)) {
        recorded.unshift(known);
        throw aegisError("HX_AEGIS_JOURNAL_DIVERGED", {
          path: journal.path,
          line: known.seq + 1,
          recorded: known.t,
          now: entry.t,
        });
      }
      events.push(known);
      skipForeign();
      return known;
    },
  };
}

function contentOf(entry: JournalEntry | JournalEvent): string {
  const { seq: _seq, prev: _prev, hash: _hash, ...content } = entry as JournalEvent;
  return canonicalJson(JSON.parse(JSON.stringify(content)));
}
