import { canonicalJson, sha256Hex } from "@harnessx/core";
import type { ToolDefinition } from "../protocol/connection.ts";

/** What a model and a program see of a tool: everything that could be changed to deceive them. */
const essence = ({
  name,
  title,
  description,
  inputSchema,
  outputSchema,
  annotations,
}: ToolDefinition) => ({
  name,
  ...(title === undefined ? {} : { title }),
  description: description ?? "",
  inputSchema,
  ...(outputSchema === undefined ? {} : { outputSchema }),
  ...(annotations === undefined ? {} : { annotations }),
});

/**
 * `sha256-<hex>` over definitions of tools, whatever their order: what a lock pins.
 *
 * @example
 * ```ts
 * import { toolDigest } from "@harnessx/adapter-mcp";
 * const a = { name: "a", inputSchema: { type: "object" } };
 * const b = { name: "b", inputSchema: { type: "object" } };
 * toolDigest([a, b]) === toolDigest([b, a]); // true
 * ```
 */
export function toolDigest(definitions: readonly ToolDefinition[]): string {
  const sorted = definitions.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return `sha256-${sha256Hex(canonicalJson(sorted.map(essence)))}`;
}
