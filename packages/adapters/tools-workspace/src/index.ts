import { defineTools, type Tool } from "@harnessx/core/plugin";
import { runTool, shellTool } from "./command/tools.ts";
import { editTool } from "./files/edit.ts";
import { readTool } from "./files/read.ts";
import { writeTool } from "./files/write.ts";
import type { WorkspaceToolName, WorkspaceToolsOptions } from "./options.ts";
import { placeFinder, type FindPlace } from "./place/place.ts";
import { globTool } from "./search/glob.ts";
import { grepTool } from "./search/grep.ts";

export type { WorkspaceToolName, WorkspaceToolsOptions } from "./options.ts";

const makers: Readonly<
  Record<WorkspaceToolName, (options: WorkspaceToolsOptions, findPlace: FindPlace) => Tool>
> = {
  read: readTool,
  write: writeTool,
  edit: editTool,
  glob: globTool,
  grep: grepTool,
  run: runTool,
  shell: shellTool,
};

/** Files and commands of one folder: `read`, `write`, `edit`, `glob`, `grep`, `run` and `shell`. */
export default defineTools<WorkspaceToolsOptions>((options, { root }) => {
  const findPlace = placeFinder(options, root);
  return options.tools.map((name) => makers[name](options, findPlace));
});
