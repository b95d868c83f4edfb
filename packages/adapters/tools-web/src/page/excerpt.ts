/** A part of a long text, with a note that says how to get the next. */
export function excerpt(text: string, offset: number, maxChars: number): string {
  const end = Math.min(text.length, offset + maxChars);
  if (offset > 0 && offset >= text.length)
    return `(There is nothing at ${offset}: the text has ${text.length} characters.)`;
  const rest =
    end < text.length
      ? `\n\n(Characters ${offset} to ${end} of ${text.length}; go on with offset ${end}.)`
      : "";
  return text.slice(offset, end) + rest;
}
