import { realpath } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import { workspaceSlot, type Slots } from "@harnessx/core/plugin";
import { sandboxError } from "./errors.ts";

/** The workspace of a run as a sandbox needs it. */
export interface SandboxedFolder {
  /** Absolute, without links. */
  readonly root: string;
  readonly isReadonly: boolean;
}

/** The workspace of the run; undefined when nothing provides one. */
export async function workspaceOf(
  slots: Pick<Slots, "get">,
  kind: string,
): Promise<SandboxedFolder | undefined> {
  // A manifest may fill the slot too, and with less than a processor does.
  const given: { readonly root?: unknown; readonly mode?: unknown } | undefined =
    slots.get(workspaceSlot);
  if (typeof given?.root !== "string") return undefined;
  const root = await realpath(resolve(given.root)).catch((thrown: Error) => {
    throw sandboxError("HX_SANDBOX_NO_WORKSPACE", { kind, problem: thrown.message }, thrown);
  });
  return { root, isReadonly: given.mode === "readonly" };
}

/** The workspace of the run; HX_SANDBOX_NO_WORKSPACE without one. */
export async function requireWorkspace(
  slots: Pick<Slots, "get">,
  kind: string,
): Promise<SandboxedFolder> {
  const workspace = await workspaceOf(slots, kind);
  if (workspace) return workspace;
  throw sandboxError("HX_SANDBOX_NO_WORKSPACE", { kind, problem: "the slot workspace is empty" });
}

/** A working folder relative to the workspace, with slashes; `.` for the workspace itself. */
export function relativeFolder({ root }: SandboxedFolder, cwd: string, kind: string): string {
  const inside = relative(root, resolve(root, cwd));
  if (inside === ".." || inside.startsWith(`..${sep}`))
    throw sandboxError("HX_SANDBOX_NO_WORKSPACE", { kind, problem: `${cwd} lies outside of it` });
  return inside === "" ? "." : inside.split(sep).join("/");
}
