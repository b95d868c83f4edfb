import type { JsonSchema } from "@harnessx/core/plugin";
import { judge, same } from "./judge.ts";
import { meanings, plainName } from "./scalars.ts";
import { isFields, propertiesOf, requiredOf, resolved, typesOf, type Fields } from "./schema.ts";

const maxDepth = 20;

/**
 * The input that was meant, or undefined: when the input may be valid as it is, and when there is no
 * repair after which the schema accepts the whole.
 */
export function repairInput(input: unknown, schema: JsonSchema): { input: unknown } | undefined {
  if (judge(input, schema, schema) !== "invalid") return undefined;
  for (const start of [input, ...rewrapped(input, schema)]) {
    const meant = mend(start, schema, schema, 0);
    if (judge(meant, schema, schema) === "valid") return { input: meant };
  }
  return undefined;
}

/** Changes what the schema refuses and nothing else; what cannot be mended stays. */
function mend(value: unknown, schema: unknown, root: JsonSchema, depth: number): unknown {
  const found = resolved(schema, root);
  if (found === undefined || found === true || depth > maxDepth) return value;
  if (judge(value, found, root) !== "invalid") return value;
  const fits = (candidate: unknown): boolean => judge(candidate, found, root) === "valid";
  const unions = [found["anyOf"], found["oneOf"]].find(Array.isArray);
  if (unions) {
    const mended = unions.map((branch) => mend(value, branch, root, depth + 1)).filter(fits);
    return onlyOne(mended) ?? value;
  }
  if (isFields(value)) return mendFields(value, found, root, depth);
  if (Array.isArray(value)) {
    return value.map((item) => mend(item, found["items"], root, depth + 1));
  }
  const meant = meanings(value, found).map((each) => mend(each, found, root, depth + 1));
  const known = onlyOne(meant.filter(fits));
  if (known !== undefined) return known;
  return wrapped(value, found, root, depth) ?? value;
}

/** One item where a list is wanted. */
function wrapped(value: unknown, schema: JsonSchema, root: JsonSchema, depth: number): unknown {
  if (!typesOf(schema)?.includes("array") || value === null || schema["items"] === undefined)
    return undefined;
  const list = [mend(value, schema["items"], root, depth + 1)];
  return judge(list, schema, root) === "valid" ? list : undefined;
}

function mendFields(value: Fields, schema: JsonSchema, root: JsonSchema, depth: number): unknown {
  const list = wrapped(value, schema, root, depth);
  if (list !== undefined) return list;
  const known = propertiesOf(schema);
  const required = new Set(requiredOf(schema));
  const mended: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    const own = Object.hasOwn(known, name) ? name : renamed(name, value, schema);
    const sub = Object.hasOwn(known, own) ? known[own] : true;
    // What is unset is left out, unless the schema wants a null.
    if (field === null && !required.has(own) && judge(null, sub, root) === "invalid") continue;
    set(mended, own, mend(field, sub, root, depth + 1));
  }
  return mended;
}

/** The property that was meant by a name that the schema forbids. */
function renamed(name: string, value: Fields, schema: JsonSchema): string {
  if (schema["additionalProperties"] !== false) return name;
  const wanted = plainName(name);
  const rivals = Object.keys(value).filter((other) => plainName(other) === wanted);
  const meant = Object.keys(propertiesOf(schema)).filter(
    (known) => plainName(known) === wanted && !Object.hasOwn(value, known),
  );
  return meant.length === 1 && rivals.length === 1 ? meant[0]! : name;
}

/** Names under which models put all arguments once more. */
const envelopes = ["input", "arguments", "args", "parameters", "params"];

/** The input out of an envelope that it should not have, or in the one that it lacks. */
function rewrapped(input: unknown, schema: JsonSchema): unknown[] {
  const known = propertiesOf(schema);
  const found: unknown[] = [];
  if (isFields(input)) {
    const [only, ...more] = Object.keys(input);
    if (only !== undefined && more.length === 0 && envelopes.includes(only)) {
      if (!Object.hasOwn(known, only)) found.push(input[only]);
    }
    if (Object.keys(input).some((name) => Object.hasOwn(known, name))) return found;
  }
  const [wanted, ...others] = requiredOf(schema);
  if (wanted !== undefined && others.length === 0 && !isEmpty(input)) {
    // An object goes only where an object is wanted: as a text it would hide what was said.
    const mended = resolved(known[wanted], schema);
    const takesObject =
      mended !== undefined && mended !== true && typesOf(mended)?.includes("object");
    if (!isFields(input) || takesObject) found.push({ [wanted]: input });
  }
  return found;
}

function isEmpty(input: unknown): boolean {
  return (
    input == null || input === "" || (typeof input === "object" && Object.keys(input).length === 0)
  );
}

/** The candidate when all are equal: with two different ones nobody knows which was meant. */
function onlyOne(candidates: readonly unknown[]): unknown {
  const [first, ...rest] = candidates;
  return first !== undefined && rest.every((other) => same(first, other)) ? first : undefined;
}

/** A field called __proto__ is a field like any other. */
function set(fields: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(fields, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
