import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { JsonObject } from "@harnessx/core/plugin";
import { workspaceSlot } from "@harnessx/core/plugin";
import type { McpCall } from "../session/call.ts";

/** The folders that a server may take as its own: the run's workspace first, then those of the options. */
export function answerRoots(
  root: string,
  roots: readonly string[],
  call: McpCall | undefined,
): JsonObject {
  const workspace = call?.context.slots.get(workspaceSlot)?.root;
  const folders = [
    ...(workspace === undefined ? [] : [workspace]),
    ...roots.map((path) => resolve(root, path)),
  ];
  return {
    roots: [...new Set(folders)].map((folder) => ({
      uri: pathToFileURL(folder).href,
      name: basename(folder),
    })),
  };
}
