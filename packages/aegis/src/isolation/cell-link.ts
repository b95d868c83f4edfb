import type { Cell, Json } from "@harnessx/core";

/**
 * A cell of the run whose value lives in a machine.
 *
 * Reading it, as a swap does, brings the value over; nothing crosses the border before that.
 */
export class CellLink {
  readonly name: string;
  readonly #cell: Cell<Json>;
  readonly #initial: Json;
  #read: string | undefined;
  #linked = true;

  constructor(name: string, cell: Cell<Json>, read: () => Json | undefined) {
    this.name = name;
    this.#cell = cell;
    this.#initial = cell.value;
    Object.defineProperty(cell, "value", {
      configurable: true,
      enumerable: true,
      get: () => {
        const value = read() ?? this.#initial;
        this.#read = JSON.stringify(value);
        this.#put(value);
        return value;
      },
      set: (value: Json) => {
        this.#put(value);
      },
    });
  }

  /** The machine goes: the cell keeps its last value, unless somebody else has it by now. */
  release(last: Json | undefined): void {
    if (this.#linked) this.#put(last ?? this.#initial);
    else if (last !== undefined && this.#read !== undefined && this.#isData()) {
      if (JSON.stringify(this.#cell.value) === this.#read) this.#put(last);
    }
  }

  #isData(): boolean {
    return Object.getOwnPropertyDescriptor(this.#cell, "value")?.get === undefined;
  }

  #put(value: Json): void {
    this.#linked = false;
    Object.defineProperty(this.#cell, "value", {
      configurable: true,
      enumerable: true,
      writable: true,
      value,
    });
  }
}
