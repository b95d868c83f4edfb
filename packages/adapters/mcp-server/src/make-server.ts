import { McpServer, type McpServerFactory, type ServerOptions } from "@modelcontextprotocol/server";
import { version } from "@harnessx/core";
import { mcpServeError } from "./errors.ts";
import type { ServeMcpOptions } from "./options.ts";
import { registerTraces } from "./resources/traces.ts";
import type { RunDesk } from "./runs/run-desk.ts";
import { registerAgent } from "./tools/agent-tool.ts";
import { registerTools } from "./tools/harness-tools.ts";

/** How often one call may ask: each question is a round. */
const MAX_ROUNDS = 1_000;

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
    if (expose !== "agent") registerTools(server, desk, era);
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
      // A server keeps the tools with which it was made: nobody is promised news of changes.
      tools: { listChanged: false },
      ...(finished.keep > 0 ? { resources: { listChanged: false } } : {}),
      ...given.capabilities,
    },
    inputRequired: {
      maxRounds: MAX_ROUNDS,
      roundTimeoutMs: options.answerTimeoutMs ?? 600_000,
      ...given.inputRequired,
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
