import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Abilities } from "../runs/live-run.ts";

/** What the client of a request can do: it says so in the request, before 2026-07-28 once at the start. */
export function abilitiesOf({ mcpReq: { envelope } }: ServerContext, server: Server): Abilities {
  const told = (envelope as Readonly<Record<string, unknown>> | undefined)?.[
    CLIENT_CAPABILITIES_META_KEY
  ] as ClientCapabilities | undefined;
  const { elicitation } = told ?? initialCapabilities(server);
  if (!elicitation) return { form: false, url: false };
  // An empty capability is the form of the time before there were two.
  const url = "url" in elicitation;
  return { form: "form" in elicitation || !url, url };
}

function initialCapabilities(server: Server): ClientCapabilities {
  return server.getClientCapabilities() ?? {};
}
