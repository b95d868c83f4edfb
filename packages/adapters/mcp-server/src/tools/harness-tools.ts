import {
  fromJsonSchema,
  type CallToolResult,
  type McpServer,
  type RegisteredTool,
  type StandardSchemaWithJSON,
} from "@modelcontextprotocol/server";
import type { RunResult, StreamItem } from "@harnessx/core";
import type { Json, Tool, ToolMessage } from "@harnessx/core/plugin";
import type { RunDesk } from "../runs/run-desk.ts";
import { blocksOf, failed } from "./content.ts";
import { CALL_ID, singleCall } from "./single-call.ts";

const schemas = new WeakMap<Tool, StandardSchemaWithJSON>();

/** Registers the harness's own tools as they are now; what it returns brings a server to what they are then. */
export function registerTools(
  server: McpServer,
  desk: RunDesk,
  era: "legacy" | "modern",
): () => void {
  const registered = new Map<Tool, RegisteredTool>();
  const { agent, expose, toolName = "run_agent" } = desk.options;
  const sync = (): void => {
    // Tools that came later may not take the agent's name.
    const now = agent.harness.tools.filter(({ name }) => expose === "tools" || name !== toolName);
    for (const [tool, entry] of registered) {
      if (now.includes(tool)) continue;
      entry.remove();
      registered.delete(tool);
    }
    for (const tool of now)
      if (!registered.has(tool)) registered.set(tool, registerOne(server, desk, era, tool));
  };
  sync();
  return sync;
}

function registerOne(
  server: McpServer,
  desk: RunDesk,
  era: "legacy" | "modern",
  tool: Tool,
): RegisteredTool {
  const { agent, roles = {} } = desk.options;
  const { name, description, tags = [] } = tool;
  const config = {
    description,
    inputSchema: schemaOf(tool),
    ...(tags.includes("read-only") ? { annotations: { readOnlyHint: true } } : {}),
  };
  return server.registerTool(name, config, (input, context) => {
    const seen = new StructuredWatch();
    return desk.serve({
      server: server.server,
      era,
      context,
      start: (options) =>
        agent.start(`An MCP client calls ${name}.`, {
          ...options,
          models: { ...roles, main: singleCall(name, input) },
        }),
      onItem: (item) => seen.item(item),
      resultOf: (result) => resultOf(result, seen.structured),
    });
  });
}

/** Compiled once for a tool: servers are made for every request. */
function schemaOf(tool: Tool): StandardSchemaWithJSON {
  const known = schemas.get(tool);
  if (known) return known;
  const made = fromJsonSchema(tool.inputSchema as Parameters<typeof fromJsonSchema>[0]);
  schemas.set(tool, made);
  return made;
}

/** What a tool gave for programs, unless a processor changed what a model sees of the result: then it may hold what was to be hidden. */
class StructuredWatch {
  structured: Json | undefined;

  item(item: StreamItem): void {
    if (item.type !== "event") return;
    const { event } = item;
    if (event.type === "tool.result" && event.call === CALL_ID) this.structured = event.structured;
    if (event.type === "message" && event.callId === CALL_ID && event.of === undefined)
      this.structured = undefined;
  }
}

/** The result as a model would have seen it. */
function resultOf(
  { messages, exit, reason, error }: RunResult,
  structured: Json | undefined,
): CallToolResult {
  const shown = [...messages].find(
    (message): message is ToolMessage => message.role === "tool" && message.callId === CALL_ID,
  );
  if (!shown) return failed(error?.message ?? reason ?? `The call did not run: ${exit}.`);
  return {
    content: blocksOf(shown.content),
    ...(isObject(structured) ? { structuredContent: { ...structured } } : {}),
    ...(shown.status === "ok" ? {} : { isError: true }),
  };
}

const isObject = (value: Json | undefined): value is Readonly<Record<string, Json>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
