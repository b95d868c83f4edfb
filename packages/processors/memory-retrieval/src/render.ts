/** What is kept of a memory that was found: what the trace records. */
export type Found = { id: string; text: string; at: number; score: number };

/** Longest text of one memory: one long one must not push out the others. */
const maxMemoryChars = 1_000;

/** The memories as marked data, the best that fit; nothing when there is none. */
export function render(
  memories: readonly Found[],
  options: { readonly heading: string; readonly maxChars: number },
): string | undefined {
  const lines: string[] = [];
  let length = 0;
  for (const { text, at } of memories) {
    const line = `- ${dayOf(at)}${harmless(oneLine(text))}`;
    length += line.length + 1;
    if (length > options.maxChars) break;
    lines.push(line);
  }
  if (lines.length === 0) return undefined;
  return [options.heading, "<memories>", ...lines, "</memories>"].join("\n");
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > maxMemoryChars ? `${line.slice(0, maxMemoryChars - 1)}…` : line;
}

/** A memory cannot end the block that marks it as data. */
function harmless(text: string): string {
  return text.replace(/<(?=\s*\/?\s*memories\b)/gi, "&lt;");
}

function dayOf(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "" : `${date.toISOString().slice(0, 10)}: `;
}
