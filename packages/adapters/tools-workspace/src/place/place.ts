import { realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { workspaceSlot, type ToolContext } from "@harnessx/core/plugin";
import { workspaceError } from "../errors.ts";
import type { WorkspaceToolsOptions } from "../options.ts";

/** Where a call works. */
export interface Place {
  /** Absolute, without symbolic links. */
  readonly root: string;
  readonly readonly: boolean;
  /** The slot says so too: a sandbox then knows it. */
  readonly isReadonlySlot: boolean;
}

/** Finds the workspace of a call: the run's slot, or else the option. */
export type FindPlace = (context: Pick<ToolContext, "slots">) => Promise<Place>;

/** `base` is what relative folders refer to: the harness's folder. */
export function placeFinder(options: WorkspaceToolsOptions, base: string): FindPlace {
  return async ({ slots }) => {
    // A manifest may fill the slot too, and with less than a processor does.
    const given: { readonly root?: unknown; readonly mode?: unknown } =
      slots.get(workspaceSlot) ?? {};
    const named = typeof given.root === "string" ? given.root : options.root;
    const root = resolve(base, named);
    const real = await realpath(root).catch((thrown: NodeJS.ErrnoException) => {
      const problem = thrown.code === "ENOENT" ? "it does not exist" : thrown.message;
      throw workspaceError("HX_WORKSPACE_FOLDER", { root, problem }, thrown);
    });
    if (!(await stat(real)).isDirectory())
      throw workspaceError("HX_WORKSPACE_FOLDER", { root, problem: "it is no folder" });
    const isReadonlySlot = given.mode === "readonly";
    return { root: real, readonly: options.readonly || isReadonlySlot, isReadonlySlot };
  };
}
