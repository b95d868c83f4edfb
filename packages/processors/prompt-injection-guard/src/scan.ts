import { hiddenText, withoutInvisible } from "./invisible.ts";
import { patterns, pieceChars, type InjectionKind } from "./patterns.ts";

/** What to look for. */
export interface ScanRules {
  readonly except: ReadonlySet<InjectionKind>;
  readonly custom: readonly RegExp[];
  /** What begins this run's own delimiters. */
  readonly delimiter: string;
}

/** What is suspicious about each line. A sentence that goes on in the next line counts for both. */
export function kindsOfLines(
  lines: readonly string[],
  rules: ScanRules,
): readonly (readonly InjectionKind[])[] {
  const kinds = lines.map((line) => kindsIn(line, rules));
  return kinds.map((own, index) => {
    // What a line has by itself says nothing about its neighbours.
    const isPlain = (at: number): boolean => own.length === 0 && (kinds[at] ?? own).length === 0;
    const before = isPlain(index - 1) ? seamKinds(lines[index - 1], lines[index], rules) : [];
    const after = isPlain(index + 1) ? seamKinds(lines[index], lines[index + 1], rules) : [];
    return [...new Set([...own, ...before, ...after])];
  });
}

/** How much of two lines a wrapped sentence is looked for in. */
const seamChars = 160;

function seamKinds(
  line: string | undefined,
  next: string | undefined,
  rules: ScanRules,
): readonly InjectionKind[] {
  // A new line that begins in lower case goes on with the sentence; a heading or an item does not.
  if (!line || !next || !/\w\s*$/.test(line.slice(-seamChars)) || !/^\s*[a-z]/.test(next))
    return [];
  return kindsIn(`${line.slice(-seamChars)} ${next.slice(0, seamChars)}`, rules);
}

/** What is suspicious about one line; empty when nothing is. */
function kindsIn(line: string, rules: ScanRules): readonly InjectionKind[] {
  const found = new Set<InjectionKind>();
  const hidden = hiddenText(line);
  if (hidden.length > 3) found.add("hidden-text");
  for (const piece of piecesOf(`${readable(line)}`)) matchInto(found, piece, rules);
  if (hidden !== "") matchInto(found, hidden.toLowerCase(), rules);
  return [...found].filter((kind) => !rules.except.has(kind));
}

function matchInto(found: Set<InjectionKind>, text: string, rules: ScanRules): void {
  for (const { kind, pattern } of patterns)
    if (!found.has(kind) && pattern.test(text)) found.add(kind);
  if (text.includes(rules.delimiter)) found.add("delimiter");
  if (rules.custom.some((pattern) => pattern.test(text))) found.add("custom");
}

/** What a model makes of a line: no look-alikes, no invisible characters, single spaces. */
function readable(line: string): string {
  return withoutInvisible(line)
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\S\n]+/g, " ");
}

function piecesOf(text: string): readonly string[] {
  if (text.length <= pieceChars) return [text];
  const pieces: string[] = [];
  // Half a piece of overlap: nothing that is shorter falls between two of them.
  for (let start = 0; start < text.length; start += pieceChars / 2)
    pieces.push(text.slice(start, start + pieceChars));
  return pieces;
}
