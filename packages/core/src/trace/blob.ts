import { hash } from "node:crypto";
import { toJson } from "./redact.ts";

/** Lines and strings above this many bytes are looked at; shorter ones are written as they are. */
export const INLINE_LIMIT = 2048;

/** Characters of a blob that stay in the line, so that a trace can be skimmed without its blobs. */
const HEAD = 120;

/** Stands in a line for a long string. */
export interface BlobRef {
  /** `sha256-` and the hash of the string's UTF-8 bytes: the name of the file. */
  readonly $blob: string;
  readonly bytes: number;
  /** The first 120 characters. */
  readonly head: string;
}

/** A long string on its way to disk. */
export interface Blob {
  readonly name: string;
  readonly bytes: Buffer;
}

const NAME = /^sha256-[0-9a-f]{64}$/;

/** A payload key that could be taken for a reference; `$$blob` stands for `$blob` and so on. */
const ESCAPABLE = /^\$+blob$/;
const ESCAPED = /^\$\$+blob$/;

/** The content address of these bytes. */
export function blobName(bytes: Buffer): string {
  return `sha256-${hash("sha256", bytes)}`;
}

/** True for what the writer puts in place of a long string. */
export function isBlobRef(value: unknown): value is BlobRef {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { $blob, bytes, head } = value as Partial<Record<keyof BlobRef, unknown>>;
  return (
    typeof $blob === "string" &&
    NAME.test($blob) &&
    Number.isSafeInteger(bytes) &&
    (bytes as number) >= 0 &&
    typeof head === "string" &&
    Object.keys(value).length === 3
  );
}

/** Whether UTF-8 needs more than the limit; counts bytes only where the length leaves it open. */
export function isLong(text: string): boolean {
  if (text.length > INLINE_LIMIT) return true;
  // A UTF-16 unit is at most three bytes.
  return text.length * 3 > INLINE_LIMIT && Buffer.byteLength(text) > INLINE_LIMIT;
}

/** Whether a line has a key that ends in `$blob`: within JSON text `":` never occurs inside a string. */
export function needsEscape(line: string): boolean {
  return line.includes('$blob":');
}

/**
 * A copy of `value` in which every long string is a reference and every payload key that looks
 * like one is escaped; shares what did not change. `store` gets each blob.
 */
export function detach(source: unknown, store: (blob: Blob) => void, key = ""): unknown {
  const value = toJson(source, key);
  if (typeof value === "string") return isLong(value) ? detachText(value, store) : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined;
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      // Token ids and log-probabilities: thousands of numbers in one line.
      if (typeof item === "number") continue;
      const detached = detach(item, store, String(i));
      if (detached !== item) (copy ??= value.slice())[i] = detached;
    }
    return copy ?? value;
  }
  let changed = false;
  const entries = Object.entries(value).map(([name, item]): [string, unknown] => {
    const detached = typeof item === "number" ? item : detach(item, store, name);
    const label = ESCAPABLE.test(name) ? `$${name}` : name;
    changed ||= detached !== item || label !== name;
    return [label, detached];
  });
  // fromEntries defines its keys, so a payload key `__proto__` stays a key.
  return changed ? Object.fromEntries(entries) : value;
}

function detachText(text: string, store: (blob: Blob) => void): string | BlobRef {
  const bytes = Buffer.from(text);
  // A lone surrogate has no UTF-8 form; JSON can escape it, so such a string stays in the line.
  if (bytes.toString() !== text) return text;
  const name = blobName(bytes);
  store({ name, bytes });
  return { $blob: name, bytes: bytes.length, head: headOf(text) };
}

/** Never ends in half a surrogate pair: the line must have a UTF-8 form. */
function headOf(text: string): string {
  const last = text.charCodeAt(HEAD - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? HEAD - 1 : HEAD);
}

/**
 * Undoes `detach` on a parsed line, in place where it can. `load` returns the text of a reference
 * and throws when it cannot; an object that is neither reference nor escaped calls `refuse`.
 */
export function attach(
  value: unknown,
  load: (ref: BlobRef) => string,
  refuse: () => never,
): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      if (typeof value[i] === "object") value[i] = attach(value[i], load, refuse);
    }
    return value;
  }
  if (Object.hasOwn(value, "$blob")) return isBlobRef(value) ? load(value) : refuse();
  const fields = value as Record<string, unknown>;
  let escaped = false;
  for (const key of Object.keys(fields)) {
    escaped ||= ESCAPED.test(key);
    if (typeof fields[key] === "object") fields[key] = attach(fields[key], load, refuse);
  }
  if (!escaped) return value;
  return Object.fromEntries(
    Object.entries(fields).map(([key, item]) => [ESCAPED.test(key) ? key.slice(1) : key, item]),
  );
}
