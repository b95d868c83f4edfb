import { tool, type Tool } from "@harnessx/core/plugin";
import { workspaceError } from "../errors.ts";
import type { WorkspaceToolsOptions } from "../options.ts";
import { inTurn } from "../place/in-turn.ts";
import type { FindPlace } from "../place/place.ts";
import { replaceFile } from "../place/replace.ts";
import { withCodes } from "../result.ts";

/** The tool `write`. */
export function writeTool({ maxFileBytes }: WorkspaceToolsOptions, findPlace: FindPlace): Tool {
  return tool<{ path: string; content: string }>({
    name: "write",
    description:
      "Writes a whole file of the workspace, replacing what was there. Missing folders are made. Use edit to change a part of a file.",
    inputSchema: {
      type: "object",
      properties: {
        path: { type: "string", description: "Relative to the workspace." },
        content: { type: "string", description: "The whole content." },
      },
      required: ["path", "content"],
      additionalProperties: false,
    },
    execute: withCodes(async ({ path, content }, context) => {
      const bytes = Buffer.from(content, "utf8");
      if (bytes.length > maxFileBytes) {
        const details = { path, bytes: bytes.length, limit: maxFileBytes };
        throw workspaceError("HX_WORKSPACE_TOO_LARGE", details);
      }
      const place = await findPlace(context);
      const { shown, created } = await inTurn(place.root, () => replaceFile(place, path, bytes));
      return `${created ? "Created" : "Replaced"} ${shown}, ${bytes.length} bytes.`;
    }),
  });
}
