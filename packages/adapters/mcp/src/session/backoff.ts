/** Spaces out attempts that keep failing: the first comes at once, each later one waits twice as long. */
export class Backoff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  #failures = 0;
  #notBefore = 0;

  constructor(firstMs: number, mostMs: number) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
  }

  /** Milliseconds until the next attempt is due. */
  get dueInMs(): number {
    return Math.max(0, this.#notBefore - Date.now());
  }

  failed(): void {
    this.#notBefore = Date.now() + Math.min(this.#mostMs, this.#firstMs * 2 ** this.#failures++);
  }

  succeeded(): void {
    this.#failures = 0;
    this.#notBefore = 0;
  }
}
