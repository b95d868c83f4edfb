import { hxError } from "@harnessx/core";
import type { Json, JsonObject } from "@harnessx/core/plugin";
import { mcpError } from "../errors.ts";

/** Named values with their secrets filled in, and the secrets apart so that they can be hidden. */
export interface Resolved {
  readonly values: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** Names of the variables that were read. */
  readonly names: readonly string[];
}

/** The name of the variable that a reference `{ "env": "NAME" }` stands for. */
export function secretName(value: Json | undefined): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { env } = value as JsonObject;
  return typeof env === "string" && Object.keys(value).length === 1 ? env : undefined;
}

/** The value of a reference. Throws HX_SECRET_MISSING, which names the variable and never a value. */
export function secretValue(name: string, path: string): string {
  const value = process.env[name];
  if (value === undefined) throw hxError("HX_SECRET_MISSING", { name, path });
  return value;
}

/** Environment or headers of an endpoint, its references resolved. Throws HX_SECRET_MISSING and HX_MCP_OPTIONS. */
export function resolveValues(server: string, field: string, given: JsonObject = {}): Resolved {
  const secrets: string[] = [];
  const names: string[] = [];
  const values = Object.entries(given).map(([key, value]) => {
    const name = secretName(value);
    if (name !== undefined) {
      const secret = secretValue(name, `${server}.mcp.${field}.${key}`);
      secrets.push(secret);
      names.push(name);
      return [key, secret] as const;
    }
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
      return [key, String(value)] as const;
    const problem = `${field}.${key} must be a text or { "env": "NAME" }`;
    throw mcpError("HX_MCP_OPTIONS", { server, problem });
  });
  return { values: Object.fromEntries(values), secrets, names };
}

/** A text without the secrets in it. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce(
    (shown, secret) => (secret.length < 4 ? shown : shown.replaceAll(secret, "[secret]")),
    text,
  );
}
