import { McpServer, type McpServerFactory, type ServerOptions } from "@modelcontextprotocol/server";
import { version } from "@harnessx/core";
import { mcpServeError } from "./errors.ts";
import type { ServeMcpOptions } from "./options.ts";
import { registerTraces } from "./resources/traces.ts";
import type { RunDesk } from "./runs/run-desk.ts";
import { registerAgent } from "./tools/agent-tool.ts";
import { registerTools } from "./tools/harness-tools.ts";

/** Makes the servers that connections and requests need; both eras get the same one. */
export function serverFactory(desk: RunDesk): McpServerFactory {
  const { options } = desk;
  requireDistinctNames(options);
  return ({ era }) => {
    const { harness } = options.agent;
    const server = new McpServer(
      { name: harness.manifest.name, version },
      serverOptions(desk, options.extend?.server ?? {}),
    );
    const { expose = "agent" } = options;
    if (expose !== "tools") registerAgent(server, desk, era);
    if (expose !== "agent") {
      const sync = registerTools(server, desk, era);
      // A server for one request over HTTP does not live to see a change.
      if (desk.oneClient || era === "legacy") server.server.onclose = desk.news.listen(sync);
    }
    if (desk.finished.keep > 0) registerTraces(server, desk);
    options.extend?.register?.(server, { era });
    return server;
  };
}

function serverOptions(
  { options, parked, finished }: RunDesk,
  given: ServerOptions,
): ServerOptions {
  return {
    ...given,
    capabilities: {
      tools: { listChanged: options.expose === "tools" || options.expose === "both" },
      ...(finished.keep > 0 ? { resources: { listChanged: false } } : {}),
      ...given.capabilities,
    },
    requestState: {
      async verify(state, context) {
        if (parked.has(state)) return undefined;
        if (given.requestState?.verify) return given.requestState.verify(state, context);
        throw new Error("The state belongs to no run that waits.");
      },
    },
  };
}

function requireDistinctNames({
  agent,
  expose = "agent",
  toolName = "run_agent",
}: ServeMcpOptions): void {
  if (!/^[\w.-]{1,128}$/.test(toolName))
    throw mcpServeError("HX_MCP_SERVE_OPTION", {
      option: "toolName",
      problem: "it has other characters than letters, digits, _, - and .",
    });
  if (expose === "both" && agent.harness.tools.some(({ name }) => name === toolName))
    throw mcpServeError("HX_MCP_SERVE_OPTION", {
      option: "toolName",
      problem: `the harness has a tool ${toolName}`,
    });
}
