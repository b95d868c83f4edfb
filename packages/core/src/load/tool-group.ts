import type { JsonObject } from "../plugin/json.ts";
import type { Capabilities, PluginMetadata } from "../plugin/metadata.ts";
import type { ToolSource } from "../plugin/define.ts";
import type { Tool } from "../plugin/tool.ts";

/** A package of tools, or an MCP server, of a loaded harness. */
export interface LoadedToolGroup {
  readonly id: string;
  readonly use: string;
  readonly package: string;
  readonly version: string;
  readonly metadata: PluginMetadata;
  readonly options: JsonObject;
  readonly capabilities: Capabilities;
  readonly integrity: string;
  /** The tools at this moment: the same array while nothing has changed. */
  readonly tools: readonly Tool[];
}

const groups = new WeakMap<Tool, LoadedToolGroup>();

/** The group that a tool came with; none for a tool of the caller's own. */
export const groupOf = (tool: Tool): LoadedToolGroup | undefined => groups.get(tool);

/** A group whose tools are what `source` lists. */
export function toolGroup(
  facts: Omit<LoadedToolGroup, "tools">,
  source: readonly Tool[] | ToolSource,
): LoadedToolGroup {
  let known: readonly Tool[] | undefined;
  const group: LoadedToolGroup = {
    ...facts,
    get tools() {
      const tools = "list" in source ? source.list() : source;
      if (tools !== known) for (const tool of (known = tools)) groups.set(tool, group);
      return tools;
    },
  };
  return Object.freeze(group);
}

/** The tools of all groups; the same array while none of them has changed. */
export function allTools(toolGroups: readonly LoadedToolGroup[]): () => readonly Tool[] {
  let lists: readonly (readonly Tool[])[] = [];
  let all: readonly Tool[] = Object.freeze([]);
  return () => {
    const now = toolGroups.map(({ tools }) => tools);
    if (now.length !== lists.length || now.some((list, index) => list !== lists[index])) {
      lists = now;
      all = Object.freeze(now.flat());
    }
    return all;
  };
}
