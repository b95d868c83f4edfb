import { randomUUID } from "node:crypto";
import { cp, mkdir, realpath, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { WorkspaceOptions } from "./options.ts";

/** The folder of a run, or why there is none; plain data, because it is recorded. */
export type OpenedFolder =
  | { readonly root: string; readonly made: boolean }
  | { readonly folder: string; readonly problem: string };

/** Where the workspace of a run lies: the same for the same run and options. */
export function folderOf(runId: string, { mode, folder, agent }: WorkspaceOptions): string {
  switch (mode) {
    case "isolated":
      return resolve(folder ?? join(".harnessx", "workspaces"), runId);
    case "home":
      return resolve(folder ?? join(homedir(), ".harnessx", "homes"), agent);
    case "shared":
    case "readonly":
      return resolve(folder ?? ".");
  }
}

/** Finds the workspace of a run, or makes it when its mode says so. */
export async function openFolder(runId: string, options: WorkspaceOptions): Promise<OpenedFolder> {
  const folder = folderOf(runId, options);
  const isOwn = options.mode === "isolated" || options.mode === "home";
  try {
    const made = isOwn && (await make(folder, options.template));
    const root = await realpath(folder);
    if (!(await stat(root)).isDirectory()) return { folder, problem: "it is no folder" };
    return { root, made };
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    return { folder, problem: code === "ENOENT" && !isOwn ? "it does not exist" : message };
  }
}

/** Whether it was made now: what is there stays as it is. */
async function make(folder: string, template: string | undefined): Promise<boolean> {
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  );
  if (isThere) return false;
  await mkdir(dirname(folder), { recursive: true });
  // Under another name until it is complete: a crash must not leave half a template behind.
  const fresh = `${folder}.${randomUUID()}.new`;
  try {
    await mkdir(fresh);
    if (template !== undefined) {
      const source = resolve(template);
      await cp(source, fresh, {
        recursive: true,
        verbatimSymlinks: true,
        preserveTimestamps: true,
      });
    }
    await rename(fresh, folder);
    return true;
  } catch (thrown) {
    await rm(fresh, { recursive: true, force: true });
    throw thrown;
  }
}
