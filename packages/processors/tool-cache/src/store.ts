import type { Json, ToolResult } from "@harnessx/core/plugin";

/** A result that was kept; plain JSON, because a swap hands it over. */
export type Entry = {
  key: string;
  step: number;
  content: string | TextPart[];
  structured?: Json;
  chars: number;
};

type TextPart = { type: "text"; text: string };

/** The entries from the oldest to the newest, and their size together. */
export type StoreState = { entries: Entry[]; chars: number };

/** Results by call, of bounded size. */
export class ResultStore {
  readonly #state: StoreState;
  readonly #maxEntries: number;
  readonly #maxChars: number;

  constructor(state: StoreState, maxEntries: number, maxChars: number) {
    this.#state = state;
    this.#maxEntries = maxEntries;
    this.#maxChars = maxChars;
  }

  find(key: string): Entry | undefined {
    return this.#state.entries.find((entry) => entry.key === key);
  }

  /** Keeps a result, or forgets the call when the result cannot be kept. */
  keep(key: string, step: number, result: ToolResult): void {
    this.#remove((entry) => entry.key === key);
    const content = copied(result.content);
    if (result.status !== "ok" || result.end || content === undefined) return;
    const { structured } = result;
    const chars = key.length + JSON.stringify([content, structured]).length;
    if (chars > this.#maxChars) return;
    const entry: Entry = { key, step, content, chars };
    if (structured !== undefined) entry.structured = structured;
    this.#state.entries.push(entry);
    this.#state.chars += chars;
    while (this.#state.entries.length > this.#maxEntries || this.#state.chars > this.#maxChars) {
      const [oldest] = this.#state.entries;
      this.#remove((each) => each === oldest);
    }
  }

  clear(): void {
    this.#remove(() => true);
  }

  #remove(isGone: (entry: Entry) => boolean): void {
    const { entries } = this.#state;
    for (let index = entries.length - 1; index >= 0; index -= 1) {
      if (!isGone(entries[index]!)) continue;
      this.#state.chars -= entries[index]!.chars;
      entries.splice(index, 1);
    }
  }
}

/** Texts only: an image is large, and the model has it before it already. */
function copied(content: ToolResult["content"]): string | TextPart[] | undefined {
  if (typeof content === "string") return content;
  const texts = content.flatMap((part) =>
    part.type === "text" ? [{ type: part.type, text: part.text }] : [],
  );
  return texts.length === content.length ? texts : undefined;
}
