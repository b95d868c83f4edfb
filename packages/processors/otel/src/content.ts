import { textOf, type Message, type MessageList, type Part } from "@harnessx/core/plugin";

/** A message in the form that the conventions give to `gen_ai.input.messages`. */
interface ConventionalMessage {
  readonly role: string;
  readonly parts: readonly object[];
}

/** The newest messages whose JSON fits, without the system message; looks at no more than that. */
export function inputMessages(messages: MessageList, maxChars: number): string {
  const fitting: string[] = [];
  let size = 2;
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages.at(index)!;
    if (message.role === "system") break;
    const text = JSON.stringify(conventional(message));
    size += text.length + 1;
    if (size > maxChars) break;
    fitting.unshift(text);
  }
  return `[${fitting.join(",")}]`;
}

/** `gen_ai.output.messages` of one response. */
export function outputMessages(
  response: Pick<Extract<Message, { role: "assistant" }>, "content" | "toolCalls">,
  finish: string,
  maxChars: number,
): string {
  const { content, toolCalls } = response;
  const message = conventional({ id: 0, role: "assistant", content, toolCalls });
  return clip(JSON.stringify([{ ...message, finish_reason: finish }]), maxChars);
}

/** `gen_ai.system_instructions`, where there is a system message. */
export function systemInstructions(messages: MessageList, maxChars: number): string | undefined {
  const first = messages.at(0);
  if (first?.role !== "system") return undefined;
  return clip(JSON.stringify(first.content.map(partOf)), maxChars);
}

/** Any value as text of limited length. */
export function shown(value: unknown, maxChars: number): string {
  return clip(typeof value === "string" ? value : (JSON.stringify(value) ?? ""), maxChars);
}

function conventional(message: Message): ConventionalMessage {
  if (message.role === "tool") {
    const { role, callId } = message;
    return { role, parts: [{ type: "tool_call_response", id: callId, response: textOf(message) }] };
  }
  const calls = message.role === "assistant" ? message.toolCalls : [];
  return {
    role: message.role,
    parts: [
      ...message.content.map(partOf),
      ...calls.map(({ id, name, input }) => ({ type: "tool_call", id, name, arguments: input })),
    ],
  };
}

function partOf(part: Part): object {
  if (part.type === "image") return { type: "blob", modality: "image", mime_type: part.mediaType };
  return { type: part.type === "thinking" ? "reasoning" : "text", content: part.text };
}

function clip(text: string, maxChars: number): string {
  return text.length > maxChars ? text.slice(0, maxChars) : text;
}
