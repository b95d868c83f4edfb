import type { Finding } from "./reading.ts";

/** What is known of a place. */
export type Place = {
  name: string;
  visited: boolean;
  closed: boolean;
  /** What it held when it was last seen; null while nobody has looked. */
  items: string[] | null;
};

/** All that is remembered; plain JSON, because a swap hands it over. */
export type NotesState = {
  /** Id of the last message that was read. */
  readUpTo: number;
  here: string | null;
  places: Place[];
  held: string[];
  placed: { item: string; place: string }[];
  changed: { item: string; change: string }[];
  failed: string[];
};

/** State before anything has been read. */
export function emptyState(): NotesState {
  return { readUpTo: -1, here: null, places: [], held: [], placed: [], changed: [], failed: [] };
}

const maxPlaces = 300;
const maxChanges = 20;

/** Applies findings to the state, which it changes in place. */
export class Memory {
  readonly #state: NotesState;
  readonly #maxFailures: number;
  readonly #places = new Map<string, Place>();

  constructor(state: NotesState, maxFailures: number) {
    this.#state = state;
    this.#maxFailures = maxFailures;
    for (const place of state.places) this.#places.set(keyOf(place.name), place);
  }

  /** A call that had no effect. */
  failed(action: string): void {
    const { failed } = this.#state;
    this.#forgetFailures((other) => other !== action);
    failed.push(action);
    if (failed.length > this.#maxFailures) failed.splice(0, failed.length - this.#maxFailures);
  }

  /** A call that was answered, and what the call and its reply tell. */
  answered(action: string, findings: readonly Finding[]): void {
    this.#forgetFailures((other) => other !== action);
    let subject: string | undefined;
    for (const finding of findings) subject = this.#apply(finding, subject) ?? subject;
  }

  /** Applies one finding; returns the place that the rest of the reply may call "it". */
  #apply(finding: Finding, subject: string | undefined): string | undefined {
    const state = this.#state;
    switch (finding.kind) {
      case "places":
        for (const name of finding.places) this.#place(name);
        return undefined;
      case "visit": {
        const place = this.#place(finding.place);
        if (place) place.visited = true;
        state.here = finding.place;
        this.#changed(finding.place);
        return finding.place;
      }
      case "open":
      case "closed": {
        const place = this.#places.get(keyOf(finding.place));
        if (!place) return undefined;
        place.closed = finding.kind === "closed";
        if (!place.closed) this.#changed(place.name);
        return place.name;
      }
      case "contents": {
        const name = this.#resolve(finding.place, subject);
        const place = name === undefined ? undefined : this.#place(name);
        if (place)
          Object.assign(place, { visited: true, closed: false, items: [...finding.items] });
        return undefined;
      }
      case "take":
        this.#leave(finding.item);
        state.placed = state.placed.filter(({ item }) => !same(item, finding.item));
        state.held.push(finding.item);
        this.#changed(finding.item);
        return undefined;
      case "put": {
        this.#leave(finding.item);
        this.#changed(finding.item);
        const name = this.#resolve(finding.place, subject);
        if (name === undefined) return undefined;
        state.placed = [
          ...state.placed.filter(({ item }) => !same(item, finding.item)),
          { item: finding.item, place: name },
        ];
        const place = this.#place(name);
        if (place?.items) place.items.push(finding.item);
        return undefined;
      }
      case "change": {
        const others = state.changed.filter(({ change }) => !same(change, finding.change));
        state.changed = [...others, { item: finding.item, change: finding.change }].slice(
          -maxChanges,
        );
        this.#changed(finding.item);
        return undefined;
      }
      case "held":
        state.held = [...finding.items];
        return undefined;
    }
  }

  /** The place that a text means; "it" is what the same reply named before, and nothing otherwise. */
  #resolve(name: string | undefined, subject: string | undefined): string | undefined {
    if (name === undefined) return subject ?? this.#state.here ?? undefined;
    return /^(?:it|there|here|them)$/i.test(name) ? subject : name;
  }

  #place(name: string): Place | undefined {
    const key = keyOf(name);
    let place = this.#places.get(key);
    if (!place && this.#places.size < maxPlaces) {
      place = { name, visited: false, closed: false, items: null };
      this.#places.set(key, place);
      this.#state.places.push(place);
    }
    return place;
  }

  /** An item is no longer where it was. */
  #leave(item: string): void {
    const state = this.#state;
    state.held = state.held.filter((other) => !same(other, item));
    for (const place of state.places) {
      if (place.items?.some((other) => same(other, item))) {
        place.items = place.items.filter((other) => !same(other, item));
      }
    }
  }

  /** What failed before something changed may work now. */
  #changed(name: string): void {
    const key = keyOf(name);
    this.#forgetFailures((action) => !keyOf(action).includes(key));
  }

  #forgetFailures(keep: (action: string) => boolean): void {
    const { failed } = this.#state;
    if (failed.length > 0) failed.splice(0, failed.length, ...failed.filter(keep));
  }
}

function keyOf(name: string): string {
  return name.toLowerCase();
}

function same(a: string, b: string): boolean {
  return keyOf(a) === keyOf(b);
}
