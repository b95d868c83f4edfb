import { rm } from "node:fs/promises";
import { defineProcessor, workspaceSlot } from "@harnessx/core/plugin";
import { workspaceError } from "./errors.ts";
import { openFolder } from "./folder.ts";
import type { WorkspaceOptions } from "./options.ts";

export type { WorkspaceOptions } from "./options.ts";

/** Provides the slot `workspace`: the folder in which the tools of the run work. */
export default defineProcessor<WorkspaceOptions>(async (run, options) => {
  const folder = run.cell("folder", { made: "" });
  run.hooks.taskEnd.tap("remove", async () => {
    const { made } = folder.value;
    if (options.keep || made === "") return;
    // Recorded: a replay must not remove what a later run may have put there.
    await run.recorded("workspace removed", async () => {
      await rm(made, { recursive: true, force: true });
      return made;
    });
  });

  if (run.slots.get(workspaceSlot) !== undefined) {
    // What the manifest says of a slot is more explicit than a processor's options.
    run.log("The manifest fills the slot workspace: the processor leaves it as it is.");
    return;
  }
  const opened = await run.recorded("workspace", () => openFolder(run.id, options));
  if ("problem" in opened) throw workspaceError("HX_WORKSPACE_UNAVAILABLE", opened);
  const { root, made } = opened;
  // Only what this run made is this run's to remove.
  if (made && options.mode === "isolated") folder.value = { made: root };
  run.slots.provide(workspaceSlot, Object.freeze({ root, mode: options.mode }));
});
