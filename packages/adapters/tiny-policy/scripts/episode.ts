import type { Message, MessageList, ToolCall, ToolSpec, UserMessage } from "@harnessx/core/plugin";

/** A conversation on an array, rendered as the runtime renders it. */
export class Conversation {
  readonly messages: Message[] = [];
  #id = 0;

  #add(message: Message): void {
    this.messages.push(Object.freeze(message));
    this.#id += 1;
  }
  system(text: string): void {
    if (text !== "") this.#add({ id: this.#id, role: "system", content: [{ type: "text", text }] });
  }
  user(text: string): void {
    this.#add({ id: this.#id, role: "user", content: [{ type: "text", text }] });
  }
  assistant(toolCalls: readonly ToolCall[]): void {
    this.#add({ id: this.#id, role: "assistant", content: [], toolCalls });
  }
  tool(call: ToolCall, text: string): void {
    this.#add({
      id: this.#id,
      role: "tool",
      content: [{ type: "text", text }],
      callId: call.id,
      name: call.name,
      status: "ok",
    });
  }

  /** The request's messages, with one more user message at the end when there is advice. */
  request(advice = ""): MessageList {
    if (advice === "") return listOf(this.messages.slice());
    const extra: UserMessage = {
      id: this.#id,
      role: "user",
      content: [{ type: "text", text: advice }],
    };
    return listOf([...this.messages, Object.freeze(extra)]);
  }
}

/** A message list over an array. */
export function listOf(messages: readonly Message[]): MessageList {
  return {
    length: messages.length,
    tokens: 0,
    at: (index) => messages.at(index),
    lastUser: () => messages.findLast((message): message is UserMessage => message.role === "user"),
    slice: (start, end) => messages.slice(start, end),
    [Symbol.iterator]: () => messages[Symbol.iterator](),
  };
}

const text = { type: "string" } as const;
const schema = (...keys: string[]): ToolSpec["inputSchema"] => ({
  type: "object",
  properties: Object.fromEntries(keys.map((key) => [key, text])),
  required: keys,
  additionalProperties: false,
});

/** The household suite's single tool. */
export const actTool: readonly ToolSpec[] = [
  { name: "act", description: "Carries out one command.", inputSchema: schema("command") },
];

/** One tool per command. */
export const commandTools: readonly ToolSpec[] = [
  { name: "go_to", description: "Go to a place.", inputSchema: schema("receptacle") },
  { name: "open", description: "Open a place.", inputSchema: schema("receptacle") },
  { name: "close", description: "Close a place.", inputSchema: schema("receptacle") },
  { name: "take", description: "Take an object.", inputSchema: schema("object", "receptacle") },
  { name: "move", description: "Put an object down.", inputSchema: schema("object", "receptacle") },
  { name: "clean", description: "Clean an object.", inputSchema: schema("object", "receptacle") },
  { name: "heat", description: "Heat an object.", inputSchema: schema("object", "receptacle") },
  { name: "cool", description: "Cool an object.", inputSchema: schema("object", "receptacle") },
  { name: "use", description: "Use an object.", inputSchema: schema("object") },
  { name: "slice", description: "Slice an object.", inputSchema: schema("object", "with") },
  { name: "examine", description: "Examine something.", inputSchema: schema("target") },
  { name: "look", description: "Look around.", inputSchema: schema() },
  { name: "inventory", description: "Check your hands.", inputSchema: schema() },
  { name: "help", description: "List the commands.", inputSchema: schema() },
];
