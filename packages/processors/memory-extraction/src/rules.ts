import { textOf, type Message, type MessageList } from "@harnessx/core/plugin";

/** What is looked at of one message. */
const maxMessageChars = 20_000;
const maxTranscriptChars = 40_000;

/** Messages that came after `readUpTo`; looks at those alone. */
export function newMessages(history: MessageList, readUpTo: number): Message[] {
  let start = history.length;
  // Ids grow with time, except that a summary stands before messages that are older than itself.
  while (start > 0 && history.at(start - 1)!.id > readUpTo) start -= 1;
  return history.slice(start);
}

/** Throws for an expression that is none: before the task has cost anything. */
export function markedLines(
  patterns: readonly string[],
): (messages: readonly Message[]) => string[] {
  const expressions = patterns.map((pattern) => new RegExp(pattern, "gimu"));
  return (messages) =>
    messages.flatMap((message) => {
      // Only the agent's own words: a page that it read must not write into its memory.
      if (message.role !== "assistant") return [];
      const text = textOf(message).slice(0, maxMessageChars);
      return expressions.flatMap((expression) =>
        [...text.matchAll(expression)].map(([whole, first]) => first ?? whole),
      );
    });
}

/** The answer with what was asked. */
export function answerMemory(task: string, answer: string, maxChars: number): string | undefined {
  const text = oneLine(answer);
  if (text === "") return undefined;
  const asked = cut(oneLine(task), Math.floor(maxChars / 2) - 7);
  return cut(`Task: ${asked} Answer: ${text}`, maxChars);
}

/** The conversation for a model to read: the end of it, when it is long. */
export function transcriptOf(messages: readonly Message[]): string {
  const parts = messages
    .filter(({ role }) => role !== "system")
    .map((message) => {
      const who =
        message.role === "assistant" ? "Agent" : message.role === "tool" ? "Result" : "User";
      return `${who}: ${textOf(message).slice(0, 4_000)}`;
    });
  return parts.join("\n\n").slice(-maxTranscriptChars);
}

/** A model's answer: one memory a line, with or without a bullet. */
export function linesOf(answer: string): string[] {
  return answer
    .split("\n")
    .map((line) => line.replace(/^\s*(?:[-*•]|\d+[.)])\s+/, "").trim())
    .filter((line) => line !== "" && !/^(?:none|nothing)\b[.!]?$/i.test(line));
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

export function cut(text: string, maxChars: number): string {
  return text.length > maxChars ? `${text.slice(0, Math.max(0, maxChars - 1))}…` : text;
}
