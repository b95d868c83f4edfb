const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Enough of the end of a string to see an escape sequence that a cut would tear. */
const LOOKBACK = 64;
const NOTHING = Buffer.alloc(0);

/**
 * Copies JSON text and shortens every string longer than `limit` bytes, with a note of what is
 * missing. Works on the bytes as they come, so that a string of any length costs only its limit.
 */
export class StringClipper {
  readonly #limit: number;
  readonly #keep: (piece: Buffer) => void;
  readonly #unkeep: (bytes: number) => void;
  #inString = false;
  /** Bytes of the present string that were kept. */
  #kept = 0;
  #dropped = 0;
  /** Backslashes at the end of what was read of the present string. */
  #slashes = 0;
  /** The end of what was read of the present string in earlier bytes. */
  #carry: Buffer = NOTHING;
  /** Bytes left out in all. */
  clipped = 0;

  constructor(limit: number, keep: (piece: Buffer) => void, unkeep: (bytes: number) => void) {
    this.#limit = limit;
    this.#keep = keep;
    this.#unkeep = unkeep;
  }

  write(bytes: Buffer): void {
    /** Start of what is kept but not yet handed on: one long piece costs less than many short ones. */
    let from = 0;
    let at = 0;
    while (at < bytes.length) {
      if (!this.#inString) {
        const quote = bytes.indexOf(QUOTE, at);
        if (quote < 0) break;
        at = quote + 1;
        this.#open();
        continue;
      }
      const found = this.#endOfString(bytes, at);
      const end = found < 0 ? bytes.length : found;
      const room = Math.max(0, this.#limit - this.#kept);
      if (this.#dropped === 0 && end - at > room) {
        this.#keep(bytes.subarray(from, at + room));
        this.#cut(bytes, at, at + room);
        this.#dropped += end - at - room;
        from = end;
      } else if (this.#dropped > 0) {
        this.#dropped += end - at;
        from = end;
      } else {
        this.#kept += end - at;
      }
      if (found < 0) {
        this.#carry = lookback(this.#carry, bytes, at, end);
        break;
      }
      this.#close();
      at = end + 1;
    }
    if (from < bytes.length) this.#keep(bytes.subarray(from));
  }

  #open(): void {
    this.#inString = true;
    this.#kept = 0;
    this.#dropped = 0;
    this.#slashes = 0;
    this.#carry = NOTHING;
  }

  #close(): void {
    if (this.#dropped > 0) this.#keep(Buffer.from(` [… ${this.#dropped} bytes left out …]`));
    this.clipped += this.#dropped;
    this.#inString = false;
  }

  /** Where the closing quote is; -1 when it is not in these bytes. */
  #endOfString(bytes: Buffer, from: number): number {
    for (
      let quote = bytes.indexOf(QUOTE, from);
      quote >= 0;
      quote = bytes.indexOf(QUOTE, quote + 1)
    )
      if (this.#slashesBefore(bytes, from, quote) % 2 === 0) return quote;
    this.#slashes = this.#slashesBefore(bytes, from, bytes.length);
    return -1;
  }

  #slashesBefore(bytes: Buffer, from: number, end: number): number {
    let at = end - 1;
    while (at >= from && bytes[at] === BACKSLASH) at--;
    return end - 1 - at + (at < from ? this.#slashes : 0);
  }

  /** Takes back what the cut would leave torn: half an escape sequence, half a character. */
  #cut(bytes: Buffer, from: number, to: number): void {
    const end = lookback(this.#carry, bytes, from, to);
    const torn = end.length - soundLength(end);
    if (torn > 0) this.#unkeep(torn);
    this.#dropped += torn;
  }
}

const lookback = (carry: Buffer, bytes: Buffer, from: number, to: number): Buffer =>
  Buffer.concat([carry, bytes.subarray(Math.max(from, to - LOOKBACK), to)]).subarray(-LOOKBACK);

function soundLength(end: Buffer): number {
  let length = end.length;
  const slash = end.lastIndexOf(BACKSLASH);
  if (slash >= 0) {
    let first = slash;
    while (first > 0 && end[first - 1] === BACKSLASH) first--;
    const escapes = (slash - first) % 2 === 0;
    const size = end[slash + 1] === 0x75 ? 6 : 2;
    const torn = end.length - slash < size;
    const half = end.length - slash === 6 && /^\\u[dD][89abAB]/.test(end.toString("latin1", slash));
    if (escapes && (torn || half)) length = slash;
  }
  while (length > 0 && (end[length - 1]! & 0xc0) === 0x80) length--;
  if (length > 0 && end[length - 1]! >= 0xc0) length--;
  return length;
}
