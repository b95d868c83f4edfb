import {
  textOf,
  type Message,
  type ModelRequest,
  type ToolCall,
  type ToolSpec,
} from "@harnessx/core/plugin";
import type { ChatItem } from "./library.ts";

/** The conversation as chat templates take it, and what could not go in. */
export function chatItems(
  { messages, tools }: ModelRequest,
  mayAnswer: boolean,
): { readonly items: readonly ChatItem[]; readonly warnings: readonly string[] } {
  const items: ChatItem[] = [];
  let images = 0;
  const first = messages.at(0);
  const system = [
    ...(first?.role === "system" ? [textOf(first)] : []),
    ...(tools.length > 0 ? [instructions(tools, mayAnswer)] : []),
  ];
  if (system.length > 0) items.push({ type: "system", text: system.join("\n\n") });
  for (const message of messages) {
    if (message.role === "system") continue;
    images += message.content.filter(({ type }) => type === "image").length;
    const text = said(message, tools.length > 0);
    const last = items.at(-1);
    if (message.role === "assistant") {
      items.push({ type: "model", response: [text] });
    } else if (last?.type === "user") {
      // Templates want the speakers in turn.
      items[items.length - 1] = { type: "user", text: `${last.text}\n\n${text}` };
    } else {
      items.push({ type: "user", text });
    }
  }
  items.push({ type: "model", response: [] });
  return { items, warnings: images > 0 ? [`${images} images were left out.`] : [] };
}

/** What a message says, in the form in which the model is asked to speak. */
function said(message: Exclude<Message, { role: "system" }>, withTools: boolean): string {
  const text = textOf(message);
  if (message.role === "user") return text;
  if (message.role === "tool") return `Result of ${message.name} (${message.status}): ${text}`;
  if (message.toolCalls.length > 0) return message.toolCalls.map(callText).join("\n");
  return withTools ? JSON.stringify({ answer: text }) : text;
}

const callText = ({ name, input, malformed }: ToolCall): string =>
  JSON.stringify(
    malformed === undefined ? { tool: name, input } : { tool: name, malformed: input },
  );

function instructions(tools: readonly ToolSpec[], mayAnswer: boolean): string {
  const list = tools.map(({ name, description, inputSchema }) =>
    JSON.stringify({ tool: name, description, input: inputSchema }),
  );
  const answer = mayAnswer ? ', or {"answer": <text>} when no tool is needed any more' : "";
  return [
    `Reply with one JSON object: {"tool": <name>, "input": <arguments>} to use a tool${answer}.`,
    "Tools with the JSON Schema of their arguments:",
    ...list,
  ].join("\n");
}
