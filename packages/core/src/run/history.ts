import { cleanParts } from "../boundary/content.ts";
import { hxError } from "../errors/index.ts";
import type { Message, MessageList, Part, UserMessage } from "../plugin/message.ts";

const CHARS_PER_TOKEN = 4;
/** What providers charge for an image is unknown here; this keeps budgets from ignoring images. */
const TOKENS_PER_IMAGE = 800;

const sizes = new WeakMap<Message, number>();

/** Estimated tokens of a message: four characters a token, tool arguments included. */
export function estimateTokens(message: Message): number {
  const known = sizes.get(message);
  if (known !== undefined) return known;
  let tokens = contentTokens(message.content);
  if (message.role === "assistant") {
    for (const call of message.toolCalls) {
      tokens += Math.ceil((call.name.length + inputLength(call.input)) / CHARS_PER_TOKEN);
    }
  }
  sizes.set(message, tokens);
  return tokens;
}

function contentTokens(content: readonly Part[]): number {
  let tokens = 0;
  for (const part of content) {
    tokens +=
      part.type === "image" ? TOKENS_PER_IMAGE : Math.ceil(part.text.length / CHARS_PER_TOKEN);
  }
  return tokens;
}

function inputLength(input: unknown): number {
  return typeof input === "string" ? input.length : (JSON.stringify(input)?.length ?? 0);
}

/** One replaced message and messages after the end: what `beforeModel` may change for one call. */
interface Overlay {
  readonly index: number;
  readonly message: UserMessage | undefined;
  readonly extra: UserMessage | undefined;
}

/** A view of the first `length` messages of a shared array, with an optional overlay. */
class View implements MessageList {
  readonly length: number;
  readonly tokens: number;
  readonly #base: readonly Message[];
  readonly #count: number;
  readonly #lastUser: number;
  readonly #overlay: Overlay | undefined;

  constructor(
    base: readonly Message[],
    count: number,
    lastUser: number,
    tokens: number,
    overlay?: Overlay,
  ) {
    this.#base = base;
    this.#count = count;
    this.#lastUser = lastUser;
    this.#overlay = overlay;
    this.length = overlay?.extra ? count + 1 : count;
    this.tokens = tokens;
    Object.freeze(this);
  }

  at(index: number): Message | undefined {
    const position = index < 0 ? this.length + index : index;
    if (position < 0 || position >= this.length) return undefined;
    const overlay = this.#overlay;
    if (overlay) {
      if (position === this.#count) return overlay.extra;
      if (position === overlay.index && overlay.message) return overlay.message;
    }
    return this.#base[position];
  }

  lastUser(): UserMessage | undefined {
    const overlay = this.#overlay;
    return (
      overlay?.extra ?? overlay?.message ?? (this.#base[this.#lastUser] as UserMessage | undefined)
    );
  }

  slice(start = 0, end = this.length): Message[] {
    const from = start < 0 ? Math.max(0, this.length + start) : start;
    const to = Math.min(end < 0 ? Math.max(0, this.length + end) : end, this.length);
    if (!this.#overlay) return this.#base.slice(from, to);
    const out: Message[] = [];
    for (let index = from; index < to; index += 1) out.push(this.at(index)!);
    return out;
  }

  *[Symbol.iterator](): Iterator<Message> {
    for (let index = 0; index < this.length; index += 1) yield this.at(index)!;
  }

  /** The base's last user message, whatever overlay is on. */
  baseLastUser(): UserMessage | undefined {
    return this.#base[this.#lastUser] as UserMessage | undefined;
  }

  withOverlay(message: UserMessage | undefined, extra: UserMessage | undefined): View {
    const base = this.baseLastUser();
    let tokens = this.tokens;
    if (message) tokens += estimateTokens(message) - (base ? estimateTokens(base) : 0);
    if (extra) tokens += estimateTokens(extra);
    return new View(this.#base, this.#count, this.#lastUser, tokens, {
      index: this.#lastUser,
      message,
      extra,
    });
  }
}

/** The messages of a run: append-only storage that any number of views share. */
export class History {
  #messages: Message[] = [];
  #lastUser = -1;
  #tokens = 0;
  #view: View | undefined;
  #version = 0;

  /** Grows with every structural edit. */
  get version(): number {
    return this.#version;
  }

  get length(): number {
    return this.#messages.length;
  }

  append(message: Message): void {
    if (message.role === "user") this.#lastUser = this.#messages.length;
    this.#messages.push(message);
    this.#tokens += estimateTokens(message);
    this.#view = undefined;
  }

  /** A structural edit: views taken before keep the old storage. */
  reset(messages: readonly Message[]): void {
    this.#version += 1;
    this.#messages = [...messages];
    this.#lastUser = this.#messages.findLastIndex((message) => message.role === "user");
    this.#tokens = this.#messages.reduce((sum, message) => sum + estimateTokens(message), 0);
    this.#view = undefined;
  }

  view(): View {
    return (this.#view ??= new View(
      this.#messages,
      this.#messages.length,
      this.#lastUser,
      this.#tokens,
    ));
  }
}

export type HistoryView = View;

/** A frozen view over given messages, for tests and for models that are called outside a run. */
export function messageList(messages: readonly Message[]): MessageList {
  const history = new History();
  history.reset(messages);
  return history.view();
}

/** Content as frozen parts. Throws HX_NOT_JSON for what is no content. */
export function toParts(content: string | readonly Part[]): readonly Part[] {
  const parts = cleanParts(content);
  if (!parts)
    throw hxError("HX_NOT_JSON", {
      what: "content",
      problem: "it is neither text nor a list of parts",
    });
  return parts;
}
