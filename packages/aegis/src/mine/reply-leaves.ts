/** A text within a reply: where it stands, by keys, and what it says; the whole reply has no keys. */
export interface ReplyLeaf {
  readonly path: readonly string[];
  readonly text: string;
}

/** The texts of a JSON document, also of one whose end is cut off; of any other reply the whole. */
export function leavesOf(reply: string): ReplyLeaf[] {
  if (!/^\s*[{[]/.test(reply)) return [{ path: [], text: reply }];
  const leaves: ReplyLeaf[] = [];
  const reader = new Reader(reply);
  // What was read until the text ended or stopped being JSON stands.
  read(reader, [], leaves);
  return leaves.length > 0 ? leaves : [{ path: [], text: reply }];
}

const MAX_DEPTH = 32;

/** Reads one value; false when nothing can follow. */
function read(reader: Reader, path: readonly string[], leaves: ReplyLeaf[]): boolean {
  if (path.length > MAX_DEPTH) return false;
  const start = reader.peek();
  if (start === '"') {
    const { text, whole } = reader.string();
    leaves.push({ path, text });
    return whole;
  }
  if (start !== "{" && start !== "[") return reader.skip(/[-+\w.]+/y);
  reader.take(start);
  const end = start === "{" ? "}" : "]";
  for (let index = 0; ; index += 1) {
    if (reader.take(end)) return true;
    if (index > 0 && !reader.take(",")) return false;
    let key = String(index);
    if (start === "{") {
      if (reader.peek() !== '"') return false;
      key = reader.string().text;
      if (!reader.take(":")) return false;
    }
    if (!read(reader, [...path, key], leaves)) return false;
  }
}

/** A place in a text. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  peek(): string | undefined {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at += 1;
    return this.#text[this.#at];
  }

  take(mark: string): boolean {
    if (this.peek() !== mark) return false;
    this.#at += 1;
    return true;
  }

  skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found !== "";
  }

  string(): { readonly text: string; readonly whole: boolean } {
    const pattern = /"(?:[^"\\]|\\u[\da-f]{4}|\\[^u])*/giy;
    pattern.lastIndex = this.#at;
    const raw = pattern.exec(this.#text)?.[0] ?? '"';
    this.#at += raw.length;
    const whole = this.#text[this.#at] === '"';
    this.#at += 1;
    try {
      return { text: JSON.parse(`${raw}"`) as string, whole };
    } catch {
      // A raw line break, which JSON does not allow.
      return { text: raw.slice(1), whole };
    }
  }
}

/** A path with a star for what numbers entries: the same for every document of its kind. */
export const generalPath = (path: readonly string[]): string[] =>
  path.map((key) => (/^-?\d+$/.test(key) ? "*" : key));

/** The first text that stands at a general path. */
export const leafAt = (
  leaves: readonly ReplyLeaf[],
  path: readonly string[],
): ReplyLeaf | undefined =>
  leaves.find(
    (leaf) =>
      leaf.path.length === path.length &&
      path.every((key, index) => key === "*" || key === leaf.path[index]),
  );
