import { readReply } from "../src/reply.ts";

/** What is known of one place. */
export interface KnownPlace {
  visits: number;
  /** Undefined until its inside or top has been seen. */
  contents: string[] | undefined;
}

/**
 * A complete memory of an episode, kept from commands and replies alone: what a note-taking
 * processor could know. The policy itself has none.
 */
export class Memory {
  readonly places = new Map<string, KnownPlace>();
  readonly counts = new Map<string, number>();
  readonly commands: string[] = [];
  readonly treated = new Set<string>();
  place: string | undefined;
  closed = false;
  held: string | undefined;

  constructor(places: readonly string[]) {
    for (const name of places) this.places.set(name, { visits: 0, contents: undefined });
  }

  record(command: string, text: string): void {
    this.commands.push(command);
    this.counts.set(command, (this.counts.get(command) ?? 0) + 1);
    const reply = readReply(text);
    if (reply.nothingHappens) return;
    if (reply.place !== undefined) {
      if (reply.place !== this.place) this.#at(reply.place).visits += 1;
      this.place = reply.place;
      if (reply.seen !== undefined) this.#at(reply.place).contents = [...reply.seen];
      if (reply.seen !== undefined || reply.closed) this.closed = reply.closed;
    }
    if (reply.took !== undefined) {
      this.held = reply.took;
      for (const known of this.places.values())
        known.contents = known.contents?.filter((name) => name !== reply.took);
    } else if (reply.put !== undefined) {
      this.held = undefined;
      this.#at(reply.put.place).contents?.push(reply.put.object);
    } else if (reply.changed !== undefined && reply.changed.verb !== "slice")
      this.treated.add(`${reply.changed.verb} ${reply.changed.object}`);
  }

  #at(name: string): KnownPlace {
    let known = this.places.get(name);
    if (known === undefined) {
      known = { visits: 0, contents: undefined };
      this.places.set(name, known);
    }
    return known;
  }

  /** Places whose contents are known. */
  searched(): string[] {
    return [...this.places]
      .filter(([, known]) => known.contents !== undefined)
      .map(([name]) => name);
  }

  unsearched(): string[] {
    return [...this.places]
      .filter(([, known]) => known.contents === undefined)
      .map(([name]) => name);
  }
}
