import type { ConnectedMcp, ConnectMcp, McpToConnect } from "@harnessx/core";
import type { Capabilities } from "@harnessx/core/plugin";
import type { Endpoint } from "./endpoint/endpoint.ts";
import { toolDigest } from "./endpoint/tool-digest.ts";
import { openServer, type McpServer, type OpenMcpOptions } from "./open-mcp.ts";
import type { McpOptions } from "./options.ts";

/** What the program that loads a harness may add. */
export interface McpConnectorOptions extends Pick<OpenMcpOptions, "consent" | "fetch"> {
  /** Called with what a person should know, such as a tool that changed under its name. */
  readonly onReport?: (
    report: Parameters<NonNullable<OpenMcpOptions["onReport"]>>[0] & { readonly server: string },
  ) => void;
  /** Called with every server of the harness, for slash commands and diagnosis. */
  readonly onServer?: (server: McpServer) => void;
}

/**
 * Makes what `loadHarness` takes as its option `mcp`.
 *
 * Each entry of a harness becomes one connection that all its runs share. Errors: HX_MCP_OPTIONS,
 * HX_SECRET_MISSING, HX_MCP_CONNECT and HX_MCP_AUTH.
 *
 * @example
 * ```ts
 * import { mcpConnector } from "@harnessx/adapter-mcp";
 * const reports: string[] = [];
 * const mcp = mcpConnector({ onReport: ({ server, message }) => reports.push(`${server}: ${message}`) });
 * typeof mcp; // "function"
 * ```
 */
export function mcpConnector(given: McpConnectorOptions = {}): ConnectMcp {
  return async (entry: McpToConnect): Promise<ConnectedMcp> => {
    const { onReport, onServer, consent, fetch } = given;
    const { entry: server, endpoint, options, root, locked } = entry;
    const opened = await openServer(endpoint, {
      server,
      options,
      root,
      locked: locked !== undefined,
      ...(consent ? { consent } : {}),
      ...(fetch ? { fetch } : {}),
      onReport: (report) => onReport?.({ server, ...report }),
      onOpened: (open) => entry.onClose(() => open.close()),
    });
    onServer?.(opened.server);
    const { name, version } = opened.server.info;
    return {
      name,
      version,
      integrity: toolDigest(opened.server.definitions),
      capabilities: capabilitiesOf(opened.endpoint, opened.options),
      tools: opened.server.source,
    };
  };
}

/**
 * Connects to the MCP servers of a harness: the option `mcp` of `loadHarness`.
 *
 * @example
 * ```ts
 * import { loadHarness } from "@harnessx/core";
 * import { connectMcp } from "@harnessx/adapter-mcp";
 * const harness = await loadHarness({ name: "demo", version: "1", tools: [] }, { mcp: connectMcp });
 * await harness.close();
 * ```
 */
export const connectMcp: ConnectMcp = mcpConnector();

/** What a server gets from us beyond the arguments of its tools. */
function capabilitiesOf(endpoint: Endpoint, { sampling }: McpOptions): Capabilities {
  return {
    ...(endpoint.kind === "http" ? { net: [endpoint.url.hostname] } : {}),
    ...(endpoint.names.length > 0 ? { env: [...new Set(endpoint.names)].toSorted() } : {}),
    ...(sampling.enabled ? { model: [sampling.role] } : {}),
  };
}
