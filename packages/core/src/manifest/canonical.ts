import { createHash } from "node:crypto";
import { hxError } from "../errors/index.ts";
import type { Json, JsonObject } from "../plugin/json.ts";
import { limitDefaults } from "./limits.ts";
import { pointer } from "./plain-json.ts";
import type { Limits, Manifest, McpEndpoint, ProcessorEntry, ToolsEntry } from "./types.ts";

/** A manifest with nothing left to defaults; what its hash is taken of. */
export interface CanonicalManifest {
  readonly name: string;
  readonly version: string;
  /** Ids in the order in which they run, when that was given. */
  readonly order?: readonly string[];
  /** By id when the order was given, else in manifest order. */
  readonly processors: readonly JsonObject[];
  readonly tools: readonly JsonObject[];
  readonly slots: JsonObject;
  /** Limits that have no value are absent. */
  readonly limits: JsonObject;
}

/** What only a loaded harness knows. */
export interface CanonicalFacts {
  /** Ids of the processors in the order in which they run, those that a bundle stands for included. */
  readonly order?: readonly string[];
  /** Options by entry id, defaults filled. */
  readonly options?: Readonly<Record<string, JsonObject>>;
}

/** Far above what `parseManifest` accepts; ends the recursion over a cyclic value. */
const MAX_DEPTH = 500;

/**
 * Writes a value as canonical JSON (after RFC 8785): keys sorted by code unit, no whitespace.
 *
 * Equal values give equal text and different values different text, which is why what JSON cannot
 * say is refused and not dropped.
 *
 * @throws HX_JSON_UNSUPPORTED for `undefined`, functions, symbols, bigints, non-finite numbers,
 * class instances and cycles.
 *
 * @example
 * ```ts
 * import { canonicalJson } from "@harnessx/core";
 * canonicalJson({ b: 1, a: [true, null] }); // '{"a":[true,null],"b":1}'
 * ```
 */
export function canonicalJson(value: unknown): string {
  return write(value, []);
}

/**
 * The SHA-256 of text (as UTF-8) or bytes, in hexadecimal.
 *
 * @example
 * ```ts
 * import { sha256Hex } from "@harnessx/core";
 * sha256Hex("abc").slice(0, 8); // "ba7816bf"
 * ```
 */
export function sha256Hex(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/**
 * Fills every default of a manifest and drops `$schema`.
 *
 * With `facts` the options carry their schema's defaults, and the resolved order stands in place of
 * the positions that led to it; without them the form depends on the manifest alone. Hashes of the
 * two kinds must not be compared with each other.
 *
 * @example
 * ```ts
 * import { canonicalManifest } from "@harnessx/core";
 * canonicalManifest({ name: "shopper", version: "3" }).limits.maxSteps; // 50
 * ```
 */
export function canonicalManifest(
  manifest: Manifest,
  facts: CanonicalFacts = {},
): CanonicalManifest {
  const options = (id: string, own: JsonObject | undefined): JsonObject =>
    (facts.options && Object.hasOwn(facts.options, id) ? facts.options[id] : own) ?? {};
  const processors = manifest.processors ?? [];
  const { order } = facts;
  return {
    limits: canonicalLimits(manifest.limits),
    name: manifest.name,
    ...(order && { order: [...order] }),
    processors: (order ? processors.toSorted(byId) : processors).map((entry) =>
      canonicalProcessor(entry, options(entry.id, entry.options)),
    ),
    slots: sorted(manifest.slots ?? {}),
    tools: (manifest.tools ?? []).map((entry) => canonicalTools(entry, options)),
    version: manifest.version,
  };
}

/**
 * The version of a harness: `sha256-` and the hash of its canonical form (or of one that a loader has
 * added to).
 *
 * The order of keys and the omission of defaults never change it; anything else does.
 *
 * @example
 * ```ts
 * import { canonicalManifest, hashManifest } from "@harnessx/core";
 * const short = canonicalManifest({ name: "shopper", version: "3" });
 * const long = canonicalManifest({ version: "3", name: "shopper", limits: { maxSteps: 50 } });
 * hashManifest(short) === hashManifest(long); // true
 * ```
 */
export function hashManifest(canonical: CanonicalManifest | JsonObject): string {
  return `sha256-${sha256Hex(canonicalJson(canonical))}`;
}

/** The canonical form of one entry: two entries mean the same if and only if theirs are equal. */
export function canonicalEntry(entry: ProcessorEntry | ToolsEntry, section: string): JsonObject {
  return section === "processors"
    ? canonicalProcessor(entry as ProcessorEntry, (entry as ProcessorEntry).options ?? {})
    : canonicalTools(entry as ToolsEntry, (_id, own) => own ?? {});
}

function canonicalProcessor(entry: ProcessorEntry, options: JsonObject): JsonObject {
  return {
    after: entry.after ?? [],
    before: entry.before ?? [],
    id: entry.id,
    onError: entry.onError ?? "fail",
    options: sorted(options),
    // No default: an absent stage is the package's own, which differs from an explicit 0.
    ...(entry.stage !== undefined && { stage: entry.stage }),
    use: entry.use,
  };
}

function canonicalTools(
  entry: ToolsEntry,
  options: (id: string, own: JsonObject | undefined) => JsonObject,
): JsonObject {
  return "mcp" in entry
    ? {
        id: entry.id,
        mcp: canonicalEndpoint(entry.mcp),
        ...(entry.options && { options: sorted(entry.options) }),
      }
    : { id: entry.id, options: sorted(options(entry.id, entry.options)), use: entry.use };
}

function canonicalEndpoint(mcp: McpEndpoint): JsonObject {
  if ("url" in mcp) return { headers: sorted(mcp.headers ?? {}), url: mcp.url };
  return {
    args: mcp.args ?? [],
    command: mcp.command,
    ...(mcp.cwd !== undefined && { cwd: mcp.cwd }),
    env: sorted(mcp.env ?? {}),
  };
}

function canonicalLimits(limits: Limits | undefined): JsonObject {
  const result: Record<string, number> = {};
  for (const name of Object.keys(limitDefaults).sort() as (keyof Limits)[]) {
    const value = limits?.[name] ?? limitDefaults[name];
    if (Number.isFinite(value)) result[name] = value;
  }
  return result;
}

const byId = (a: ProcessorEntry, b: ProcessorEntry): number => (a.id < b.id ? -1 : 1);

function sorted(value: JsonObject): JsonObject {
  return sortKeys(value) as JsonObject;
}

function sortKeys(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sortKeys);
  const object = value as JsonObject;
  const result: Record<string, Json> = {};
  for (const key of Object.keys(object).sort()) {
    const item = object[key];
    if (item !== undefined) result[key] = sortKeys(item);
  }
  return result;
}

function write(value: unknown, path: (string | number)[]): string {
  switch (typeof value) {
    case "string":
    case "boolean":
      return JSON.stringify(value);
    case "number":
      if (!Number.isFinite(value)) throw unsupported(path, `${value} is no JSON number`);
      return JSON.stringify(value);
    case "object":
      if (value === null) return "null";
      if (path.length > MAX_DEPTH) throw unsupported(path.slice(0, 4), "it is cyclic or too deep");
      return Array.isArray(value) ? writeArray(value, path) : writeObject(value, path);
    case "undefined":
    case "bigint":
    case "symbol":
    case "function":
      throw unsupported(path, `it is of type ${typeof value}`);
  }
}

function writeArray(value: readonly unknown[], path: (string | number)[]): string {
  let text = "[";
  for (let index = 0; index < value.length; index++) {
    path.push(index);
    text += `${index === 0 ? "" : ","}${write(value[index], path)}`;
    path.pop();
  }
  return `${text}]`;
}

function writeObject(value: object, path: (string | number)[]): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw unsupported(path, "it is an instance of a class");
  }
  let text = "{";
  for (const key of Object.keys(value).sort()) {
    path.push(key);
    const item = write((value as Record<string, unknown>)[key], path);
    text += `${text.length === 1 ? "" : ","}${JSON.stringify(key)}:${item}`;
    path.pop();
  }
  return `${text}}`;
}

function unsupported(path: readonly (string | number)[], problem: string): Error {
  return hxError("HX_JSON_UNSUPPORTED", { path: pointer(path), problem });
}
