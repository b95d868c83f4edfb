/** What takes the place of a secret. */
const PLACEHOLDER = "[redacted]";

/** Fields whose values are fixed words of the format or numbers alone: a secret cannot be there, and a change would break the line. */
const FIXED: ReadonlySet<string> = new Set([
  "type",
  "hook",
  "role",
  "verdict",
  "status",
  "finish",
  "policy",
  "exit",
  "decision",
  "usage",
  "totals",
  "tokens",
]);

/** Fields that hold data of tools, plugins and users: below them keys and numbers are redacted too. */
const FREE: ReadonlySet<string> = new Set([
  "input",
  "structured",
  "data",
  "details",
  "metadata",
  "outcome",
  "manifest",
  "edits",
  "inputSchema",
]);

/** Removes secrets from events; made once per sink. */
export interface Redactor {
  /** Whether the JSON text of an event contains a secret: lets almost every line pass without a walk. */
  hits(json: string): boolean;
  /** A copy without secrets, or the event itself when it has none. */
  clean<Value>(value: Value): Value;
}

/**
 * Makes a redactor for these values; undefined when there is nothing to hide.
 *
 * A secret is also found inside a string that is itself JSON, where quotes and line breaks are
 * escaped once more.
 */
export function createRedactor(secrets: readonly string[] | undefined): Redactor | undefined {
  const planted = (secrets ?? []).filter((secret) => secret !== "");
  if (planted.length === 0) return undefined;
  const variants = new Set<string>();
  for (const secret of planted) {
    for (let text = secret, depth = 0; depth < 3; depth++, text = escapeJson(text))
      variants.add(text);
  }
  const inText = alternation([...variants], "g");
  const inLine = alternation([...variants].map(escapeJson), "");
  const cleanText = (text: string): string => text.replace(inText, PLACEHOLDER);

  const walk = (source: unknown, key: string, free: boolean): unknown => {
    const value = toJson(source, key);
    if (typeof value === "string") return cleanText(value);
    if (typeof value === "number") {
      const text = String(value);
      return free && cleanText(text) !== text ? PLACEHOLDER : value;
    }
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) {
      let copy: unknown[] | undefined;
      for (let i = 0; i < value.length; i++) {
        const cleaned = walk(value[i], String(i), free);
        if (!Object.is(cleaned, value[i])) (copy ??= value.slice())[i] = cleaned;
      }
      return copy ?? value;
    }
    let changed = false;
    const entries = Object.entries(value).map(([name, item]): [string, unknown] => {
      const cleaned = !free && FIXED.has(name) ? item : walk(item, name, free || FREE.has(name));
      // Every edit has an `op`: the one key of free data that the format asks for.
      const label = free && name !== "op" ? cleanText(name) : name;
      changed ||= label !== name || !Object.is(cleaned, item);
      return [label, cleaned];
    });
    return changed ? Object.fromEntries(entries) : value;
  };

  return {
    hits: (json) => inLine.test(json),
    clean: <Value>(value: Value): Value => walk(value, "", false) as Value,
  };
}

/** The value that `JSON.stringify` would write in place of `value`. */
export function toJson(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { toJSON } = value as { toJSON?: unknown };
  return typeof toJSON === "function" ? (toJSON.call(value, key) as unknown) : value;
}

function escapeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Longest first: a secret that begins with another one must disappear as a whole. */
function alternation(words: string[], flags: string): RegExp {
  words.sort((a, b) => b.length - a.length);
  return new RegExp(
    words.map((word) => word.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|"),
    flags,
  );
}
