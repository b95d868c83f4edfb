import { tool, type Tool } from "@harnessx/core/plugin";
import type { WorkspaceToolsOptions } from "../options.ts";
import type { FindPlace } from "../place/place.ts";
import { withCodes } from "../result.ts";
import { globTest } from "./glob-pattern.ts";
import { filesBelow, type Walk } from "./walk.ts";

interface GlobInput {
  readonly pattern: string;
  readonly path?: string;
  readonly includeIgnored?: boolean;
}

/** The tool `glob`. */
export function globTool(options: WorkspaceToolsOptions, findPlace: FindPlace): Tool {
  return tool<GlobInput>({
    name: "glob",
    description:
      "Lists the files of the workspace whose path fits a pattern such as src/**/*.ts. A pattern without a slash fits names in any folder. Files that .gitignore excludes are left out.",
    inputSchema: {
      type: "object",
      properties: {
        pattern: { type: "string", minLength: 1, description: "Relative to path." },
        path: { type: "string", default: ".", description: "Folder to look in." },
        includeIgnored: {
          type: "boolean",
          default: false,
          description: "List files that .gitignore excludes, too.",
        },
      },
      required: ["pattern"],
      additionalProperties: false,
    },
    tags: ["read-only"],
    execute: withCodes(async ({ pattern, path = ".", includeIgnored = false }, context) => {
      const fits = globTest(pattern);
      const place = await findPlace(context);
      const { signal } = context;
      const walk: Walk = {
        signal,
        maxEntries: options.maxEntries,
        withIgnored: includeIgnored,
        cutShort: false,
      };
      const found: string[] = [];
      let more = 0;
      for await (const file of filesBelow(place, path, walk)) {
        if (!fits(file.below)) continue;
        if (found.length < options.maxResults) found.push(file.path);
        else more += 1;
      }
      if (found.length === 0) found.push("No file fits.");
      if (more > 0) found.push(`(${more} more files fit; use a narrower pattern.)`);
      if (walk.cutShort) found.push(`(Stopped after ${options.maxEntries} entries.)`);
      return found.join("\n");
    }),
  });
}
