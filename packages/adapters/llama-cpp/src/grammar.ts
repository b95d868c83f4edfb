import type { JsonSchema, ToolSpec } from "@harnessx/core/plugin";

type Schema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema of what the model may say: one call of an offered tool, or an answer. It holds
 * what grammars can hold; the rest of each tool's schema is checked by the runtime before the tool runs.
 */
export function replySchema(tools: readonly ToolSpec[], mayAnswer: boolean): Schema {
  const $defs: Record<string, Schema> = {};
  const calls = tools.map(({ name, inputSchema }, index) => ({
    type: "object",
    properties: { tool: { const: name }, input: rooted(inputSchema, index, $defs) },
  }));
  const answer = { type: "object", properties: { answer: { type: "string" } } };
  const oneOf = mayAnswer ? [...calls, answer] : calls;
  const hasDefs = Object.keys($defs).length > 0;
  return { ...(oneOf.length === 1 ? oneOf[0] : { oneOf }), ...(hasDefs ? { $defs } : {}) };
}

/** A tool's schema with its definitions moved to the top, under names of their own. */
function rooted(schema: JsonSchema, index: number, $defs: Record<string, Schema>): Schema {
  const { $defs: own = {}, definitions = {} } = schema as Record<string, Record<string, Schema>>;
  const nameOf = (name: string): string => `t${index}_${name.replace(/\W/g, "_")}`;
  const all = { ...definitions, ...own };
  const rename = (ref: string): string | undefined => {
    const name = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(ref)?.[1];
    return name !== undefined && Object.hasOwn(all, name) ? `#/$defs/${nameOf(name)}` : undefined;
  };
  for (const [name, one] of Object.entries(all)) $defs[nameOf(name)] = held(one, rename);
  return held(schema, rename);
}

const ANYTHING: Schema = { type: ["string", "number", "boolean", "null"] };
const TYPES = ["string", "number", "integer", "boolean", "null"];

/** The part of a schema that a grammar can hold. */
function held(schema: unknown, rename: (ref: string) => string | undefined): Schema {
  if (typeof schema !== "object" || schema === null) return ANYTHING;
  const all = schema as Schema;
  const deeper = (one: unknown): Schema => held(one, rename);
  if (typeof all["$ref"] === "string") {
    const $ref = rename(all["$ref"]);
    return $ref ? { $ref } : ANYTHING;
  }
  if ("const" in all) return isPlain(all["const"]) ? { const: all["const"] } : ANYTHING;
  if (Array.isArray(all["enum"])) {
    const values = all["enum"].filter(isPlain);
    return values.length > 0 ? { enum: values } : ANYTHING;
  }
  const either = all["oneOf"] ?? all["anyOf"];
  if (Array.isArray(either) && either.length > 0) return { oneOf: either.map(deeper) };
  const { type = "properties" in all ? "object" : undefined } = all;
  if (Array.isArray(type)) {
    const one = type.map((each) => held({ ...all, type: each as unknown }, rename));
    return one.length === 1 ? one[0]! : { oneOf: one };
  }
  if (type === "object") return heldObject(all, deeper);
  if (type === "array") {
    return {
      type,
      ...("items" in all ? { items: deeper(all["items"]) } : {}),
      ...picked(all, ["minItems", "maxItems"]),
    };
  }
  if (type === "string") return { type, ...picked(all, ["minLength", "maxLength"]) };
  return TYPES.includes(type as string) ? { type } : ANYTHING;
}

function heldObject(all: Schema, deeper: (one: unknown) => Schema): Schema {
  const {
    properties,
    required = [],
    additionalProperties,
  } = all as {
    readonly properties?: Readonly<Record<string, unknown>>;
    readonly required?: readonly string[];
    readonly additionalProperties?: unknown;
  };
  const entries = Object.entries(properties ?? {}).map(([name, one]) => [name, deeper(one)]);
  if (entries.length === 0) {
    const isOpen = additionalProperties !== false && properties === undefined;
    return { type: "object", ...(isOpen ? { additionalProperties: ANYTHING } : {}) };
  }
  return {
    type: "object",
    properties: Object.fromEntries(entries) as Schema,
    required: required.filter((name) => Object.hasOwn(properties!, name)),
  };
}

const isPlain = (value: unknown): boolean => value === null || typeof value !== "object";

const picked = (schema: Schema, names: readonly string[]): Schema =>
  Object.fromEntries(
    names.filter((name) => typeof schema[name] === "number").map((name) => [name, schema[name]]),
  );
