import { validatorFor } from "@harnessx/core";
import type { JsonObject, JsonSchema, Json } from "@harnessx/core/plugin";
import type { McpCall } from "../session/call.ts";

interface ElicitationParams {
  readonly mode?: "form" | "url";
  readonly message?: string;
  readonly requestedSchema?: JsonSchema;
  readonly url?: string;
}

/** Puts a server's question to the person behind the run. */
export async function answerElicitation(
  server: string,
  params: JsonObject,
  call: McpCall,
): Promise<JsonObject> {
  const { mode, message, requestedSchema, url } = params as unknown as ElicitationParams;
  const asked = `MCP server ${server} asks: ${message ?? ""}`;
  if (mode === "url" || (url !== undefined && requestedSchema === undefined)) {
    if (url === undefined || !/^https?:\/\//.test(url)) return { action: "decline" };
    const { action } = await call.context.ask({ message: asked, url });
    return { action };
  }
  const schema = withoutDialect(requestedSchema ?? { type: "object", properties: {} });
  const { action, content } = await call.context.ask({ message: asked, schema });
  if (action !== "accept") return { action };
  const filled = withDefaults(schema, content);
  const problem = validatorFor(schema)(filled);
  if (problem === undefined) return { action, content: filled };
  call.log("The answer does not fit the form of the server and was not sent.", { problem });
  return { action: "cancel" };
}

/** The person may leave out what the form fills in. */
function withDefaults(schema: JsonSchema, content: Json | undefined): JsonObject {
  const given =
    typeof content === "object" && content !== null && !Array.isArray(content) ? content : {};
  const properties = ((schema as JsonObject)["properties"] ?? {}) as Record<string, JsonObject>;
  const defaults = Object.entries(properties).flatMap(([name, property]) =>
    property["default"] === undefined ? [] : [[name, property["default"]] as const],
  );
  return { ...Object.fromEntries(defaults), ...(given as JsonObject) };
}

function withoutDialect(schema: JsonSchema): JsonSchema {
  const { $schema: _dialect, $id: _id, ...rest } = schema as JsonObject;
  return rest;
}
