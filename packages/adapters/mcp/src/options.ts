import { readFileSync } from "node:fs";
import { resolveOptions } from "@harnessx/core";
import type { JsonObject } from "@harnessx/core/plugin";
import { mcpError, problemOf } from "./errors.ts";

/** How a server is authorized at; see the README. */
export interface OAuthOptions {
  /** (`authorization_code`) The other grant needs no person: `clientId` with a secret or a key. */
  readonly grant: "authorization_code" | "client_credentials";
  readonly clientId: string;
  /** `{ "env": "NAME" }`. */
  readonly clientSecret?: JsonObject;
  /** PKCS#8 key of a client that authenticates by signed assertion: `{ "env": "NAME" }`. */
  readonly privateKey?: JsonObject;
  readonly privateKeyAlgorithm: string;
  /** The https address of a document that describes the client; used where the server accepts such ids. */
  readonly clientMetadataUrl: string;
  readonly scope: string;
  /** Where the person's browser is sent back to; by default a port of this machine that is free. */
  readonly redirectUrl: string;
}

/** Options of an MCP entry, with every default filled in. */
export interface McpOptions {
  readonly tools: { readonly allow: readonly string[]; readonly deny: readonly string[] };
  readonly resources: "off" | "tools";
  readonly prompts: "off" | "tools";
  readonly sampling: {
    readonly enabled: boolean;
    readonly role: string;
    readonly approval: "ask" | "none";
    readonly maxTokens: number;
  };
  readonly elicitation: boolean;
  readonly roots: readonly string[];
  readonly logLevel: string;
  readonly lazy: boolean;
  readonly protocol: "auto" | "2025" | "2026";
  readonly transport: "auto" | "streamable-http" | "sse";
  /** Milliseconds without an answer or progress. */
  readonly timeoutMs: number;
  /** Milliseconds for a call in all. */
  readonly maxCallMs: number;
  readonly connectTimeoutMs: number;
  readonly maxTextBytes: number;
  readonly maxMessageBytes: number;
  readonly oauth: OAuthOptions | false;
}

/** JSON Schema of the options of an MCP entry. */
export const mcpOptionsSchema = JSON.parse(
  readFileSync(new URL("../options.schema.json", import.meta.url), "utf8"),
) as JsonObject;

/** Checks the options of an entry and fills in the defaults. Throws HX_MCP_OPTIONS. */
export function readOptions(server: string, options: JsonObject = {}): McpOptions {
  try {
    const plugin = { name: "@harnessx/adapter-mcp", optionsSchema: mcpOptionsSchema };
    return resolveOptions(plugin, server, options) as unknown as McpOptions;
  } catch (thrown) {
    const { details } = thrown as { details?: { problem?: string } };
    throw mcpError(
      "HX_MCP_OPTIONS",
      { server, problem: details?.problem ?? problemOf(thrown) },
      thrown,
    );
  }
}
