import { messageOf } from "../errors/index.ts";
import type { ToolsContext, ToolsDefinition } from "../plugin/define.ts";
import type { JsonObject } from "../plugin/json.ts";
import type { Tool } from "../plugin/tool.ts";
import { httpFor } from "../tools/http.ts";
import { ToolRegistry } from "../tools/registry.ts";
import { sameJson } from "../trace/same-event.ts";
import { Findings, type ConformanceCheck } from "./report.ts";

/** What every provider accepts as the name of a tool. */
const TOOL_NAME = /^[\w-]{1,64}$/;

/** Judges the laws of a package of tools. No tool is called: what it would do is unknown. */
export async function toolsLaws(
  definition: ToolsDefinition,
  options: JsonObject,
  root: string,
  hosts: readonly string[] = [],
): Promise<ConformanceCheck[]> {
  const findings = new Findings();
  let count = 0;
  const closers: (() => void | Promise<void>)[] = [];
  try {
    const context: ToolsContext = {
      root,
      http: httpFor("tools", hosts),
      onClose: (close) => closers.push(close),
    };
    const make = async (): Promise<readonly Tool[]> => {
      const made = await definition.create(options, context);
      return "list" in made ? made.list() : made;
    };
    const tools = await make();
    const again = await make();
    count = tools.length;
    if (count === 0) findings.against("tools", "There is no tool.");
    for (const problem of toolProblems(tools)) findings.against("tools", problem);
    if (!sameJson(specsOf(tools), specsOf(again))) {
      findings.against("tools", "Made twice with the same options, the tools differ.");
    }
  } catch (thrown) {
    findings.against("tools", `Making the tools failed: ${messageOf(thrown)}`);
  }
  for (const close of closers.toReversed()) {
    try {
      await close();
    } catch (thrown) {
      findings.against("tools", `Closing failed: ${messageOf(thrown)}`);
    }
  }
  return [findings.check("tools", `${count} tools with unique names and usable schemas`)];
}

/** What is wrong with a list of tools. */
export function toolProblems(tools: readonly Tool[]): string[] {
  const problems: string[] = [];
  try {
    new ToolRegistry(tools);
  } catch (thrown) {
    problems.push(messageOf(thrown));
  }
  for (const { name, description, inputSchema } of tools) {
    if (!TOOL_NAME.test(name))
      problems.push(`The tool name ${JSON.stringify(name)} is not letters, digits, _ and -.`);
    if (description.trim() === "") problems.push(`The tool ${name} has no description.`);
    if (inputSchema["type"] !== "object")
      problems.push(`The input schema of ${name} is not of type object.`);
  }
  return problems;
}

function specsOf(tools: readonly Tool[]): unknown {
  return tools.map(({ name, description, inputSchema, outputSchema, tags }) => ({
    name,
    description,
    inputSchema,
    outputSchema,
    tags,
  }));
}
