/** What a hook event says of one tap: all that a digest counts. */
export type TapSink = (processor: string, verdict: string, ops: readonly string[]) => void;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NONE: readonly string[] = [];

/**
 * Reads the taps of a hook event without parsing the line: what edits say is skipped, which is most
 * of it. Nothing but the exact form that our writer gives a tap is read: returns false, after which the
 * line must be parsed, and then nothing was given to `sink`.
 */
export function scanTaps(line: string, sink: TapSink): boolean {
  const found: [processor: string, verdict: string, ops: readonly string[]][] = [];
  // The first one: what comes before it in a hook event holds no free text but a call's id, in which quotes are escaped.
  let at = line.indexOf(`,"taps":[`);
  if (at < 0) return false;
  at += 9;
  if (!line.startsWith("]", at)) {
    for (;;) {
      const processor = word(line, at, `{"processor":"`);
      if (processor === undefined) return false;
      const tap = word(line, processor.end, `,"tap":"`);
      if (tap === undefined) return false;
      const verdict = word(line, tap.end, `,"verdict":"`);
      if (verdict === undefined || !line.startsWith(`,"ms":`, verdict.end)) return false;
      at = pastNumber(line, verdict.end + 6);
      let ops = NONE;
      if (line.startsWith(`,"edits":[`, at)) {
        const edits = scanEdits(line, at + 10);
        if (!edits) return false;
        ({ ops, end: at } = edits);
      }
      if (line.startsWith(`,"reason":"`, at)) at = pastString(line, at + 11);
      if (line.startsWith(`,"outcome":`, at)) at = pastValue(line, at + 11);
      if (at < 0 || !line.startsWith("}", at)) return false;
      found.push([processor.text, verdict.text, ops]);
      at += 1;
      if (line.startsWith("]", at)) break;
      if (!line.startsWith(",", at)) return false;
      at += 1;
    }
  }
  if (line.slice(at) !== "]}") return false;
  for (const [processor, verdict, ops] of found) sink(processor, verdict, ops);
  return true;
}

/** A string without escapes behind `before`; `end` is past its quote. */
function word(line: string, at: number, before: string) {
  if (!line.startsWith(before, at)) return undefined;
  const from = at + before.length;
  const to = line.indexOf('"', from);
  if (to < 0) return undefined;
  const text = line.slice(from, to);
  return text.includes("\\") ? undefined : { text, end: to + 1 };
}

function scanEdits(line: string, from: number): { ops: string[]; end: number } | undefined {
  const ops: string[] = [];
  let at = from;
  while (!line.startsWith("]", at)) {
    if (ops.length > 0) {
      if (!line.startsWith(",", at)) return undefined;
      at += 1;
    }
    const op = word(line, at, `{"op":"`);
    if (op === undefined) return undefined;
    ops.push(op.text);
    at = pastValue(line, at);
    if (at < 0) return undefined;
  }
  return { ops, end: at + 1 };
}

function pastNumber(line: string, from: number): number {
  let at = from;
  for (; at < line.length; at += 1) {
    const code = line.charCodeAt(at);
    // , and } end a number in an object.
    if (code === 0x2c || code === 0x7d) break;
  }
  return at;
}

/** Past the quote that ends a string which `from` is in; -1 when none does. */
function pastString(line: string, from: number): number {
  for (let at = line.indexOf('"', from); at >= 0; at = line.indexOf('"', at + 1)) {
    let escapes = 0;
    while (line.charCodeAt(at - 1 - escapes) === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return at + 1;
  }
  return -1;
}

/** Past a JSON value; -1 when it does not end. */
function pastValue(line: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < line.length) {
    const code = line.charCodeAt(at);
    if (code === QUOTE) {
      at = pastString(line, at + 1);
      if (at < 0) return -1;
      if (depth === 0) return at;
      continue;
    }
    if (code === 0x7b || code === 0x5b) depth += 1;
    else if (code === 0x7d || code === 0x5d) {
      depth -= 1;
      if (depth === 0) return at + 1;
      if (depth < 0) return at;
    } else if (code === 0x2c && depth === 0) return at;
    at += 1;
  }
  return -1;
}
