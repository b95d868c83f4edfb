import { describeCall, textOf, type Message, type MessageList } from "@harnessx/core/plugin";
import { clip } from "./clip.ts";

const MAX_MESSAGE_CHARS = 8_000;

/** The conversation as text of limited length: the task at its beginning, and the newest messages. */
export function transcript(messages: MessageList, maxChars: number): string {
  const start = messages.at(0)?.role === "system" ? 1 : 0;
  const first = messages.at(start);
  if (!first) return "";
  const opening = clip(rendered(first), Math.floor(maxChars / 2));
  const newest: string[] = [];
  let size = opening.length;
  let index = messages.length - 1;
  for (; index > start; index -= 1) {
    const text = rendered(messages.at(index)!);
    if (size + text.length > maxChars) break;
    size += text.length;
    newest.unshift(text);
  }
  const gap = index > start ? [`(${index - start} messages left out)`] : [];
  return [opening, ...gap, ...newest].join("\n\n");
}

/** The agent's own instructions. */
export function systemOf(messages: MessageList): string {
  const first = messages.at(0);
  return first?.role === "system" ? textOf(first) : "";
}

function rendered(message: Message): string {
  const images = message.content.filter(({ type }) => type === "image").length;
  const lines = [
    textOf(message),
    ...(images > 0 ? [`(${images} images, not shown)`] : []),
    ...(message.role === "assistant"
      ? message.toolCalls.map((call) => `(calls ${describeCall(call)})`)
      : []),
  ];
  const who = message.role === "tool" ? `result of ${message.name}` : message.role;
  return `${who}: ${clip(lines.filter((line) => line !== "").join("\n"), MAX_MESSAGE_CHARS)}`;
}
