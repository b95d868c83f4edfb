import { typeOf } from "./names.ts";
import { parseTask } from "./task-text.ts";
import type { TaskSpec } from "./task-text.ts";

/** What the texts so far say about one receptacle. */
export interface ReceptacleView {
  readonly name: string;
  readonly type: string;
  /** Undefined until it was seen. */
  openable?: boolean;
  /** Undefined until it was seen; always true for one that cannot be opened or closed. */
  open?: boolean;
  /** Names of what it held when its contents were last seen or changed; undefined until then. */
  contents?: string[];
}

/**
 * What an agent knows from the texts alone.
 *
 * `observe` must be called with every command and its reply, in order.
 */
export class Knowledge {
  readonly task: TaskSpec | undefined;
  readonly receptacles: ReadonlyMap<string, ReceptacleView>;
  /** Receptacles known to be at the agent's location. */
  here = new Set<string>();
  holding: string | undefined;
  /** Where `holding` was taken from. */
  takenFrom: string | undefined;
  /** What was done to each object: clean, heat, cool. */
  readonly treated = new Map<string, Set<string>>();
  /** Lamps that were used. */
  readonly used = new Set<string>();
  /** Commands that were not applicable since the agent last moved or changed something. */
  readonly refused = new Set<string>();
  readonly #neighbours = new Map<string, Set<string>>();

  /** Reads the text that opens a game. */
  constructor(intro: string) {
    this.task = parseTask(intro);
    const listed = /Looking quickly around you, you see ([^\n]*)\./.exec(intro)?.[1] ?? "";
    this.receptacles = new Map(namesIn(listed).map((name) => [name, { name, type: typeOf(name) }]));
  }

  observe(command: string, observation: string): void {
    if (observation === "Nothing happens.") {
      this.#refuse(command);
      return;
    }
    const text = observation;
    let match: RegExpExecArray | null;
    if ((match = /^You arrive at (\w+ \d+)\. /.exec(text)) !== null) {
      const name = match[1] as string;
      this.here = new Set([name, ...(this.#neighbours.get(name) ?? [])]);
      this.refused.clear();
      this.#describe(text.slice(match[0].length));
    } else if ((match = /^You open the (\w+ \d+)\. /.exec(text)) !== null) {
      this.refused.clear();
      this.#describe(text.slice(match[0].length));
    } else if ((match = /^You close the (\w+ \d+)\./.exec(text)) !== null) {
      const view = this.receptacles.get(match[1] as string);
      if (view !== undefined) view.open = false;
      this.refused.clear();
    } else if ((match = /^You pick up the (\w+ \d+) from the (\w+ \d+)\./.exec(text)) !== null) {
      this.#take(match[1] as string, match[2] as string);
    } else if ((match = /^You move the (\w+ \d+) to the (\w+ \d+)\./.exec(text)) !== null) {
      this.holding = undefined;
      this.receptacles.get(match[2] as string)?.contents?.push(match[1] as string);
      this.refused.clear();
    } else if ((match = /^You (clean|heat|cool) the (\w+ \d+) using/.exec(text)) !== null) {
      this.#treat(match[2] as string, match[1] as string);
    } else if ((match = /^You turn on the (\w+ \d+)\./.exec(text)) !== null) {
      this.used.add(match[1] as string);
    } else if ((match = /^You are facing the ([^.]*)\./.exec(text)) !== null) {
      for (const name of namesIn(match[1] as string)) this.#isHere(name);
    } else if ((match = /^You are carrying: a (\w+ \d+)\./.exec(text)) !== null) {
      this.holding = match[1];
    } else {
      this.#describe(text);
    }
  }

  /** Receptacles whose known contents include an object of the type, with that object's name. */
  seen(type: string): { readonly object: string; readonly receptacle: ReceptacleView }[] {
    return [...this.receptacles.values()].flatMap((receptacle) =>
      (receptacle.contents ?? [])
        .filter((object) => typeOf(object) === type && object !== this.holding)
        .map((object) => ({ object, receptacle })),
    );
  }

  #refuse(command: string): void {
    this.refused.add(command);
    // One cannot go to where one stands: a known receptacle that refuses must be here.
    const name = /^go to (\w+ \d+)$/.exec(command)?.[1];
    if (name !== undefined && this.receptacles.has(name) && this.here.size > 0) this.#isHere(name);
  }

  #isHere(name: string): void {
    if (!this.receptacles.has(name)) return;
    this.here.add(name);
    for (const one of this.here) {
      const known = this.#neighbours.get(one) ?? new Set();
      for (const other of this.here) if (other !== one) known.add(other);
      this.#neighbours.set(one, known);
    }
  }

  #take(object: string, from: string): void {
    this.holding = object;
    this.takenFrom = from;
    const view = this.receptacles.get(from);
    if (view?.contents !== undefined) {
      view.contents = view.contents.filter((name) => name !== object);
    }
    this.refused.clear();
  }

  #treat(object: string, verb: string): void {
    const done = this.treated.get(object) ?? new Set();
    // Heat and cold undo each other.
    if (verb !== "clean") for (const other of ["heat", "cool"]) done.delete(other);
    this.treated.set(object, done.add(verb));
  }

  /** "On the R, you see …", "The R is open. In it, you see …" or "The R is closed." */
  #describe(text: string): void {
    const match =
      /^On the (?<on>\w+ \d+), you see (?<list>[^.]*)\.|^The (?<in>\w+ \d+) is (?:closed|open\. In it, you see (?<held>[^.]*))\./.exec(
        text,
      )?.groups;
    if (match === undefined) return;
    const view = this.receptacles.get(match["on"] ?? match["in"] ?? "");
    if (view === undefined) return;
    view.openable = match["in"] !== undefined;
    const listed = match["list"] ?? match["held"];
    view.open = listed !== undefined;
    if (listed !== undefined) view.contents = namesIn(listed);
  }
}

const namesIn = (list: string): string[] => list.match(/[a-z]\w* \d+/g) ?? [];
