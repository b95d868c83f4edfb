/** The beginning of whatever a server sent, for an error message. */
export function excerptOf(received: unknown): string {
  const text = typeof received === "string" ? received : (JSON.stringify(received) ?? "nothing");
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
