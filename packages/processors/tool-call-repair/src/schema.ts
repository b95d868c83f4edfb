import type { JsonSchema } from "@harnessx/core/plugin";

/** A JSON object as read from outside. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The schema behind local references; undefined where one leads nowhere, round in a circle, or far away. */
export function resolved(schema: unknown, root: JsonSchema): JsonSchema | true | undefined {
  let current = schema;
  for (let hops = 0; hops < 20; hops += 1) {
    if (current === true) return true;
    if (!isFields(current)) return undefined;
    const { $ref } = current;
    if ($ref === undefined) return current;
    if (typeof $ref !== "string" || Object.keys(current).some((key) => !besideRef.has(key)))
      return undefined;
    current = pointed($ref, root);
  }
  return undefined;
}

/** Keywords that say nothing about a value. */
export const annotations: ReadonlySet<string> = new Set([
  "$schema",
  "$id",
  "$comment",
  "$defs",
  "definitions",
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
  "format",
  "contentMediaType",
  "contentEncoding",
  // Read together with `type`.
  "nullable",
]);

const besideRef = new Set(["$ref", ...annotations]);

function pointed(reference: string, root: JsonSchema): unknown {
  if (reference === "#") return root;
  if (!reference.startsWith("#/")) return undefined;
  let current: unknown = root;
  for (const part of reference.slice(2).split("/")) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (!isFields(current) || !Object.hasOwn(current, key)) return undefined;
    current = current[key];
  }
  return current;
}

/** Names of types that a schema allows; undefined when it does not say. */
export function typesOf(schema: JsonSchema): readonly string[] | undefined {
  const { type, nullable } = schema;
  if (typeof type !== "string" && !Array.isArray(type)) return undefined;
  const types: readonly string[] = typeof type === "string" ? [type] : (type as readonly string[]);
  return nullable === true ? [...types, "null"] : types;
}

/** Schemas of the properties that an object schema names. */
export function propertiesOf(schema: JsonSchema): Fields {
  const { properties } = schema;
  return isFields(properties) ? properties : {};
}

export function requiredOf(schema: JsonSchema): readonly string[] {
  const { required } = schema;
  return Array.isArray(required) ? (required as readonly string[]) : [];
}
