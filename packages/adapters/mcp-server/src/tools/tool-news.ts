import type { Tool } from "@harnessx/core/plugin";

const LOOK_MS = 1_000;

/**
 * Tells when the tools of a harness have changed. They do not say so themselves: while somebody
 * listens, they are looked at, which costs next to nothing because an unchanged list is the same array.
 */
export class ToolNews {
  readonly #listeners = new Set<() => void>();
  #known: readonly Tool[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(readonly tools: () => readonly Tool[]) {}

  /** Calls back after each change until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#timer === undefined) {
      this.#known = this.tools();
      this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  #look(): void {
    const now = this.tools();
    if (now === this.#known) return;
    this.#known = now;
    for (const listener of this.#listeners) listener();
  }
}
