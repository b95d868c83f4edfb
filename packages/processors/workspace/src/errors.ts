import { defineErrors } from "@harnessx/core/plugin";

/** Makes an error of this package. */
export const workspaceError = defineErrors({
  HX_WORKSPACE_UNAVAILABLE: {
    tag: "WorkspaceError",
    message: "The workspace {folder} cannot be used: {problem}.",
    hint: "Check the options folder and template of the workspace processor; relative paths refer to the working folder of the process.",
  },
});
