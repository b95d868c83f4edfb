import { isAbsolute, relative, resolve, sep } from "node:path";
import { workspaceError } from "../errors.ts";
import type { Place } from "./place.ts";

const MAX_PATH_CHARS = 4096;

/** Virtual files answer like files and are none, also in a workspace that is the whole disk. */
const VIRTUAL = ["/proc", "/sys", "/dev"] as const;

/** An absolute path for what the model wrote; says nothing yet about where links lead. */
export function absolutePath(place: Place, path: string): string {
  const problem = path.includes("\0")
    ? "it contains a NUL character"
    : path.length > MAX_PATH_CHARS
      ? `it is longer than ${MAX_PATH_CHARS} characters`
      : path === ""
        ? "it is empty"
        : undefined;
  if (problem !== undefined)
    throw workspaceError("HX_WORKSPACE_PATH", { path: path.replaceAll("\0", "\\0"), problem });
  return resolve(place.root, path);
}

/** Whether `path`, absolute and without links, is `root` or below it. */
export function isInside(root: string, path: string): boolean {
  const virtual = VIRTUAL.some((folder) => path === folder || path.startsWith(folder + sep));
  if (virtual) return false;
  const from = relative(root, path);
  return from === "" || !(from === ".." || from.startsWith(`..${sep}`) || isAbsolute(from));
}

/** How a path is shown: relative to the workspace, with slashes. */
export function shownPath(place: Place, path: string): string {
  const shown = relative(place.root, path).split(sep).join("/");
  return shown === "" ? "." : shown;
}
