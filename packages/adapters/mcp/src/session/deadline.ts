/** A deadline that stands still while somebody is waited for who is not to be hurried. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #reason: () => Error;
  #left: number;
  #since = 0;
  #paused = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number, reason: () => Error) {
    this.#left = ms;
    this.#reason = reason;
    this.#run();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  async whileWaiting<Result>(wait: () => Promise<Result>): Promise<Result> {
    if (this.#paused++ === 0) {
      clearTimeout(this.#timer);
      this.#left -= Date.now() - this.#since;
    }
    try {
      return await wait();
    } finally {
      if (--this.#paused === 0) this.#run();
    }
  }

  abort(reason: Error): void {
    this.dispose();
    this.#controller.abort(reason);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#paused = Number.POSITIVE_INFINITY;
  }

  #run(): void {
    this.#since = Date.now();
    this.#timer = setTimeout(() => this.#controller.abort(this.#reason()), Math.max(0, this.#left));
  }
}
