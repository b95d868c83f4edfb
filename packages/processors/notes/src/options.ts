/** What a pattern tells when it matches. */
export type NoteKind =
  /** The agent is at `place` now. */
  | "visit"
  /** `place` holds `items`; without a `place` group, the place where the agent is. */
  | "contents"
  /** A known `place` is open: what the rest of the reply calls "it". */
  | "open"
  /** A known `place` is closed. */
  | "closed"
  /** `item` was taken, from `place` if that is given. */
  | "take"
  /** `item` was put to `place`, or where the agent is. */
  | "put"
  /** `item` was changed: `change` says how. */
  | "change"
  /** `items` are all that the agent holds. */
  | "held"
  /** `places` exist. */
  | "places";

/** A regular expression (flags `gim`) with the named groups that its kind reads. */
export interface NotePattern {
  readonly kind: NoteKind;
  /** What it is matched with: the reply to a call, the call in words, or the text of the task. */
  readonly of: "reply" | "call" | "task";
  readonly pattern: string;
}

/** Which lines to write. */
export interface NoteSections {
  /** What the agent holds. */
  readonly held: boolean;
  /** What the agent put where. */
  readonly placed: boolean;
  /** What the agent did to things. */
  readonly changed: boolean;
  /** Things that the task names, and where they were seen. */
  readonly seen: boolean;
  /** Calls that had no effect. */
  readonly failed: boolean;
  /** Places that were named but not searched. */
  readonly unvisited: boolean;
  /** Places that held nothing that the task names. */
  readonly searched: boolean;
}

/** One sentence for each kind of line. */
export interface NoteWording {
  /** `{item}` */
  readonly held: string;
  /** `{item}`, `{place}` */
  readonly placed: string;
  /** `{item}`, `{change}` */
  readonly changed: string;
  /** `{item}`, `{place}` */
  readonly seen: string;
  /** `{action}` */
  readonly failed: string;
  /** `{place}` */
  readonly unvisited: string;
  /** `{place}` */
  readonly closed: string;
  /** `{place}` */
  readonly empty: string;
  /** A place with things that the task does not name: `{place}`, `{items}` */
  readonly other: string;
  /** The same for a place that the task names, such as its goal: `{place}`, `{items}` */
  readonly named: string;
}

/** Options of the notes processor. */
export interface NotesOptions {
  /** First line; empty for none. */
  readonly heading: string;
  /** Lines that would exceed it are left out, the last sections first. */
  readonly maxChars: number;
  /** How many calls without effect to remember. */
  readonly maxFailures: number;
  readonly sections: NoteSections;
  readonly wording: NoteWording;
  readonly patterns: readonly NotePattern[];
  /** Regular expressions (flag `i`) for the first line of a reply that says a call had no effect. */
  readonly failurePatterns: readonly string[];
  /** Finds the task proper in the task's text, in the group `task`; the whole text where it does not match. */
  readonly taskPattern: string;
}
