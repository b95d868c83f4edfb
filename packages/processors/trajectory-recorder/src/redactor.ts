import type { Json } from "@harnessx/core/plugin";
import type { Redaction } from "./options.ts";

/** Takes out of texts what must not be written. */
export class Redactor {
  readonly #rules: readonly { readonly expression: RegExp; readonly with: string }[];
  readonly #changed: { count: number };

  /** Throws for an invalid pattern. `changed` counts the texts that were changed. */
  constructor(redactions: readonly Redaction[], changed: { count: number }) {
    this.#changed = changed;
    this.#rules = redactions.map((rule) => ({
      expression: new RegExp(rule.pattern, `${rule.flags}g`),
      with: rule.with,
    }));
  }

  text(text: string): string {
    let clean = text;
    // A function, so that "$&" in the replacement does not bring the secret back.
    for (const rule of this.#rules) clean = clean.replace(rule.expression, () => rule.with);
    if (clean !== text) this.#changed.count += 1;
    return clean;
  }

  /** A copy of plain data in which every text, names of fields included, is clean. */
  json(value: unknown): Json {
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.json(item));
    if (typeof value !== "object" || value === null) return (value ?? null) as Json;
    // From entries: a field named __proto__ stays a field.
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, field]) => field !== undefined)
        .map(([key, field]) => [this.text(key), this.json(field)]),
    );
  }
}
