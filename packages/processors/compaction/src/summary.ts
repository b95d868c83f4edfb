import { describeCall, textOf, type Message, type ToolCall } from "@harnessx/core/plugin";

const heading = /^Summary of (\d+) earlier messages[^\n]*\n/;
const maxLineChars = 160;
/** What a model that writes the summary gets to read of one message, and of all. */
const maxMessageChars = 4_000;
const maxTranscriptChars = 100_000;

/** Whether a message is a summary of this processor. */
export function isSummary(message: Message): boolean {
  return message.role === "user" && heading.test(textOf(message));
}

/** A summary in force: its first line says how many messages it stands for, earlier summaries included. */
export function titled(messages: readonly Message[], body: string): string {
  let count = 0;
  for (const message of messages) {
    const earlier = message.role === "user" ? heading.exec(textOf(message)) : null;
    count += earlier ? Number(earlier[1]) : 1;
  }
  return `Summary of ${count} earlier messages, which were taken out to save space:\n${body}`;
}

/** One short line for each call and each text, the newest that fit. */
export function mechanicalSummary(messages: readonly Message[], maxChars: number): string {
  const lines = linesOf(messages);
  const kept: string[] = [];
  let length = 0;
  for (const line of lines.toReversed()) {
    length += line.length + 1;
    if (length > maxChars) break;
    kept.push(line);
  }
  if (kept.length < lines.length) kept.push("- (older entries are left out)");
  return kept.toReversed().join("\n");
}

function linesOf(messages: readonly Message[]): string[] {
  const calls = new Map<string, ToolCall>();
  const lines: string[] = [];
  for (const message of messages) {
    const text = textOf(message);
    if (isSummary(message)) {
      // The lines of the previous summary stay lines of the new one.
      lines.push(
        ...text
          .replace(heading, "")
          .split("\n")
          .filter((line) => line.startsWith("- ") && !line.startsWith("- (older")),
      );
      continue;
    }
    if (message.role === "assistant") {
      for (const call of message.toolCalls) calls.set(call.id, call);
      if (text.trim() !== "") lines.push(`- agent: ${short(text)}`);
    } else if (message.role === "tool") {
      const call = calls.get(message.callId) ?? { name: message.name, input: {} };
      const status = message.status === "ok" ? "" : `${message.status}: `;
      lines.push(`- ${describeCall(call)} → ${status}${short(text)}`);
    } else if (message.role === "user") {
      lines.push(`- user: ${short(text)}`);
    }
  }
  return lines;
}

/** The messages in full, up to a limit for each: what a model summarises. */
export function transcriptOf(messages: readonly Message[]): string {
  const parts = messages.map((message) => {
    const text = textOf(message).slice(0, maxMessageChars);
    if (message.role === "assistant") {
      return [
        `Agent: ${text}`,
        ...message.toolCalls.map((call) => `Agent calls: ${describeCall(call)}`),
      ].join("\n");
    }
    return message.role === "tool"
      ? `Result (${message.status}) of ${message.name}: ${text}`
      : `User: ${text}`;
  });
  // The end of what is taken out is nearest to what comes next.
  return parts.join("\n\n").slice(-maxTranscriptChars);
}

function short(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > maxLineChars ? `${line.slice(0, maxLineChars - 1)}…` : line;
}
