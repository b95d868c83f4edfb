import type { JsonObject } from "@harnessx/core/plugin";

/** The body with the fields of the option `body` laid over it; null takes a field out. */
export function withOverrides(
  body: Readonly<Record<string, unknown>>,
  overrides: JsonObject = {},
): Record<string, unknown> {
  const merged = { ...body, ...overrides };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}
