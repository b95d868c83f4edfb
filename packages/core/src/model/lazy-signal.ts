/** An abort signal that is created only when somebody looks at it; so is the reason, whose stack is dear. */
export class LazySignal {
  #controller: AbortController | undefined;
  #aborted: (() => unknown) | undefined;

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#aborted());
    }
    return this.#controller.signal;
  }

  abort(reason: () => unknown): void {
    if (this.#aborted) return;
    this.#aborted = reason;
    this.#controller?.abort(reason());
  }
}

/** The reason of a signal whose run is over. */
export const runHasEnded = (): Error => new Error("The run has ended.");
