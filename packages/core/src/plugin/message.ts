/** Plain text. */
export interface TextPart {
  readonly type: "text";
  readonly text: string;
}

/** An image, inline as base64 or by URL. */
export interface ImagePart {
  readonly type: "image";
  readonly mediaType: string;
  /** Base64 without a data-URL prefix, or an https URL. */
  readonly data: string;
}

/** Reasoning that a model emitted beside its answer; never shown to another model as text. */
export interface ThinkingPart {
  readonly type: "thinking";
  readonly text: string;
  /** Opaque provider signature that must be sent back unchanged. */
  readonly signature?: string;
}

export type Part = TextPart | ImagePart | ThinkingPart;

/** One request of the model to run a tool. */
export interface ToolCall {
  /** Unique within the run. */
  readonly id: string;
  readonly name: string;
  /** Parsed arguments. Checked against the tool's input schema before it runs. */
  readonly input: unknown;
  /** Set by a model adapter whose provider sent arguments that are no JSON; `input` is then the raw text. */
  readonly malformed?: string;
}

/** How a tool call ended. */
export type ToolStatus = "ok" | "error" | "refused" | "timeout" | "cancelled";

interface MessageBase {
  /** Position in the order of creation, unique within the run; what a trace refers to. */
  readonly id: number;
  readonly content: readonly Part[];
}

export interface SystemMessage extends MessageBase {
  readonly role: "system";
}
export interface UserMessage extends MessageBase {
  readonly role: "user";
}
export interface AssistantMessage extends MessageBase {
  readonly role: "assistant";
  readonly toolCalls: readonly ToolCall[];
}
export interface ToolMessage extends MessageBase {
  readonly role: "tool";
  readonly callId: string;
  readonly name: string;
  readonly status: ToolStatus;
}

/** A message of the conversation. Frozen: an edit makes a new message with a new id. */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

/**
 * A read-only view of the messages at one moment.
 *
 * Views share their storage, so taking one costs the same at ten messages and at ten thousand;
 * later appends never show up in a view that was taken before.
 */
export interface MessageList extends Iterable<Message> {
  readonly length: number;
  /** Estimated tokens of all messages (four characters a token), kept incrementally. */
  readonly tokens: number;
  /** The message at `index`; negative counts from the end. */
  at(index: number): Message | undefined;
  /** The newest message with role `user`. */
  lastUser(): UserMessage | undefined;
  /** A new array with the messages from `start` (inclusive) to `end` (exclusive). */
  slice(start?: number, end?: number): Message[];
}

/**
 * The text of a message, a part list or a string; images and thinking are left out.
 *
 * @example
 * ```ts
 * import { textOf } from "@harnessx/core/plugin";
 * textOf([{ type: "text", text: "a" }, { type: "text", text: "b" }]); // "a\nb"
 * ```
 */
export function textOf(content: Message | readonly Part[] | string): string {
  if (typeof content === "string") return content;
  const parts = "role" in content ? content.content : content;
  const only = parts.length === 1 ? parts[0] : undefined;
  if (only?.type === "text") return only.text;
  return parts
    .filter((part): part is TextPart => part.type === "text")
    .map((part) => part.text)
    .join("\n");
}
