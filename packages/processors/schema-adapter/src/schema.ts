import type { JsonSchema } from "@harnessx/core/plugin";

/** A JSON object as read from outside. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The schema behind references within the same document; undefined when there is none. */
export function schemaAt(schema: unknown, root: JsonSchema): JsonSchema | undefined {
  let current = schema;
  for (let hops = 0; hops < 20 && isFields(current); hops += 1) {
    const { $ref } = current;
    if ($ref === undefined) return current;
    if (typeof $ref !== "string" || !$ref.startsWith("#")) return undefined;
    current = $ref
      .slice(1)
      .split("/")
      .slice(1)
      .reduce<unknown>((at, key) => (isFields(at) ? at[key] : undefined), root);
  }
  return undefined;
}

/** Whether a schema accepts values of a type: undefined when it does not say. */
export function accepts(
  schema: JsonSchema,
  type: string,
  root: JsonSchema,
  depth: number = 0,
): boolean | undefined {
  if (depth > 20) return undefined;
  const { type: own, nullable, enum: choices, anyOf, oneOf } = schema;
  if (nullable === true && type === "null") return true;
  if (typeof own === "string" || Array.isArray(own)) {
    const types: readonly unknown[] = Array.isArray(own) ? own : [own];
    return types.includes(type) || (type === "integer" && types.includes("number"))
      ? true
      : type === "number" && types.includes("integer");
  }
  if (Array.isArray(choices))
    return choices.some((choice) => (choice === null ? "null" : typeof choice) === type);
  const branches: unknown = anyOf ?? oneOf;
  if (!Array.isArray(branches)) return undefined;
  const answers = branches.map((branch) => {
    const found = schemaAt(branch, root);
    return found && accepts(found, type, root, depth + 1);
  });
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
}

export function propertiesOf(schema: JsonSchema): Fields {
  const { properties } = schema;
  return isFields(properties) ? properties : {};
}

export function requiredOf(schema: JsonSchema): readonly string[] {
  const { required } = schema;
  return Array.isArray(required) ? (required as readonly string[]) : [];
}

/** The arguments of a tool in a line: `path (string), limit (integer, optional)`. */
export function summaryOf(schema: JsonSchema): string {
  const required = new Set(requiredOf(schema));
  const properties = Object.entries(propertiesOf(schema));
  if (properties.length === 0) return "no arguments";
  return properties
    .map(([name, sub]) => {
      const kind = kindOf(schemaAt(sub, schema));
      const facts = [...(kind === "" ? [] : [kind]), ...(required.has(name) ? [] : ["optional"])];
      return facts.length === 0 ? name : `${name} (${facts.join(", ")})`;
    })
    .join(", ");
}

function kindOf(schema: JsonSchema | undefined): string {
  const { type, enum: choices } = schema ?? {};
  if (Array.isArray(choices))
    return `one of ${choices.map((each) => JSON.stringify(each)).join(" ")}`;
  if (Array.isArray(type)) return type.join(" or ");
  return typeof type === "string" ? type : "";
}
