/** A test of one argument. An argument that is absent fits nothing. */
export function argumentMatcher(
  path: string,
  pattern: string,
  whole: boolean,
): (input: unknown) => boolean {
  const expression = new RegExp(whole ? `^(?:${pattern})$` : pattern, "s");
  const keys = path.split(".");
  return (input) => {
    const value = valueAt(input, keys);
    return value !== undefined && expression.test(textOfValue(value));
  };
}

function valueAt(input: unknown, keys: readonly string[]): unknown {
  let value = input;
  for (const key of keys) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

/** A text as it is, everything else as JSON. */
function textOfValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
