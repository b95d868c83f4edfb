import { detectors, type Detector, type SecretKind } from "./detectors.ts";
import type { SecretRedactionOptions } from "./options.ts";

/** Where a secret stands in a text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

const placeholder = /\[secret (\d{1,6})\]/g;

/** Replaces secrets by placeholders that stay the same for the whole run, and back. */
export class Redactor {
  readonly #detectors: readonly Detector[];
  readonly #ignored: ReadonlySet<string>;
  readonly #maxSecrets: number;
  readonly #secrets: string[];

  /** `secrets` is kept and added to: the number of a secret is its place there, from 1. */
  constructor(options: SecretRedactionOptions, secrets: string[]) {
    const { except, patterns, ignore, maxSecrets } = options;
    const known = Object.entries(detectors).flatMap(([kind, forms]) =>
      except.includes(kind as SecretKind) ? [] : forms,
    );
    const own = patterns.map(({ pattern, ignoreCase = false }) => ({
      pattern: new RegExp(pattern, ignoreCase ? "dgi" : "dg"),
    }));
    this.#detectors = [...known, ...own];
    this.#ignored = new Set(ignore);
    this.#maxSecrets = maxSecrets;
    this.#secrets = secrets;
  }

  redact(text: string): string {
    const spans = merged([
      ...this.#detectors.flatMap((detector) => this.#found(text, detector)),
      ...this.#secrets.filter(isUnmistakable).flatMap((secret) => occurrences(text, secret)),
    ]);
    if (spans.length === 0) return text;
    let redacted = "";
    let from = 0;
    for (const { start, end } of spans) {
      redacted += text.slice(from, start) + this.#placeholderFor(text.slice(start, end));
      from = end;
    }
    return redacted + text.slice(from);
  }

  /** The value with the secrets in place of their placeholders; the very same value when it has none. */
  restore(value: unknown): unknown {
    if (typeof value === "string") {
      return value.replace(
        placeholder,
        (whole, number: string) => this.#secrets[Number(number) - 1] ?? whole,
      );
    }
    if (Array.isArray(value)) {
      const items = value.map((item) => this.restore(item));
      return items.every((item, index) => item === value[index]) ? value : items;
    }
    if (typeof value !== "object" || value === null) return value;
    const fields = Object.entries(value).map(([name, field]): [string, unknown, unknown] => [
      name,
      this.restore(field),
      field,
    ]);
    if (fields.every(([, restored, field]) => restored === field)) return value;
    return Object.fromEntries(fields.map(([name, restored]) => [name, restored]));
  }

  #found(text: string, { pattern, isReal }: Detector): Span[] {
    return Array.from(text.matchAll(pattern), (match): Span => {
      const [start, end] = match.indices!.slice(1).find((group) => group) ?? match.indices![0]!;
      return { start, end };
    }).filter(({ start, end }) => {
      const secret = text.slice(start, end);
      return secret !== "" && !this.#ignored.has(secret) && (isReal?.(secret) ?? true);
    });
  }

  #placeholderFor(secret: string): string {
    let index = this.#secrets.indexOf(secret);
    if (index < 0) {
      if (this.#secrets.length >= this.#maxSecrets) return "[secret]";
      index = this.#secrets.push(secret) - 1;
    }
    return `[secret ${index + 1}]`;
  }
}

/** Whether a secret cannot be meant as a word: only then it is looked for where nothing announces it. */
function isUnmistakable(secret: string): boolean {
  return secret.length >= 8 && /[^a-z]/.test(secret) && !/^\d+$/.test(secret);
}

function occurrences(text: string, secret: string): Span[] {
  const spans: Span[] = [];
  for (
    let start = text.indexOf(secret);
    start >= 0;
    start = text.indexOf(secret, start + secret.length)
  ) {
    spans.push({ start, end: start + secret.length });
  }
  return spans;
}

/** Spans in order; those that overlap as one. */
function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result.at(-1);
    if (!last || span.start >= last.end) result.push(span);
    else if (span.end > last.end) result[result.length - 1] = { start: last.start, end: span.end };
  }
  return result;
}
