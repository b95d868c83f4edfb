import { tool, type Tool, type ToolResult } from "@harnessx/core/plugin";
import { workspaceError } from "../errors.ts";
import type { WorkspaceToolsOptions } from "../options.ts";
import { contentOf, textOfBytes } from "../place/content.ts";
import type { FindPlace } from "../place/place.ts";
import { withCodes } from "../result.ts";
import { imageTypeOf } from "./image.ts";

interface ReadInput {
  readonly path: string;
  readonly offset?: number;
  readonly limit?: number;
}

/** The tool `read`. */
export function readTool(options: WorkspaceToolsOptions, findPlace: FindPlace): Tool {
  return tool<ReadInput>({
    name: "read",
    description:
      "Reads a text file of the workspace with line numbers, or shows an image. Long files are read in parts with offset and limit.",
    inputSchema: {
      type: "object",
      properties: {
        path: { type: "string", description: "Relative to the workspace." },
        offset: { type: "integer", minimum: 1, description: "First line to show, from 1." },
        limit: { type: "integer", minimum: 1, description: "Number of lines to show." },
      },
      required: ["path"],
      additionalProperties: false,
    },
    tags: ["read-only"],
    execute: withCodes(async (input, context) => {
      const place = await findPlace(context);
      const { bytes } = await contentOf(place, input.path, options.maxFileBytes);
      const image = imageTypeOf(bytes);
      if (image) return showImage(bytes, image, input.path, options);
      return showLines(textOfBytes(bytes, input.path, false), input, options);
    }),
  });
}

function showImage(
  bytes: Buffer,
  mediaType: string,
  path: string,
  { maxImageBytes }: WorkspaceToolsOptions,
): ToolResult {
  if (bytes.length > maxImageBytes) {
    const details = { path, bytes: bytes.length, limit: maxImageBytes };
    throw workspaceError("HX_WORKSPACE_TOO_LARGE", details);
  }
  return {
    status: "ok",
    content: [
      { type: "text", text: `${path}: ${mediaType}, ${bytes.length} bytes` },
      { type: "image", mediaType, data: bytes.toString("base64") },
    ],
  };
}

function showLines(
  text: string,
  { offset = 1, limit }: ReadInput,
  { maxLines, maxLineChars }: WorkspaceToolsOptions,
): string {
  if (text === "") return "(The file is empty.)";
  const lines = text.split(/\r\n|\n/);
  if (lines.at(-1) === "") lines.pop();
  const start = offset - 1;
  if (start >= lines.length)
    return `(There is no line ${offset}: the file has ${lines.length} lines.)`;
  const end = Math.min(lines.length, start + (limit ?? maxLines));
  const shown = lines
    .slice(start, end)
    .map((line, index) => `${offset + index}\t${cut(line, maxLineChars)}`);
  if (end < lines.length) shown.push(`(Lines ${end + 1} to ${lines.length} are not shown.)`);
  return shown.join("\n");
}

/** The beginning of a long line, with a note of what is missing. */
export function cut(line: string, maxChars: number): string {
  const rest = line.length - maxChars;
  return rest > 0 ? `${line.slice(0, maxChars)} [… ${rest} more characters]` : line;
}
