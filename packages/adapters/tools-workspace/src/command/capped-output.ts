/** Keeps the beginning and the end of an output of any length, in a fixed amount of memory. */
export class CappedOutput {
  readonly #half: number;
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#half = Math.ceil(maxBytes / 2);
  }

  add(chunk: Buffer): void {
    this.#bytes += chunk.length;
    const toHead = chunk.subarray(0, this.#half - this.#headBytes);
    if (toHead.length > 0) {
      this.#head.push(toHead);
      this.#headBytes += toHead.length;
    }
    const rest = chunk.subarray(toHead.length);
    if (rest.length === 0) return;
    this.#tail.push(rest);
    this.#tailBytes += rest.length;
    // Compacted now and then rather than for each chunk.
    if (this.#tailBytes > 4 * this.#half || this.#tail.length > 1000) this.#compact();
  }

  get truncated(): boolean {
    return this.#bytes > 2 * this.#half;
  }

  toString(): string {
    this.#compact();
    const [head, tail] = [Buffer.concat(this.#head), Buffer.concat(this.#tail)];
    if (!this.truncated) return Buffer.concat([head, tail]).toString("utf8");
    const dropped = this.#bytes - head.length - tail.length;
    return `${head.toString("utf8")}\n[… ${dropped} bytes left out …]\n${tail.toString("utf8")}`;
  }

  #compact(): void {
    const tail = Buffer.concat(this.#tail);
    // A copy: a part of a chunk would keep the whole of it.
    this.#tail = [Buffer.from(tail.subarray(Math.max(0, tail.length - this.#half)))];
    this.#tailBytes = this.#tail[0]!.length;
  }
}
