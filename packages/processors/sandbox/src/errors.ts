import { defineErrors } from "@harnessx/core/plugin";

/** Makes an error of this package. */
export const sandboxError = defineErrors({
  HX_SANDBOX_UNAVAILABLE: {
    tag: "SandboxError",
    message: "The sandbox {kind} cannot be had here: {problem}.",
    hint: "Install what it needs or choose another kind; nothing falls back to a weaker one.",
  },
  HX_SANDBOX_OPTIONS: {
    tag: "SandboxError",
    message: "The options of the sandbox {kind} do not fit: {problem}.",
    hint: "The README of @harnessx/processor-sandbox lists the options of each kind.",
  },
  HX_SANDBOX_NO_WORKSPACE: {
    tag: "SandboxError",
    message: "The sandbox {kind} has no workspace to open: {problem}.",
    hint: "Add @harnessx/processor-workspace to the harness.",
  },
  HX_SANDBOX_READONLY: {
    tag: "SandboxError",
    message: "The sandbox {kind} cannot keep a command from writing to a read-only workspace.",
    hint: "Use the kind bubblewrap, or say enforcesReadonly where the container or the server sees to it.",
  },
  HX_SANDBOX_REMOTE: {
    tag: "SandboxError",
    message: "The remote sandbox failed: {problem}.",
    hint: "The README of @harnessx/processor-sandbox describes what the server must answer.",
  },
});
