import { badRequest } from "../http/failure.ts";

/** The fields of a request. */
export type Fields = Readonly<Record<string, unknown>>;

/** Refuses fields that would change the answer and that an agent cannot honour. */
export function refuseUnsupported(
  fields: Fields,
  harmless: Readonly<Record<string, (value: unknown) => boolean>>,
): void {
  for (const [name, isHarmless] of Object.entries(harmless)) {
    const value = fields[name];
    if (value === undefined || value === null || isHarmless(value)) continue;
    throw badRequest(
      `${name} is not supported: the agent decides on it.`,
      name,
      "unsupported_parameter",
    );
  }
}

/** Reads `seed`. */
export function readSeed({ seed }: Fields): { readonly seed?: number } {
  if (seed === undefined || seed === null) return {};
  if (!Number.isSafeInteger(seed)) throw badRequest("seed must be a whole number.", "seed");
  return { seed: Math.abs(seed as number) };
}

/** Reads a flag that is false when absent. */
export function readFlag(value: unknown, name: string): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw badRequest(`${name} must be true or false.`, name);
  return value;
}
