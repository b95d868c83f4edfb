/** Sizes of a game; they fix where each kind of fact lies in the bytes of a state. */
export interface Sizes {
  readonly receptacles: number;
  readonly objects: number;
  readonly locations: number;
}

/** What may change about an object, as bits. */
export const change = { clean: 1, hot: 2, cool: 4, sliced: 8, toggled: 16, on: 32 } as const;

/**
 * Everything in a world that can change.
 *
 * All facts but two numbers lie in one array of bytes, so that a copy is one `slice` and a
 * comparison is one loop; `opened` to `near` are windows on it.
 */
export class Facts {
  readonly #sizes: Sizes;
  readonly bytes: Uint8Array;
  /** The agent's location. */
  at: number;
  /** The object in the agent's hands; -1 when they are empty. */
  holding: number;
  /** By receptacle. */
  readonly opened: Uint8Array;
  /** Bits of `change`, by object. */
  readonly changes: Uint8Array;
  /** `receptacle * objects + object`: the object is in the receptacle. */
  readonly inside: Uint8Array;
  /** The same index: the object was taken out of the receptacle and has not been put back. */
  readonly removed: Uint8Array;
  /** `location * objects + object`: the object is at the location. */
  readonly near: Uint8Array;

  constructor(sizes: Sizes, at: number, holding = -1, bytes?: Uint8Array) {
    const { receptacles, objects, locations } = sizes;
    const pairs = receptacles * objects;
    this.#sizes = sizes;
    this.at = at;
    this.holding = holding;
    this.bytes = bytes ?? new Uint8Array(receptacles + objects + 2 * pairs + locations * objects);
    let start = 0;
    const window = (length: number): Uint8Array => this.bytes.subarray(start, (start += length));
    this.opened = window(receptacles);
    this.changes = window(objects);
    this.inside = window(pairs);
    this.removed = window(pairs);
    this.near = window(locations * objects);
  }

  copy(): Facts {
    return new Facts(this.#sizes, this.at, this.holding, this.bytes.slice());
  }

  /** Takes over a state of the same game; throws a RangeError when the sizes differ. */
  assign(state: {
    readonly at: number;
    readonly holding: number;
    readonly bytes: Uint8Array;
  }): void {
    if (state.bytes.length !== this.bytes.length) throw new RangeError("state of another game");
    this.bytes.set(state.bytes);
    this.at = state.at;
    this.holding = state.holding;
  }
}
