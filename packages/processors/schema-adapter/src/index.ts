import { defineProcessor, replace, type JsonSchema, type Part } from "@harnessx/core/plugin";
import { adaptInput } from "./adapt.ts";
import { families } from "./families.ts";
import { nameMatcher } from "./names.ts";
import type { SchemaAdapterOptions } from "./options.ts";
import { isFields, summaryOf } from "./schema.ts";

export type { ModelFamily, Quirks, SchemaAdapterOptions } from "./options.ts";

/** Code of the runtime's error for arguments that do not fit the tool's schema. */
const misfit = "HX_TOOL_INPUT_INVALID";

/** Evens out how a model family fills in arguments. */
export default defineProcessor<SchemaAdapterOptions>((run, options) => {
  const family = families[options.family];
  const quirks = { ...family.quirks, ...options.quirks };
  const isAdapted = nameMatcher(options.tools);
  const schemas = new Map<string, JsonSchema>();

  run.hooks.taskStart.tap("note", (event) => {
    const notes = [...(options.notes ? family.notes : []), ...options.extraNotes];
    if (notes.length === 0 || event.tools.length === 0) return undefined;
    return replace(event.appendSystem(["When you call a tool:", ...notes.map(asItem)].join("\n")));
  });

  run.hooks.beforeTool.tap("adapt", (event) => {
    const { call, tool } = event;
    if (!tool || !isAdapted(tool.name)) return undefined;
    schemas.set(tool.name, tool.inputSchema);
    if (call.malformed !== undefined || !isFields(call.input)) return undefined;
    const input = adaptInput(call.input, tool.inputSchema, quirks);
    return input === call.input ? undefined : replace(event.withInput(input));
  });

  run.hooks.afterTool.tap("explain", (event) => {
    const { call, result } = event;
    const schema = schemas.get(call.name);
    if (!options.explain || !schema || result.error?.code !== misfit) return undefined;
    const line = `${call.name} takes ${summaryOf(schema)}.`;
    return replace(event.withContent(withLine(result.content, line)));
  });
});

const asItem = (sentence: string): string => `- ${sentence}`;

function withLine(content: string | readonly Part[], line: string): string | readonly Part[] {
  if (typeof content === "string") return `${content}\n${line}`;
  return [...content, { type: "text", text: line }];
}
