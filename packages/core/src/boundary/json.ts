import { hxError } from "../errors/index.ts";
import type { Json } from "../plugin/json.ts";

/** Deeper values are cycles or attacks. */
const MAX_DEPTH = 200;

/**
 * A deep-frozen copy of a value as JSON would keep it: what comes from a model, a tool or a plugin
 * is copied once where it enters, so that nobody can change it afterwards and a trace can hold it.
 *
 * `undefined` and functions in objects are left out, numbers without JSON form become null, and a
 * `__proto__` key is a key like any other. Throws HX_NOT_JSON for cycles and BigInt.
 */
export function frozenJson(value: unknown, what = "a value"): Json {
  return copy(value, what, true, 0) ?? null;
}

/** Like `frozenJson`, but the copy may be changed: for tools that do so with their arguments. */
export function mutableJson(value: unknown, what = "a value"): Json {
  return copy(value, what, false, 0) ?? null;
}

/** Whether a value is made of plain objects, arrays, texts, finite numbers, booleans and null alone. */
export function isPlainJson(value: unknown, depth = 0): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || depth > MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((item) => isPlainJson(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(value).every(
    (field) => field === undefined || isPlainJson(field, depth + 1),
  );
}

function copy(value: unknown, what: string, freeze: boolean, depth: number): Json | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : null;
    case "undefined":
    case "function":
    case "symbol":
      return undefined;
    case "bigint":
      throw hxError("HX_NOT_JSON", { what, problem: "it holds a BigInt" });
    case "object":
      break;
  }
  if (value === null) return null;
  if (depth > MAX_DEPTH)
    throw hxError("HX_NOT_JSON", { what, problem: "it is a cycle or too deep" });
  if (Array.isArray(value)) {
    const items: Json[] = [];
    for (const item of value as readonly unknown[])
      items.push(copy(item, what, freeze, depth + 1) ?? null);
    return freeze ? Object.freeze(items) : items;
  }
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return copy((value as { toJSON(): unknown }).toJSON(), what, freeze, depth + 1);
  }
  const fields: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    const field = copy((value as Record<string, unknown>)[key], what, freeze, depth + 1);
    if (field === undefined) continue;
    if (key === "__proto__") Object.defineProperty(fields, key, { value: field, enumerable: true });
    else fields[key] = field;
  }
  return freeze ? Object.freeze(fields) : fields;
}
