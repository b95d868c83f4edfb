/** An unbounded queue between one producer and one consumer; pushing costs no promise while the consumer is busy. */
export class AsyncQueue<Item> implements AsyncIterableIterator<Item> {
  #items: Item[] = [];
  #next = 0;
  #ended = false;
  /** Consumers that asked for more than there is, oldest first. */
  #waiting: ((result: IteratorResult<Item>) => void)[] = [];
  readonly #onReturn: () => void;

  /** `onReturn` is called when the consumer leaves before the end. */
  constructor(onReturn: () => void) {
    this.#onReturn = onReturn;
  }

  push(item: Item): void {
    if (this.#ended) return;
    const waiting = this.#waiting.shift();
    if (waiting) {
      waiting({ done: false, value: item });
    } else {
      this.#items.push(item);
    }
  }

  end(): void {
    this.#ended = true;
    for (const waiting of this.#waiting.splice(0)) waiting({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<Item>> {
    if (this.#next < this.#items.length) {
      const value = this.#items[this.#next]!;
      this.#next += 1;
      if (this.#next === this.#items.length) {
        this.#items = [];
        this.#next = 0;
      }
      return Promise.resolve({ done: false, value });
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  return(): Promise<IteratorResult<Item>> {
    if (!this.#ended) this.#onReturn();
    this.#items = [];
    this.#next = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
