import type { Part, ToolResult } from "@harnessx/core/plugin";
import { CLIPPED_KEY } from "../bounds/cut-messages.ts";
import { describeBinary } from "../bounds/describe-binary.ts";
import { mcpError } from "../errors.ts";
import type {
  CallOutcome,
  ContentBlock,
  ResourceContents,
  ToolDefinition,
} from "../protocol/connection.ts";

/** What a call came to, for the model and for programs. */
export function resultOf(server: string, tool: ToolDefinition, outcome: CallOutcome): ToolResult {
  const { content = [], structuredContent, isError, _meta } = outcome;
  const clipped = typeof _meta?.[CLIPPED_KEY] === "number" ? _meta[CLIPPED_KEY] : 0;
  if (!Array.isArray(content) || !content.every(isBlock))
    throw mcpError("HX_MCP_INVALID", {
      server,
      problem: `the result of ${tool.name} has no content`,
    });
  const parts = content.map(partOf);
  // Structured content is for programs; the model reads it only where there is nothing else to read.
  const shown =
    parts.length === 0 && structuredContent !== undefined
      ? [textPart(JSON.stringify(structuredContent))]
      : parts;
  if (isError) {
    const { code, message } = mcpError("HX_MCP_TOOL_ERROR", { server, tool: tool.name });
    return { status: "error", content: shown, error: { code, message } };
  }
  if (clipped === 0)
    return structuredContent === undefined
      ? { status: "ok", content: shown }
      : { status: "ok", content: shown, structured: structuredContent };
  if (tool.outputSchema === undefined) return { status: "ok", content: shown };
  // A program must not take a cut result for a whole one.
  const problem = `${clipped} bytes of it were left out`;
  const { code, message } = mcpError("HX_MCP_TOO_LARGE", { server, problem });
  return { status: "error", content: [textPart(message), ...shown], error: { code, message } };
}

const isBlock = (block: unknown): block is ContentBlock =>
  typeof block === "object" && block !== null && typeof (block as ContentBlock).type === "string";

const textPart = (text: string): Part => ({ type: "text", text });

/** One piece of content as a model can take it: what is no text and no picture is described. */
export function partOf(block: ContentBlock): Part {
  switch (block.type) {
    case "text":
      return textPart(String(block.text ?? ""));
    case "image":
      return pictureOf(block.data ?? "", block.mimeType ?? "application/octet-stream", "image");
    case "audio":
      return textPart(describeBinary("audio", block.mimeType, block.data ?? ""));
    case "resource_link":
      return textPart(linkOf(block));
    case "resource":
      return resourcePart(block.resource ?? { uri: "unknown" });
    default:
      return textPart(`[${block.type} left out: this kind of content is not known]`);
  }
}

/** The contents of a resource. */
export function resourcePart({ uri, mimeType, text, blob }: ResourceContents): Part {
  const type = mimeType === undefined ? "" : ` (${mimeType})`;
  if (text !== undefined) return textPart(`[resource ${uri}${type}]\n${text}`);
  return pictureOf(blob ?? "", mimeType ?? "application/octet-stream", `resource ${uri}`);
}

function linkOf({ uri, name, title, mimeType, description, size }: ContentBlock): string {
  const facts = [mimeType, size === undefined ? undefined : `${size} bytes`]
    .filter(Boolean)
    .join(", ");
  const what = [title ?? name, description].filter(Boolean).join(": ");
  return `[resource link ${uri}${facts ? ` (${facts})` : ""}]${what ? ` ${what}` : ""}`;
}

function pictureOf(data: string, mediaType: string, what: string): Part {
  return /^image\/(png|jpe?g|gif|webp)$/.test(mediaType) && data !== ""
    ? { type: "image", mediaType, data }
    : textPart(describeBinary(what, mediaType, data));
}
