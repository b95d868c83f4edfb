import type { Json, JsonObject } from "@harnessx/core/plugin";
import type { ToolDefinition } from "../protocol/connection.ts";
import type { ServerFacts } from "../session/session.ts";
import type { EndpointFile } from "./memory.ts";

/** What a server listed the last time, for an entry that starts it only at the first call. */
export interface DefinitionsFile extends JsonObject {
  readonly server: { readonly name: string; readonly version: string; readonly protocol: string };
  readonly tools: readonly JsonObject[];
}

/** The kept facts and tools, or nothing. */
export async function keptDefinitions(
  file: EndpointFile<DefinitionsFile>,
): Promise<{ readonly facts: ServerFacts; readonly tools: readonly ToolDefinition[] } | undefined> {
  const { server, tools } = await file.read();
  const whole =
    typeof server?.name === "string" &&
    typeof server.version === "string" &&
    Array.isArray(tools) &&
    tools.every(
      (tool) => typeof tool === "object" && tool !== null && typeof tool["name"] === "string",
    );
  return whole
    ? { facts: server, tools: tools as unknown as readonly ToolDefinition[] }
    : undefined;
}

/** Keeps what a server listed. */
export const keepDefinitions = (
  file: EndpointFile<DefinitionsFile>,
  facts: ServerFacts,
  tools: readonly ToolDefinition[],
): Promise<void> =>
  file.merge({ server: { ...facts }, tools: tools as unknown as Json as readonly JsonObject[] });
