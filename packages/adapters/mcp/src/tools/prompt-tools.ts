import { tool, type Part, type Tool } from "@harnessx/core/plugin";
import type { PromptInfo } from "../protocol/connection.ts";
import { perform } from "../session/perform.ts";
import type { McpSession } from "../session/session.ts";
import { partOf } from "./content.ts";
import { lines } from "./resource-tools.ts";

/** Names that prompt tools have on the server's side of the `__`. */
export const PROMPT_TOOLS = ["list_prompts", "get_prompt"] as const;

/** The prompts of a server as two tools. */
export function promptTools(
  session: McpSession,
  nameOf: (tool: string) => string,
): readonly Tool[] {
  const { server } = session.setup;
  return [
    tool<{ contains?: string }>({
      name: nameOf("list_prompts"),
      description: `Lists the prompts of ${server} with their arguments, one a line.`,
      inputSchema: {
        type: "object",
        properties: {
          contains: { type: "string", description: "Only lines that contain this text." },
        },
        additionalProperties: false,
      },
      tags: ["mcp", "read-only"],
      execute: ({ contains = "" }, context) =>
        perform({
          session,
          context,
          repeatable: true,
          send: async (connection, scope) =>
            lines((await connection.listPrompts(scope)).map(promptLine), contains),
        }),
    }),
    tool<{ name: string; arguments?: Record<string, string> }>({
      name: nameOf("get_prompt"),
      description: `Gives a prompt of ${server}, filled in with arguments.`,
      inputSchema: {
        type: "object",
        properties: {
          name: { type: "string", minLength: 1 },
          arguments: { type: "object", additionalProperties: { type: "string" } },
        },
        required: ["name"],
        additionalProperties: false,
      },
      tags: ["mcp", "read-only"],
      execute: ({ name, arguments: input = {} }, context) =>
        perform({
          session,
          context,
          repeatable: true,
          send: async (connection, scope) => {
            const { messages } = await connection.getPrompt(name, input, scope);
            const content = messages.flatMap(({ role, content: block }): Part[] => [
              { type: "text", text: `${role}:` },
              partOf(block),
            ]);
            return { status: "ok", content };
          },
        }),
    }),
  ];
}

function promptLine({ name, title, description, arguments: taken = [] }: PromptInfo): string {
  const args = taken.map((one) => (one.required ? one.name : `${one.name}?`)).join(", ");
  return [`${name}(${args})`, title, description]
    .filter((part): part is string => part !== undefined && part !== "")
    .map((part) => part.replace(/\s+/g, " "))
    .join(" | ");
}
