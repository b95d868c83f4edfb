import { randomBytes } from "node:crypto";
import { localhostAllowedHostnames, localhostAllowedOrigins } from "@modelcontextprotocol/server";
import { mcpServeError } from "../errors.ts";
import type { McpHttpOptions } from "../options.ts";

/** The options with everything filled in. */
export interface McpHttpSettings extends Required<Omit<McpHttpOptions, "token">> {
  /** Undefined when none is asked for. */
  readonly token: string | undefined;
}

const LOOPBACK = ["127.0.0.1", "localhost", "::1", "[::1]"];

/** Fills in defaults. Throws HX_MCP_SERVE_TOKEN_NEEDED, HX_MCP_SERVE_HOSTS_NEEDED and HX_MCP_SERVE_OPTION. */
export function httpSettings(options: McpHttpOptions): McpHttpSettings {
  const { host = "127.0.0.1", token } = options;
  const loopback = LOOPBACK.includes(host);
  if (!loopback && token === false) throw mcpServeError("HX_MCP_SERVE_TOKEN_NEEDED", { host });
  if (typeof token === "string" && !/^[\w.~+/-]{8,}=*$/.test(token))
    throw mcpServeError("HX_MCP_SERVE_OPTION", {
      option: "token",
      problem: "it is shorter than 8 characters or no bearer token",
    });
  if (["0.0.0.0", "::", ""].includes(host) && !options.allowedHosts?.length)
    throw mcpServeError("HX_MCP_SERVE_HOSTS_NEEDED", { host });
  return {
    host,
    port: options.port ?? 0,
    path: options.path ?? "/mcp",
    token: token === false ? undefined : (token ?? randomBytes(24).toString("base64url")),
    allowedHosts: [
      ...(options.allowedHosts ?? [host]),
      ...(loopback ? localhostAllowedHostnames() : []),
    ],
    allowedOrigins: options.allowedOrigins ?? (loopback ? localhostAllowedOrigins() : []),
    maxBodyBytes: options.maxBodyBytes ?? 4 * 1024 * 1024,
    maxConnections: options.maxConnections ?? 512,
    maxSessions: options.maxSessions ?? 64,
    sessionIdleMs: options.sessionIdleMs ?? 30 * 60_000,
    headerTimeoutMs: options.headerTimeoutMs ?? 10_000,
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
  };
}
