import { isAbsolute, resolve } from "node:path";
import { canonicalJson, sha256Hex, type McpEndpoint } from "@harnessx/core";
import type { JsonObject } from "@harnessx/core/plugin";
import { mcpError } from "../errors.ts";
import { resolveValues } from "./secrets.ts";

/** An endpoint with paths and secrets resolved. */
export type Endpoint = {
  /** Names the endpoint in files; holds no secret. */
  readonly digest: string;
  readonly secrets: readonly string[];
  /** Variables that were read. */
  readonly names: readonly string[];
} & (
  | {
      readonly kind: "stdio";
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string;
    }
  | {
      readonly kind: "http";
      readonly url: URL;
      readonly headers: Readonly<Record<string, string>>;
    }
);

/** Resolves what a manifest says of a server. Throws HX_SECRET_MISSING and HX_MCP_OPTIONS. */
export function resolveEndpoint(server: string, endpoint: McpEndpoint, root: string): Endpoint {
  // Of the references, not of the secrets: the digest goes into file names.
  const digest = sha256Hex(canonicalJson(endpoint as unknown as JsonObject));
  if ("url" in endpoint) {
    const { values, secrets, names } = resolveValues(server, "headers", endpoint.headers);
    return {
      kind: "http",
      digest,
      url: urlOf(server, endpoint.url),
      headers: values,
      secrets,
      names,
    };
  }
  const { command, args = [], env, cwd = "." } = endpoint;
  const { values, secrets, names } = resolveValues(server, "env", env);
  // A relative path with a separator means a file of the harness; a bare name is searched in PATH.
  const program = /[\\/]/.test(command) && !isAbsolute(command) ? resolve(root, command) : command;
  const common = { digest, secrets, names, cwd: resolve(root, cwd) };
  return { kind: "stdio", ...common, command: program, args, env: values };
}

function urlOf(server: string, url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === "https:" || parsed?.protocol === "http:") return parsed;
  throw mcpError("HX_MCP_OPTIONS", { server, problem: `${url} is no http or https address` });
}
