import type { Message, MessageList, Part, Tool, ToolCall, ToolSpec } from "@harnessx/core";
import type { IsolationLimits } from "./types.ts";

/**
 * A list of messages as it crosses the border: how many, their tokens, how many older ones are not
 * shown, the index of the newest of the user (or -1), the messages that the machine has not seen,
 * ranges of ids that it knows, and drafts; with `true` it must first forget what it was sent before.
 */
export type ListView = readonly [
  length: number,
  tokens: number,
  omitted: number,
  user: number,
  fresh: readonly MessageView[],
  parts: readonly (readonly [number, number] | readonly [MessageView])[],
  reset?: true,
];

/** A list of tools: its number, with what is in it when it is shown for the first time. */
export type ToolsView =
  | number
  | readonly [number, fresh: readonly (readonly [number, Shown])[], list: readonly number[]];

/** A call: id, name, input, and what is malformed about it. */
export type CallView = readonly [string, string, unknown, string?];

/** A message: id, role, content, and what its role adds. */
export type MessageView = readonly [number, number, string | readonly Part[], ...unknown[]];

/** A call as a list. */
export const callView = ({ id, name, input, malformed }: ToolCall): CallView =>
  malformed === undefined ? [id, name, input] : [id, name, input, malformed];

const ROLES = ["system", "user", "assistant", "tool"];

function messageView(message: Message): MessageView {
  const [only] = message.content;
  const content =
    message.content.length === 1 && only?.type === "text" ? only.text : message.content;
  const head = [message.id, ROLES.indexOf(message.role), content] as const;
  if (message.role === "assistant") return [...head, message.toolCalls.map(callView)];
  if (message.role === "tool") return [...head, message.callId, message.name, message.status];
  return head;
}

type Shown = Omit<Partial<Tool>, "execute"> & ToolSpec;

/**
 * What one machine has been shown: messages and tools are sent once and named afterwards, so that a
 * hook costs the same at ten messages and at a thousand.
 */
export class Shop {
  readonly #limits: Pick<IsolationLimits, "messages" | "textChars">;
  readonly #sent = new Set<number>();
  readonly #tools = new Map<ToolSpec, number>();
  readonly #lists = new Map<string, number>();

  constructor(limits: Pick<IsolationLimits, "messages" | "textChars">) {
    this.#limits = limits;
  }

  list(list: MessageList): ListView {
    const omitted = Math.max(0, list.length - this.#limits.messages);
    const reset = this.#sent.size > 2 * this.#limits.messages;
    if (reset) this.#sent.clear();
    const fresh: MessageView[] = [];
    const parts: ([number, number] | [MessageView])[] = [];
    let user = -1;
    for (let index = omitted; index < list.length; index += 1) {
      const message = list.at(index)!;
      const { id } = message;
      if (message.role === "user") user = index - omitted;
      if (id < 0) {
        parts.push([messageView(this.#cut(message))]);
        continue;
      }
      if (!this.#sent.has(id)) {
        this.#sent.add(id);
        fresh.push(messageView(this.#cut(message)));
      }
      const last = parts.at(-1);
      if (last?.length === 2 && last[1] === id - 1) last[1] = id;
      else parts.push([id, id]);
    }
    const { length, tokens } = list;
    return reset
      ? [length - omitted, tokens, omitted, user, fresh, parts, true]
      : [length - omitted, tokens, omitted, user, fresh, parts];
  }

  tools(tools: readonly ToolSpec[]): ToolsView {
    const fresh: [number, Shown][] = [];
    const list = tools.map((tool) => {
      let index = this.#tools.get(tool);
      if (index === undefined) {
        index = this.#tools.size;
        this.#tools.set(tool, index);
        const { execute: _execute, ...shown } = tool as Tool;
        fresh.push([index, shown]);
      }
      return index;
    });
    const key = list.join();
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    const number = this.#lists.size;
    this.#lists.set(key, number);
    return [number, fresh, list];
  }

  #cut(message: Message): Message {
    const { textChars } = this.#limits;
    const long = (part: Part): boolean => part.type !== "image" && part.text.length > textChars;
    if (!message.content.some(long)) return message;
    const content = message.content.map((part) =>
      part.type !== "image" && part.text.length > textChars
        ? {
            ...part,
            text: `${part.text.slice(0, textChars)}…[${part.text.length - textChars} characters]`,
          }
        : part,
    );
    return { ...message, content };
  }
}
