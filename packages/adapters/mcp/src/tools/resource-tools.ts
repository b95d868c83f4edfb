import { tool, type Json, type Tool, type ToolResult } from "@harnessx/core/plugin";
import { perform } from "../session/perform.ts";
import type { McpSession } from "../session/session.ts";
import { resourcePart } from "./content.ts";

/** As many lines as a model can use of a list; the server may have thousands. */
const MAX_LISTED = 500;

/** Names that resource tools have on the server's side of the `__`. */
export const RESOURCE_TOOLS = ["list_resources", "read_resource"] as const;

/** The resources of a server as two tools. */
export function resourceTools(
  session: McpSession,
  nameOf: (tool: string) => string,
): readonly Tool[] {
  const { server } = session.setup;
  return [
    tool<{ contains?: string }>({
      name: nameOf("list_resources"),
      description: `Lists the resources of ${server}: address, name, type and description, one a line.`,
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
          send: async (connection, scope) => {
            const resources = await connection.listResources(scope);
            const templates = await connection.listResourceTemplates(scope).catch(() => []);
            return lines(
              [
                ...resources.map(({ uri, ...info }) => line(uri, info)),
                ...templates.map(({ uriTemplate, ...info }) =>
                  line(`${uriTemplate} (template)`, info),
                ),
              ],
              contains,
            );
          },
        }),
    }),
    tool<{ uri: string }>({
      name: nameOf("read_resource"),
      description: `Reads a resource of ${server} by its address.`,
      inputSchema: {
        type: "object",
        properties: { uri: { type: "string", minLength: 1 } },
        required: ["uri"],
        additionalProperties: false,
      },
      tags: ["mcp", "read-only"],
      execute: ({ uri }, context) =>
        perform({
          session,
          context,
          repeatable: true,
          send: async (connection, scope) => ({
            status: "ok",
            content: (await connection.readResource(uri, scope)).map(resourcePart),
          }),
        }),
    }),
  ];
}

interface Described {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
}

function line(uri: string, { name, title, description, mimeType }: Described): string {
  return [uri, title ?? name, mimeType, description]
    .filter((part): part is string => part !== undefined && part !== "")
    .map((part) => part.replace(/\s+/g, " "))
    .join(" | ");
}

/** The lines that contain a text, as far as a model can use them. */
export function lines(all: readonly string[], contains: string): ToolResult {
  const found = all.filter((one) => one.includes(contains));
  const more = found.length - MAX_LISTED;
  const shown = [
    ...found.slice(0, MAX_LISTED),
    ...(more > 0 ? [`[… ${more} more; use contains]`] : []),
  ];
  const structured: Json = { found: found.length };
  return {
    status: "ok",
    content: shown.length === 0 ? "There are none." : shown.join("\n"),
    structured,
  };
}
