import type { NoteKind, NotePattern, NotesOptions } from "./options.ts";

/** What one text tells: names, with articles taken off. */
export type Finding =
  | { readonly kind: "visit" | "open" | "closed"; readonly place: string }
  | {
      readonly kind: "contents";
      readonly place: string | undefined;
      readonly items: readonly string[];
    }
  | { readonly kind: "take" | "put"; readonly item: string; readonly place: string | undefined }
  | { readonly kind: "change"; readonly item: string; readonly change: string }
  | { readonly kind: "held"; readonly items: readonly string[] }
  | { readonly kind: "places"; readonly places: readonly string[] };

/** Replies can be whole documents; what they say about a place stands at their beginning. */
const maxTextChars = 4_000;
const maxNameChars = 60;
const maxListed = 100;
/** An explanation of a failure is short; a long first line is a result that happens to contain a word. */
const maxFailureChars = 200;

/** Reads texts by the patterns of the options. */
export interface Reader {
  read(of: NotePattern["of"], text: string): Finding[];
  /** Whether the reply of a call says that it had no effect. */
  isFailure(reply: string): boolean;
  /** The part of the task's text that says what to do. */
  taskOf(text: string): string;
}

/** Compiles the patterns; throws a SyntaxError for one that is no regular expression. */
export function createReader(options: NotesOptions): Reader {
  const patterns = options.patterns.map(({ kind, of, pattern }) => ({
    kind,
    of,
    regex: new RegExp(pattern, "gim"),
  }));
  const failures = options.failurePatterns.map((pattern) => new RegExp(pattern, "i"));
  const task = new RegExp(options.taskPattern, "im");
  return {
    read(of, text) {
      const head = text.slice(0, maxTextChars);
      return patterns
        .filter((pattern) => pattern.of === of)
        .flatMap(({ kind, regex }) =>
          [...head.matchAll(regex)].flatMap((match) => findingOf(kind, match.groups ?? {})),
        );
    },
    isFailure(reply) {
      const line = reply.trimStart().split("\n", 1)[0]!;
      return line.length <= maxFailureChars && failures.some((regex) => regex.test(line));
    },
    taskOf: (text) => task.exec(text)?.groups?.["task"] ?? text,
  };
}

function findingOf(
  kind: NoteKind,
  groups: Readonly<Record<string, string | undefined>>,
): Finding[] {
  const place = nameOf(groups["place"]);
  const item = nameOf(groups["item"]);
  switch (kind) {
    case "visit":
    case "open":
    case "closed":
      return place === undefined ? [] : [{ kind, place }];
    case "contents":
      return [{ kind, place, items: namesIn(groups["items"]) }];
    case "take":
    case "put":
      return item === undefined ? [] : [{ kind, item, place }];
    case "change": {
      const change = groups["change"]?.trim();
      return item === undefined || !change ? [] : [{ kind, item, change }];
    }
    case "held":
      return [{ kind, items: namesIn(groups["items"]) }];
    case "places": {
      // One name after "you see" is as often a remark as a list of places.
      const places = namesIn(groups["places"]);
      return places.length < 2 ? [] : [{ kind, places }];
    }
  }
}

/** The names in "a mug 2, a vase 1 and some bread 1". */
function namesIn(text: string | undefined): string[] {
  if (text === undefined) return [];
  const names = text.split(/\s*,\s*(?:and\s+)?|\s+and\s+/i).map(nameOf);
  return names.filter((name) => name !== undefined).slice(0, maxListed);
}

function nameOf(text: string | undefined): string | undefined {
  const name = text?.trim().replace(/^(?:the|an?|some)\s+/i, "") ?? "";
  if (name === "" || name.length > maxNameChars || /^(?:nothing|anything|empty)$/i.test(name)) {
    return undefined;
  }
  return name;
}
