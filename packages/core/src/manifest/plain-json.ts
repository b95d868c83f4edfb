import type { Json } from "../plugin/json.ts";

/** A frozen copy of plain data, or where and why the value is not plain data. */
export type PlainJson =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly path: string; readonly problem: string };

/** Deeper than any real manifest, shallow enough that no recursion over it exhausts the stack. */
const MAX_DEPTH = 64;

/** Keys that reach a prototype when some later code copies objects carelessly. */
const POLLUTING = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Copies a value into deeply frozen plain JSON.
 *
 * Never throws, whatever it is given: getters that throw, cycles, proxies and class instances are
 * reported. A property whose value is `undefined` is dropped, as `JSON.stringify` does; `-0` becomes
 * `0`, so that writing and reading back is the identity.
 */
export function toPlainJson(value: unknown): PlainJson {
  try {
    return { ok: true, value: copy(value, []) };
  } catch (thrown) {
    // A foreign error is not quoted: reading its message may itself run hostile code.
    return thrown instanceof NotPlain
      ? { ok: false, path: thrown.path, problem: thrown.problem }
      : { ok: false, path: "/", problem: "reading it raised an error" };
  }
}

/** The JSON pointer of a path; the root is written `/` so that a message never has a hole in it. */
export function pointer(path: readonly (string | number)[]): string {
  return path.length === 0 ? "/" : path.map((part) => `/${escapePart(String(part))}`).join("");
}

/** One segment of a JSON pointer. */
export function escapePart(part: string): string {
  return part.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** What a value is, in a word, for messages. */
export function typeName(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

class NotPlain extends Error {
  readonly path: string;
  readonly problem: string;
  constructor(path: readonly (string | number)[], problem: string) {
    super(problem);
    this.path = pointer(path);
    this.problem = problem;
  }
}

function copy(value: unknown, path: (string | number)[]): Json {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw new NotPlain(path, `${value} is not a JSON number`);
      return value === 0 ? 0 : value;
    case "object":
      if (value === null) return null;
      if (path.length >= MAX_DEPTH) {
        throw new NotPlain(path.slice(0, 4), `it is nested more than ${MAX_DEPTH} levels deep`);
      }
      return Array.isArray(value) ? copyArray(value, path) : copyObject(value, path);
    case "undefined":
    case "bigint":
    case "symbol":
    case "function":
      throw new NotPlain(path, `it must be JSON, found ${typeof value}`);
  }
}

function copyArray(value: readonly unknown[], path: (string | number)[]): Json {
  const result: Json[] = [];
  for (let index = 0; index < value.length; index++) {
    path.push(index);
    result.push(copy(value[index], path));
    path.pop();
  }
  return Object.freeze(result);
}

function copyObject(value: object, path: (string | number)[]): Json {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new NotPlain(path, "it must be a plain object, found an instance of a class");
  }
  const result: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    path.push(key);
    if (POLLUTING.has(key)) throw new NotPlain(path, `the key "${key}" is not allowed`);
    const item = (value as Record<string, unknown>)[key];
    if (item !== undefined) result[key] = copy(item, path);
    path.pop();
  }
  return Object.freeze(result);
}
