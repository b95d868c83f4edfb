import { list, object, Problem, text } from "./check.ts";
import type { ToolText } from "./task.ts";

/** The tools of a file in the form of OpenAI's function calling, by name; throws a Problem. */
export function readToolTexts(value: unknown): ReadonlyMap<string, ToolText> {
  const tools = list(value, "the file").map((one): ToolText => {
    const tool = object(object(one, "a tool")["function"], "function of a tool");
    const name = text(tool["name"], "name of a tool");
    const inputSchema = object(tool["parameters"], `parameters of ${name}`);
    if (inputSchema["type"] !== "object")
      throw new Problem(`parameters of ${name} must describe an object`);
    return {
      name,
      description: text(tool["description"], `description of ${name}`),
      inputSchema: { ...inputSchema, additionalProperties: false },
    };
  });
  return new Map(tools.map((tool) => [tool.name, tool]));
}
