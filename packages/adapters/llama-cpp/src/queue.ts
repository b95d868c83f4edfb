/** Lets one in at a time, in the order of asking. */
export class Queue {
  #last: Promise<void> = Promise.resolve();

  /** Resolves, when everybody before has left, to what lets the next one in. Rejects on abort. */
  async enter(signal: AbortSignal): Promise<() => void> {
    const before = this.#last;
    const { promise, resolve: leave } = withResolver();
    this.#last = before.then(() => promise);
    try {
      await unlessAborted(before, signal);
    } catch (thrown) {
      leave();
      throw thrown;
    }
    return leave;
  }
}

function withResolver(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    void promise.then(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    });
  });
}
