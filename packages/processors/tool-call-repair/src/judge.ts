import type { JsonSchema } from "@harnessx/core/plugin";
import {
  annotations,
  isFields,
  propertiesOf,
  requiredOf,
  resolved,
  typesOf,
  type Fields,
} from "./schema.ts";

/** What is known about a value: a schema may use keywords of which no judgement is made here. */
export type Judgement = "valid" | "invalid" | "unknown";

/** Deeper than this no schema of a tool goes; a recursive one can. */
const maxDepth = 40;

/** Judges `value` by `schema`. `valid` and `invalid` are proven. */
export function judge(
  value: unknown,
  schema: unknown,
  root: JsonSchema,
  depth: number = 0,
): Judgement {
  if (schema === false) return "invalid";
  const found = resolved(schema, root);
  if (found === true) return "valid";
  if (found === undefined || depth > maxDepth) return "unknown";
  const under = (part: unknown, sub: unknown): Judgement => judge(part, sub, root, depth + 1);
  return all(
    Object.keys(found)
      .filter((key) => !annotations.has(key))
      .map((key) => keywords[key]?.(value, found, under) ?? "unknown"),
  );
}

/** One that is invalid makes the whole invalid, one that is unknown makes the rest unknown. */
function all(judgements: readonly Judgement[]): Judgement {
  if (judgements.includes("invalid")) return "invalid";
  return judgements.includes("unknown") ? "unknown" : "valid";
}

type Keyword = (
  value: unknown,
  schema: JsonSchema,
  under: (value: unknown, schema: unknown) => Judgement,
) => Judgement;

const sure = (holds: boolean): Judgement => (holds ? "valid" : "invalid");

/** A limit on numbers, lengths or sizes: `measure` gives undefined for values that it says nothing of. */
const limit =
  (
    keyword: string,
    measure: (value: unknown) => number | undefined,
    holds: (size: number, bound: number) => boolean,
  ): Keyword =>
  (value, schema) => {
    const size = measure(value);
    const bound = schema[keyword];
    if (size === undefined) return "valid";
    return typeof bound === "number" ? sure(holds(size, bound)) : "unknown";
  };

const number = (value: unknown) => (typeof value === "number" ? value : undefined);
const length = (value: unknown) =>
  typeof value === "string" ? Array.from(value).length : undefined;
const items = (value: unknown) => (Array.isArray(value) ? value.length : undefined);
const fields = (value: unknown) => (isFields(value) ? Object.keys(value).length : undefined);
const atLeast = (size: number, bound: number): boolean => size >= bound;
const atMost = (size: number, bound: number): boolean => size <= bound;

const keywords: Readonly<Record<string, Keyword>> = {
  $ref: () => "valid",
  type: (value, schema) => {
    const types = typesOf(schema);
    return types ? sure(types.some((type) => hasType(value, type))) : "unknown";
  },
  enum: (value, schema) => {
    const options: unknown = schema["enum"];
    return Array.isArray(options) ? sure(options.some((option) => same(option, value))) : "unknown";
  },
  const: (value, schema) => sure(same(schema["const"], value)),
  minimum: limit("minimum", number, atLeast),
  maximum: limit("maximum", number, atMost),
  exclusiveMinimum: limit("exclusiveMinimum", number, (size, bound) => size > bound),
  exclusiveMaximum: limit("exclusiveMaximum", number, (size, bound) => size < bound),
  minLength: limit("minLength", length, atLeast),
  maxLength: limit("maxLength", length, atMost),
  minItems: limit("minItems", items, atLeast),
  maxItems: limit("maxItems", items, atMost),
  minProperties: limit("minProperties", fields, atLeast),
  maxProperties: limit("maxProperties", fields, atMost),
  pattern: (value, { pattern }) => {
    if (typeof value !== "string") return "valid";
    if (typeof pattern !== "string") return "unknown";
    try {
      return sure(new RegExp(pattern, "u").test(value));
    } catch {
      return "unknown";
    }
  },
  required: (value, schema) =>
    sure(!isFields(value) || requiredOf(schema).every((name) => Object.hasOwn(value, name))),
  properties: (value, schema, under) => {
    if (!isFields(value)) return "valid";
    const known = propertiesOf(schema);
    return all(
      Object.keys(known)
        .filter((name) => Object.hasOwn(value, name))
        .map((name) => under(value[name], known[name])),
    );
  },
  additionalProperties: (value, schema, under) => {
    if (!isFields(value)) return "valid";
    // Names that fit a pattern are not additional; what is a pattern is not looked into here.
    if (schema["patternProperties"] !== undefined) return "unknown";
    const known = propertiesOf(schema);
    const rule: unknown = schema["additionalProperties"];
    return all(
      Object.keys(value)
        .filter((name) => !Object.hasOwn(known, name))
        .map((name) => under(value[name], rule)),
    );
  },
  items: (value, schema, under) => {
    if (!Array.isArray(value)) return "valid";
    if (schema["prefixItems"] !== undefined) return "unknown";
    return all(value.map((item) => under(item, schema["items"])));
  },
  anyOf: (value, schema, under) => {
    const found = branches(value, schema["anyOf"], under);
    if (!found) return "unknown";
    if (found.includes("valid")) return "valid";
    return found.includes("unknown") ? "unknown" : "invalid";
  },
  oneOf: (value, schema, under) => {
    const found = branches(value, schema["oneOf"], under);
    if (!found || found.includes("unknown")) return "unknown";
    return sure(found.filter((each) => each === "valid").length === 1);
  },
  allOf: (value, schema, under) => {
    const found = branches(value, schema["allOf"], under);
    return found ? all(found) : "unknown";
  },
};

function branches(
  value: unknown,
  schemas: unknown,
  under: (value: unknown, schema: unknown) => Judgement,
): readonly Judgement[] | undefined {
  return Array.isArray(schemas) ? schemas.map((schema) => under(value, schema)) : undefined;
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case "string":
    case "boolean":
    case "number":
      return typeof value === type;
    case "integer":
      return Number.isInteger(value);
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isFields(value);
    default:
      return false;
  }
}

/** Whether two JSON values are equal. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => same(item, b[index]));
  }
  if (!isFields(a) || !isFields(b)) return false;
  const [left, right]: readonly Fields[] = [a, b];
  const keys = Object.keys(left!);
  return (
    keys.length === Object.keys(right!).length &&
    keys.every((key) => Object.hasOwn(right!, key) && same(left![key], right![key]))
  );
}
