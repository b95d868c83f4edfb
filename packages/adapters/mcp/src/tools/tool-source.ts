import type { Tool, ToolSource } from "@harnessx/core/plugin";
import type { ToolDefinition } from "../protocol/connection.ts";
import type { McpSession } from "../session/session.ts";
import { ToolNames } from "./names.ts";
import { PROMPT_TOOLS, promptTools } from "./prompt-tools.ts";
import { RESOURCE_TOOLS, resourceTools } from "./resource-tools.ts";
import { serverTool } from "./server-tool.ts";

/** The tools of a server at every moment: the same array and the same tools while nothing changes. */
export function toolSource(
  session: McpSession,
): ToolSource & { of(tool: string): Tool | undefined } {
  const { server, options } = session.setup;
  const names = new ToolNames(server);
  // Reserved first: what a server calls its own tools later cannot take their names.
  const nameOf = new Map(
    [
      ...(options.resources === "tools" ? RESOURCE_TOOLS : []),
      ...(options.prompts === "tools" ? PROMPT_TOOLS : []),
    ].map((name) => [name, names.reserve(name)] as const),
  );
  const own = [
    ...(options.resources === "tools"
      ? resourceTools(session, (name) => nameOf.get(name as never)!)
      : []),
    ...(options.prompts === "tools"
      ? promptTools(session, (name) => nameOf.get(name as never)!)
      : []),
  ];
  const made = new Map<ToolDefinition, Tool>();
  const toolOf = (definition: ToolDefinition): Tool => {
    const known = made.get(definition);
    if (known) return known;
    const tool = serverTool(session, names.of(definition.name), definition);
    made.set(definition, tool);
    return tool;
  };
  let tools: readonly Tool[] | undefined;
  session.onTools = () => {
    tools = undefined;
  };
  return {
    list: () => (tools ??= Object.freeze([...session.definitions.map(toolOf), ...own])),
    of: (tool) => {
      const definition = session.definitions.find(({ name }) => name === tool);
      return definition && toolOf(definition);
    },
  };
}
