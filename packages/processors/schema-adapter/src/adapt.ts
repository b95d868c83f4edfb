import type { JsonSchema } from "@harnessx/core/plugin";
import type { Quirks } from "./options.ts";
import { accepts, isFields, propertiesOf, requiredOf, schemaAt, type Fields } from "./schema.ts";

/** Deeper than this no schema of a tool goes; a recursive one can. */
const maxDepth = 20;

/** The arguments as the tool expects them, or the very same value when nothing is to be changed. */
export function adaptInput(input: unknown, schema: JsonSchema, quirks: Quirks): unknown {
  return new Adapter(schema, quirks).adapt(input, schema, 0);
}

class Adapter {
  readonly #root: JsonSchema;
  readonly #quirks: Quirks;

  constructor(root: JsonSchema, quirks: Quirks) {
    this.#root = root;
    this.#quirks = quirks;
  }

  adapt(value: unknown, schema: unknown, depth: number): unknown {
    const found = schemaAt(schema, this.#root);
    if (!found || depth > maxDepth) return value;
    if (Array.isArray(value)) {
      const items = value.map((item) => this.adapt(item, found["items"], depth + 1));
      return items.every((item, index) => item === value[index]) ? value : items;
    }
    if (isFields(value) && accepts(found, "object", this.#root) !== false)
      return this.#adaptFields(value, found, depth);
    const read = this.#read(value, found);
    if (read !== undefined) return this.adapt(read, found, depth + 1);
    return value;
  }

  #adaptFields(fields: Fields, schema: JsonSchema, depth: number): Fields {
    const known = propertiesOf(schema);
    const required = new Set(requiredOf(schema));
    const adapted: [string, unknown][] = [];
    let changed = false;
    for (const [name, field] of Object.entries(fields)) {
      const sub = Object.hasOwn(known, name) ? known[name] : undefined;
      if (sub !== undefined && !required.has(name) && this.#isNothing(field, sub)) {
        changed = true;
        continue;
      }
      const next = this.adapt(field, sub, depth + 1);
      changed ||= next !== field;
      adapted.push([name, next]);
    }
    return changed ? Object.fromEntries(adapted) : fields;
  }

  /** Whether an optional argument was filled in only to say that it is not given. */
  #isNothing(value: unknown, schema: unknown): boolean {
    const found = schemaAt(schema, this.#root);
    if (!found) return false;
    if (value === null)
      return this.#quirks.dropNull && accepts(found, "null", this.#root) === false;
    if (typeof value !== "string" || !this.#quirks.dropPlaceholders) return false;
    if (isListed(value, found)) return false;
    if (placeholders.has(value.trim().toLowerCase())) return true;
    // An empty text can be meant, unless the argument is no text at all.
    return value.trim() === "" && accepts(found, "string", this.#root) === false;
  }

  /** What a value was meant as; nothing when the schema may want it as it is. */
  #read(value: unknown, schema: JsonSchema): unknown {
    const { readScalars, readJson, wrapLists } = this.#quirks;
    const refuses = (type: string): boolean => accepts(schema, type, this.#root) === false;
    const wants = (type: string): boolean => accepts(schema, type, this.#root) === true;
    if (!refuses(typeOf(value))) return undefined;
    if (typeof value === "string") {
      const text = value.trim();
      if (readScalars && wants("boolean") && /^(?:true|false)$/i.test(text))
        return text.toLowerCase() === "true";
      if (readScalars && (wants("number") || wants("integer")) && decimal.test(text)) {
        const read = Number(text);
        if (Number.isSafeInteger(read) || (wants("number") && !/^-?\d+$/.test(text))) return read;
      }
      const read = readJson ? jsonIn(text) : undefined;
      if (read !== undefined && wants(Array.isArray(read) ? "array" : "object")) return read;
    }
    if (wrapLists && value !== null && wants("array") && schema["items"] !== undefined)
      return [value];
    return undefined;
  }
}

const placeholders = new Set(["null", "none", "undefined", "n/a"]);
const decimal = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** Whether the very word is one of the choices. */
function isListed(value: string, schema: JsonSchema): boolean {
  const choices: unknown = schema["enum"];
  return schema["const"] === value || (Array.isArray(choices) && choices.includes(value));
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function jsonIn(text: string): Fields | readonly unknown[] | undefined {
  if (!/^[[{]/.test(text)) return undefined;
  try {
    const read: unknown = JSON.parse(text);
    return Array.isArray(read) || isFields(read) ? read : undefined;
  } catch {
    return undefined;
  }
}
