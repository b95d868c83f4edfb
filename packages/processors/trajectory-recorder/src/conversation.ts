import type { JsonObject, Message, MessageList } from "@harnessx/core/plugin";
import type { Lines } from "./lines.ts";
import { exchanged, extend, type Ranges } from "./ranges.ts";

/** Where in the history the recording stands; survives a swap. */
export type Position = {
  /** Messages of the history that `ranges` covers. */
  count: number;
  lastId: number;
  /** Index of the newest user message. */
  lastUser: number;
  ranges: Ranges;
};

/** Before the first message. */
export const atStart = (): Position => ({ count: 0, lastId: -1, lastUser: -1, ranges: [] });

/** Follows the messages of a run: each is written once, and what a request had is said in ranges. */
export class Conversation {
  readonly #position: Position;
  readonly #lines: Lines;
  readonly #write: (line: JsonObject) => void;
  readonly #written: Set<number>;

  constructor(
    position: Position,
    lines: Lines,
    written: Iterable<number>,
    write: (line: JsonObject) => void,
  ) {
    this.#position = position;
    this.#lines = lines;
    this.#written = new Set(written);
    this.#write = write;
  }

  /** The history was edited: its positions are no longer those that are known. */
  restart(): void {
    Object.assign(this.#position, atStart());
  }

  /** Writes what is new in the history; looks at new messages only, except behind an edit. Returns them. */
  follow(history: MessageList): Message[] {
    const position = this.#position;
    const isAppended =
      history.length >= position.count &&
      (position.count === 0 || history.at(position.count - 1)!.id === position.lastId);
    if (!isAppended) this.restart();
    const added: Message[] = [];
    for (; position.count < history.length; position.count += 1) {
      const message = history.at(position.count)!;
      position.lastId = message.id;
      extend(position.ranges, message.id);
      if (message.role === "user") position.lastUser = position.count;
      if (this.#record(message, false)) added.push(message);
    }
    return added;
  }

  /** What a request had: the history, with what was changed and added for this request alone. */
  requestRanges(history: MessageList, request: MessageList): Ranges {
    const { lastUser } = this.#position;
    let ranges: Ranges = this.#position.ranges.map(([first, last]) => [first, last]);
    const shown = lastUser < 0 ? undefined : request.at(lastUser);
    const kept = lastUser < 0 ? undefined : history.at(lastUser);
    if (shown && kept && shown.id !== kept.id) {
      this.#record(shown, true);
      ranges = exchanged(ranges, kept.id, shown.id);
    }
    if (request.length > history.length) {
      const extra = request.at(-1)!;
      this.#record(extra, true);
      extend(ranges, extra.id);
    }
    return ranges;
  }

  #record(message: Message, isEphemeral: boolean): boolean {
    if (this.#written.has(message.id)) return false;
    this.#written.add(message.id);
    this.#write(this.#lines.message(message, isEphemeral));
    return true;
  }
}
