import { defineProcessor, replace, type ModelRequest, type ToolCall } from "@harnessx/core/plugin";
import { judge } from "./judge.ts";
import { readLooseJson } from "./json-text.ts";
import type { ToolCallRepairOptions } from "./options.ts";
import { nameMatcher } from "./patterns.ts";
import { repairInput } from "./repair.ts";
import { toolMeant } from "./tool-names.ts";

export type { ToolCallRepairOptions } from "./options.ts";

/** Repairs tool calls where the tool's own schema proves them wrong. */
export default defineProcessor<ToolCallRepairOptions>((run, options) => {
  const isExempt = nameMatcher(options.except);

  // Here rather than before the tool: a name can be changed here only, and every processor that looks
  // at calls sees them repaired.
  run.hooks.afterModel.tap("repair", (event) => {
    const { toolCalls } = event.response;
    const repaired = toolCalls.map((call) =>
      repairCall(call, event.request.tools, options, isExempt),
    );
    if (repaired.every((call, index) => call === toolCalls[index])) return undefined;
    return replace(event.withToolCalls(repaired));
  });
});

function repairCall(
  call: ToolCall,
  tools: ModelRequest["tools"],
  options: ToolCallRepairOptions,
  isExempt: (name: string) => boolean,
): ToolCall {
  const named = tools.find(({ name }) => name === call.name);
  const tool = named ?? (options.names ? meantTool(call.name, tools, options) : undefined);
  if (!tool || isExempt(tool.name)) return call;
  const { malformed, ...rest } = call;
  const asNamed = named ? call : { ...call, name: tool.name };
  if (!options.inputs) return asNamed;
  if (malformed === undefined) {
    const meant = repairInput(call.input, tool.inputSchema);
    return meant ? { ...asNamed, input: meant.input } : asNamed;
  }
  const read = typeof call.input === "string" ? readLooseJson(call.input) : undefined;
  if (!read) return asNamed;
  const { inputSchema } = tool;
  const meant = repairInput(read.value, inputSchema);
  if (!meant && judge(read.value, inputSchema, inputSchema) === "invalid") return asNamed;
  return { ...rest, name: tool.name, input: meant ? meant.input : read.value };
}

function meantTool(
  name: string,
  tools: ModelRequest["tools"],
  { maxNameDistance }: ToolCallRepairOptions,
): ModelRequest["tools"][number] | undefined {
  const meant = toolMeant(
    name,
    tools.map((tool) => tool.name),
    maxNameDistance,
  );
  return tools.find((tool) => tool.name === meant);
}
