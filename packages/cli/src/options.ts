import type { Json, JsonObject, JsonSchema } from "@harnessx/core/plugin";
import { splitSetting } from "./specifier.ts";

type Kind = "array" | "boolean" | "integer" | "null" | "number" | "object" | "string";

/**
 * Turns `--set name=value` into options, each value read as its schema says: numbers, booleans,
 * comma lists for arrays, JSON for the rest. What the schema does not know is left to its validator,
 * whose error names the option.
 */
export function parseSettings(settings: readonly string[], schema: JsonSchema): JsonObject {
  const options: Record<string, Json> = {};
  for (const setting of settings) {
    const [name, value] = splitSetting(setting);
    const parsed = parseValue(value, propertyOf(schema, name));
    const before = options[name];
    // An array option may be given once per item.
    options[name] =
      Array.isArray(before) && Array.isArray(parsed) ? [...before, ...(parsed as Json[])] : parsed;
  }
  return options;
}

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function propertyOf(schema: JsonSchema, name: string): JsonSchema {
  const properties = schema["properties"];
  const property = isSchema(properties) ? properties[name] : undefined;
  return isSchema(property) ? property : {};
}

/** The alternatives of a schema, itself included. */
function variants(schema: JsonSchema): readonly JsonSchema[] {
  const inner = ["anyOf", "oneOf", "allOf"].flatMap((key) => {
    const list = schema[key];
    return Array.isArray(list) ? list.filter(isSchema).flatMap(variants) : [];
  });
  return [schema, ...inner];
}

function kindsOf(schema: JsonSchema): ReadonlySet<Kind> {
  const kinds = new Set<Kind>();
  for (const variant of variants(schema)) {
    const { type } = variant as { readonly type?: unknown };
    for (const kind of Array.isArray(type) ? type : [type])
      if (typeof kind === "string") kinds.add(kind as Kind);
    const values = [
      ...(Array.isArray(variant["enum"]) ? variant["enum"] : []),
      ...("const" in variant ? [variant["const"]] : []),
    ];
    for (const value of values) kinds.add(value === null ? "null" : (typeof value as Kind));
  }
  return kinds;
}

function parseValue(text: string, schema: JsonSchema): Json {
  const kinds = kindsOf(schema);
  if (/^[[{"]/.test(text)) {
    const parsed = parseJson(text);
    if (parsed !== undefined) return parsed;
  }
  if (kinds.has("array") && (!kinds.has("string") || text.includes(","))) {
    const items =
      variants(schema)
        .map((variant) => variant["items"])
        .find(isSchema) ?? {};
    return text.split(",").map((item) => parseValue(item.trim(), items));
  }
  if (kinds.size === 0) return parseJson(text) ?? text;
  const value = scalar(text, kinds);
  return value === undefined ? text : value;
}

function scalar(text: string, kinds: ReadonlySet<Kind>): Json | undefined {
  if (kinds.has("number") || kinds.has("integer")) {
    const value = Number(text);
    if (text.trim() !== "" && Number.isFinite(value)) return value;
  }
  if (kinds.has("boolean") && (text === "true" || text === "false")) return text === "true";
  if (kinds.has("null") && text === "null") return null;
  return undefined;
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
