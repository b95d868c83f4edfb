/** The first and the last lines, with a line between them that says how many are missing. */
export function cutLines(lines: readonly string[], head: number, tail: number): readonly string[] {
  const omitted = lines.length - head - tail;
  // A note in place of a single line would save nothing.
  if (omitted <= 1) return lines;
  const from = head + 1;
  const note = `[lines ${from} to ${from + omitted - 1} of ${lines.length} left out]`;
  return [...lines.slice(0, head), note, ...(tail > 0 ? lines.slice(-tail) : [])];
}

/** A line of at most `max` characters and a note on the rest. */
export function cutLine(line: string, max: number): string {
  if (max === 0 || line.length <= max) return line;
  // Half of a surrogate pair is no character.
  const end = /[\uD800-\uDBFF]/.test(line[max - 1]!) ? max - 1 : max;
  return `${line.slice(0, end)} [${line.length - end} more characters left out]`;
}
