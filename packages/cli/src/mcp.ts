import type { ConnectMcp } from "@harnessx/core";
import type { JsonObject } from "@harnessx/core/plugin";
import type { McpConnectorOptions, OpenMcpOptions } from "@harnessx/adapter-mcp";
import type { Session } from "./session.ts";

/** Connects to the MCP servers of a harness; loads the adapter when the first one is met. */
export const mcpFor =
  (session: Session): ConnectMcp =>
  async (server) => {
    const { mcpConnector } = await import("@harnessx/adapter-mcp");
    const onReport: McpConnectorOptions["onReport"] = ({ server: id, message }) =>
      session.note(`${id}: ${message}`);
    return mcpConnector({ ...(await consentOf(session)), onReport })(server);
  };

/** How a person consents to a server's authorization: only one who can be asked is sent to a page. */
export async function consentOf(session: Session): Promise<Pick<OpenMcpOptions, "consent">> {
  if (!session.io.interactive || session.json) return {};
  const { loopbackConsent } = await import("@harnessx/adapter-mcp");
  return {
    consent: loopbackConsent((page) =>
      session.note(`Open this page in a browser to let hx use the server:\n  ${page.href}`),
    ),
  };
}

/** Stands in for the servers of a recorded run: a replay calls no tool. */
export const recordedMcp =
  (canonical: Readonly<Record<string, unknown>>): ConnectMcp =>
  async ({ entry }) => {
    const resolved = canonical["resolved"] as JsonObject | undefined;
    const { version, integrity } = (resolved?.[entry] ?? {}) as Readonly<Record<string, string>>;
    return {
      name: entry,
      version: version ?? "",
      integrity: integrity ?? "",
      capabilities: {},
      tools: [],
    };
  };
