/** Says what is wrong with a file; the reader of the file turns it into a coded error. */
export class Problem extends Error {}

/** The fields of an object. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object with string keys. */
export function object(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Problem(`${what} must be an object`);
  return value as Fields;
}

/** The value as an array. */
export function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Problem(`${what} must be an array`);
  return value;
}

/** The value as a text, which may be empty. */
export function text(value: unknown, what: string): string {
  if (typeof value !== "string") throw new Problem(`${what} must be a text`);
  return value;
}

/** The value as an array of texts. */
export const texts = (value: unknown, what: string): readonly string[] =>
  list(value, what).map((one) => text(one, `an item of ${what}`));

/** The value as a finite number. */
export function number(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isFinite(value))
    throw new Problem(`${what} must be a number`);
  return value;
}

/** The value as one of a few texts. */
export function oneOf<const Choice extends string>(
  value: unknown,
  choices: readonly Choice[],
  what: string,
): Choice {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new Problem(`${what} must be one of ${choices.join(", ")}`);
  return found;
}
