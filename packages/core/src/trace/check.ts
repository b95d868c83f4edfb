/**
 * Says what is wrong with a value, as a path into it and a few words (`.taps[0].ms is no number`),
 * or nothing. Written by hand rather than compiled from the JSON Schema: as fast, and reading a
 * trace then neither loads ajv nor generates code.
 */
export type Check = (value: unknown) => string | undefined;

export const any: Check = () => undefined;

export const number: Check = (value) => (Number.isFinite(value) ? undefined : " is no number");

/** An integer from 0. */
export const count: Check = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : " is no integer from 0";

export const boolean: Check = (value) =>
  typeof value === "boolean" ? undefined : " is no boolean";

/** Any object. */
export const record: Check = (value) => (isRecord(value) ? undefined : " is no object");

export function constant(expected: string | boolean | number): Check {
  return (value) => (value === expected ? undefined : ` is not ${JSON.stringify(expected)}`);
}

export function oneOf(words: readonly string[]): Check {
  const known: ReadonlySet<unknown> = new Set(words);
  return (value) => (known.has(value) ? undefined : ` is none of ${words.join(", ")}`);
}

export function either(first: Check, second: Check): Check {
  return (value) => (first(value) === undefined ? undefined : second(value));
}

export function arrayOf(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return " is no array";
    for (let i = 0; i < value.length; i++) {
      const problem = check(value[i]);
      if (problem !== undefined) return `[${i}]${problem}`;
    }
    return undefined;
  };
}

export function mapOf(check: Check): Check {
  return (value) => {
    if (!isRecord(value)) return " is no object";
    for (const key of Object.keys(value)) {
      const problem = check(value[key]);
      if (problem !== undefined) return `.${key}${problem}`;
    }
    return undefined;
  };
}

/** An object with exactly these fields; the optional ones may be missing. */
export function object(
  required: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>> = {},
): Check {
  const fields = new Map(Object.entries({ ...required, ...optional }));
  const needed = Object.keys(required);
  return (value) => {
    if (!isRecord(value)) return " is no object";
    const keys = Object.keys(value);
    for (const key of keys) {
      const check = fields.get(key);
      if (check === undefined) return `.${key} is no field of this event`;
      const problem = check(value[key]);
      if (problem !== undefined) return `.${key}${problem}`;
    }
    for (const key of needed) if (!Object.hasOwn(value, key)) return `.${key} is missing`;
    return undefined;
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
