import { StringClipper } from "./string-clipper.ts";

/** How much of one message is held. */
export interface MessageBounds {
  /** Bytes of one string in a message; longer ones are shortened. */
  readonly maxTextBytes: number;
  /** Bytes of a message after that; larger ones are dropped. */
  readonly maxMessageBytes: number;
}

/** One line, without its end. */
export interface BoundedLine {
  /** Absent when the line was larger than allowed. */
  readonly text?: string;
  /** Bytes left out of its strings. */
  readonly clipped: number;
  /** Bytes that came. */
  readonly bytes: number;
  /** Beginning and end of what was dropped. */
  readonly ends: string;
}

/** Below this a line is only collected; above it is read for strings that are too long. */
const PLAIN = 128 * 1024;
const ENDS = 512;
/** No answer is larger; what comes after is a stream that is none of ours. */
const ENDLESS = 1024 ** 3;

/** Splits bytes into lines and never holds more than the bounds allow. */
export class BoundedLines {
  readonly #bounds: MessageBounds;
  #pieces: Buffer[] = [];
  #held = 0;
  #bytes = 0;
  #clipper: StringClipper | undefined;
  #over = false;
  #head = "";
  #first = 0;
  #tail: Buffer = Buffer.alloc(0);

  constructor(bounds: MessageBounds) {
    this.#bounds = bounds;
  }

  /** The lines that these bytes complete. */
  *push(chunk: Buffer): Generator<BoundedLine> {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#add(chunk.subarray(start, end));
      start = end + 1;
      yield this.#line();
    }
    if (start < chunk.length) this.#add(chunk.subarray(start));
  }

  /** Bytes of the line under way when it cannot become a message: it does not begin like one, or has no end. */
  get pendingNoise(): number {
    const hopeless = this.#first !== 0x7b || this.#bytes > ENDLESS;
    return hopeless ? this.#bytes : 0;
  }

  /** What is left when no more comes. */
  end(): BoundedLine | undefined {
    return this.#bytes === 0 ? undefined : this.#line();
  }

  #add(bytes: Buffer): void {
    if (this.#bytes === 0) this.#first = bytes[0] ?? 0;
    this.#bytes += bytes.length;
    if (this.#over) {
      this.#tail = lastOf(this.#tail, bytes);
      return;
    }
    if (this.#clipper === undefined && this.#held + bytes.length > PLAIN) this.#startClipping();
    if (this.#clipper) this.#clipper.write(bytes);
    else this.#keep(bytes);
    if (this.#held > this.#bounds.maxMessageBytes) {
      this.#over = true;
      const all = Buffer.concat([...this.#pieces.slice(-2), bytes]);
      this.#head = (this.#pieces[0] ?? bytes).toString("utf8", 0, ENDS);
      this.#tail = lastOf(Buffer.alloc(0), all);
      this.#pieces = [];
      this.#held = 0;
    }
  }

  #startClipping(): void {
    const collected = this.#pieces;
    this.#pieces = [];
    this.#held = 0;
    this.#clipper = new StringClipper(
      this.#bounds.maxTextBytes,
      (piece) => this.#keep(piece),
      (bytes) => this.#unkeep(bytes),
    );
    for (const piece of collected) this.#clipper.write(piece);
  }

  #keep(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#held += piece.length;
  }

  #unkeep(bytes: number): void {
    this.#held -= bytes;
    for (let left = bytes; left > 0 && this.#pieces.length > 0;) {
      const last = this.#pieces.pop()!;
      if (last.length > left) this.#pieces.push(last.subarray(0, last.length - left));
      left -= last.length;
    }
  }

  #line(): BoundedLine {
    const { clipped = 0 } = this.#clipper ?? {};
    const bytes = this.#bytes;
    const line: BoundedLine = this.#over
      ? { clipped, bytes, ends: this.#head + this.#tail.toString("utf8") }
      : { text: textOf(this.#pieces), clipped, bytes, ends: "" };
    this.#pieces = [];
    this.#held = 0;
    this.#bytes = 0;
    this.#clipper = undefined;
    this.#over = false;
    this.#head = "";
    return line;
  }
}

function textOf(pieces: Buffer[]): string {
  const only = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  const end = only.length > 0 && only[only.length - 1] === 13 ? only.length - 1 : only.length;
  return only.toString("utf8", 0, end);
}

const lastOf = (before: Buffer, bytes: Buffer): Buffer =>
  Buffer.from(
    bytes.length >= ENDS ? bytes.subarray(-ENDS) : Buffer.concat([before, bytes]).subarray(-ENDS),
  );
