import type { Json, JsonObject, Message, Part, ToolCall } from "@harnessx/core/plugin";
import type { Redactor } from "./redactor.ts";

/** Turns what a run has into lines of a trajectory. */
export class Lines {
  readonly #redactor: Redactor;
  readonly #images: boolean;

  constructor(redactor: Redactor, images: boolean) {
    this.#redactor = redactor;
    this.#images = images;
  }

  message(message: Message, isEphemeral: boolean): JsonObject {
    const { id, role } = message;
    return {
      type: "message",
      id,
      role,
      content: this.content(message.content),
      ...(message.role === "assistant" && message.toolCalls.length > 0
        ? { toolCalls: this.calls(message.toolCalls) }
        : {}),
      ...(message.role === "tool"
        ? {
            callId: message.callId,
            name: this.#redactor.text(message.name),
            status: message.status,
          }
        : {}),
      ...(isEphemeral ? { ephemeral: true } : {}),
    };
  }

  content(parts: readonly Part[]): Json[] {
    return parts.map((part) => {
      if (part.type !== "image") return { type: part.type, text: this.#redactor.text(part.text) };
      const { type, mediaType, data } = part;
      return { type, mediaType, ...(this.#images ? { data } : {}) };
    });
  }

  calls(calls: readonly ToolCall[]): Json[] {
    return calls.map(({ id, name, input, malformed }) => ({
      id,
      name: this.#redactor.text(name),
      input: this.#redactor.json(input),
      ...(malformed === undefined ? {} : { malformed: this.#redactor.text(malformed) }),
    }));
  }
}
