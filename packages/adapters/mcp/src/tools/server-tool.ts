import { tool, type JsonObject, type Tool } from "@harnessx/core/plugin";
import type { ToolDefinition } from "../protocol/connection.ts";
import { anonymous } from "../session/admission.ts";
import { perform } from "../session/perform.ts";
import type { McpSession } from "../session/session.ts";
import { resultOf } from "./content.ts";

/** More than any tool needs to be described; a server must not fill the context with itself. */
const MAX_DESCRIPTION = 8000;
/** Core's deadline comes after ours, whose result says more. */
const LATER_MS = 5000;

/** A tool of a server as a tool of the harness. */
export function serverTool(session: McpSession, name: string, definition: ToolDefinition): Tool {
  const { inputSchema, outputSchema, annotations = {}, description, title } = definition;
  const repeatable = annotations.readOnlyHint === true || annotations.idempotentHint === true;
  const { server, options } = session.setup;
  return tool<JsonObject>({
    name,
    description: (description ?? title ?? annotations.title ?? "").slice(0, MAX_DESCRIPTION),
    inputSchema: anonymous(inputSchema),
    ...(outputSchema === undefined ? {} : { outputSchema: anonymous(outputSchema) }),
    tags: tagsOf(annotations),
    timeoutMs: options.maxCallMs + LATER_MS,
    onLostResult: repeatable ? "rerun" : "report",
    execute: (input, context) =>
      perform({
        session,
        context,
        definition,
        repeatable,
        send: async (connection, scope) =>
          resultOf(server, definition, await connection.callTool(definition.name, input, scope)),
      }),
  });
}

function tagsOf({
  readOnlyHint,
  destructiveHint,
}: NonNullable<ToolDefinition["annotations"]>): readonly string[] {
  return [
    "mcp",
    ...(readOnlyHint === true ? ["read-only"] : []),
    ...(destructiveHint === true && readOnlyHint !== true ? ["destructive"] : []),
  ];
}
