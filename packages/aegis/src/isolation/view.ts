import type { Message, MessageList, Part, Tool, ToolSpec } from "@harnessx/core";
import type { IsolationLimits } from "./types.ts";

/** A list of messages as it crosses the border. */
export interface ListView {
  readonly n: number;
  readonly tokens: number;
  /** Older messages that are not shown. */
  readonly omitted: number;
  /** The machine must forget what it was sent before. */
  readonly reset: boolean;
  readonly fresh: readonly Message[];
  /** Ranges of ids that the machine knows, and drafts. */
  readonly parts: readonly (readonly [number, number] | Message)[];
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

  constructor(limits: Pick<IsolationLimits, "messages" | "textChars">) {
    this.#limits = limits;
  }

  list(list: MessageList): ListView {
    const omitted = Math.max(0, list.length - this.#limits.messages);
    const reset = this.#sent.size > 2 * this.#limits.messages;
    if (reset) this.#sent.clear();
    const fresh: Message[] = [];
    const parts: ([number, number] | Message)[] = [];
    for (let index = omitted; index < list.length; index += 1) {
      const message = list.at(index)!;
      const { id } = message;
      if (id < 0) {
        parts.push(this.#cut(message));
        continue;
      }
      if (!this.#sent.has(id)) {
        this.#sent.add(id);
        fresh.push(this.#cut(message));
      }
      const last = parts.at(-1);
      if (Array.isArray(last) && last[1] === id - 1) last[1] = id;
      else parts.push([id, id]);
    }
    return { n: list.length - omitted, tokens: list.tokens, omitted, reset, fresh, parts };
  }

  tools(tools: readonly ToolSpec[]): { fresh: [number, Shown][]; list: number[] } {
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
    return { fresh, list };
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
