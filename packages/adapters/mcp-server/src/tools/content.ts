import type { CallToolResult, ContentBlock } from "@modelcontextprotocol/server";
import type { Part } from "@harnessx/core/plugin";

/** A failed call. */
export const failed = (text: string): CallToolResult => ({
  content: [{ type: "text", text }],
  isError: true,
});

/** What a model sees, as MCP's content; thinking stays inside. */
export const blocksOf = (parts: readonly Part[]): ContentBlock[] => parts.flatMap(blockOf);

function blockOf(part: Part): ContentBlock[] {
  if (part.type === "thinking") return [];
  if (part.type === "text") return [{ type: "text", text: part.text }];
  const { data, mediaType: mimeType } = part;
  return [
    data.startsWith("https:")
      ? { type: "resource_link", uri: data, name: "image", mimeType }
      : { type: "image", data, mimeType },
  ];
}
