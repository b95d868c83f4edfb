import { constants, type Stats } from "node:fs";
import { lstat, open, readlink, realpath, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { workspaceError } from "../errors.ts";
import { absolutePath, isInside, shownPath } from "./paths.ts";
import type { Place } from "./place.ts";

/** An open file or folder that was proved to lie in the workspace. Whoever opens it closes it. */
export interface Opened {
  readonly handle: FileHandle;
  readonly stats: Stats;
  /** Absolute, without links. */
  readonly path: string;
  /** Relative to the workspace. */
  readonly shown: string;
}

const { O_RDONLY } = constants;
// Not every system has these.
const { O_DIRECTORY = 0, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;

/** Where `path` leads when links are followed; HX_WORKSPACE_NOT_FOUND when there is nothing. */
export async function realPathOf(place: Place, path: string): Promise<string> {
  const absolute = absolutePath(place, path);
  const real = await realpath(absolute).catch((thrown: NodeJS.ErrnoException) => {
    // Whether there is anything outside is nobody's business.
    if (!isInside(place.root, absolute))
      throw workspaceError("HX_WORKSPACE_OUTSIDE", { path }, thrown);
    throw ioError(path, thrown);
  });
  if (!isInside(place.root, real)) throw workspaceError("HX_WORKSPACE_OUTSIDE", { path });
  return real;
}

/** Opens a regular file for reading. */
export async function openFile(place: Place, path: string): Promise<Opened> {
  const real = await realPathOf(place, path);
  // To open a device or a pipe can already do something.
  requireFile(await lstat(real).catch(failing(path)), path);
  const opened = await openReal(place, path, real, O_RDONLY | O_NONBLOCK);
  try {
    requireFile(opened.stats, path);
    return opened;
  } catch (thrown) {
    await opened.handle.close();
    throw thrown;
  }
}

/** Opens a folder. */
export async function openFolder(place: Place, path: string): Promise<Opened> {
  const real = await realPathOf(place, path);
  return openReal(place, path, real, O_RDONLY | O_DIRECTORY);
}

async function openReal(place: Place, path: string, real: string, flags: number): Promise<Opened> {
  const handle = await open(real, flags | O_NOFOLLOW).catch(failing(path));
  try {
    await requireInside(place, handle, real, path);
    return { handle, stats: await handle.stat(), path: real, shown: shownPath(place, real) };
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
}

/** The parents may have been swapped for links since they were resolved: ask what was really opened. */
async function requireInside(
  place: Place,
  handle: FileHandle,
  real: string,
  path: string,
): Promise<void> {
  const where = await pathOfHandle(handle, real);
  if (!isInside(place.root, where)) throw workspaceError("HX_WORKSPACE_OUTSIDE", { path });
}

async function pathOfHandle(handle: FileHandle, real: string): Promise<string> {
  if (process.platform === "linux") return readlink(`/proc/self/fd/${handle.fd}`);
  return realpath(real);
}

/**
 * The path of an entry of an open folder. On Linux it goes through the descriptor, so that nobody
 * can put another folder in its place.
 */
export function entryOf(folder: Pick<Opened, "handle" | "path">, name: string): string {
  return join(folderPath(folder), name);
}

/** A path of the open folder itself; see `entryOf`. */
export function folderPath({ handle, path }: Pick<Opened, "handle" | "path">): string {
  return process.platform === "linux" ? `/proc/self/fd/${handle.fd}` : path;
}

/** Throws HX_WORKSPACE_NOT_A_FILE unless it is a regular file. */
export function requireFile(stats: Stats, path: string): void {
  if (stats.isFile()) return;
  throw workspaceError("HX_WORKSPACE_NOT_A_FILE", { path, kind: kindOf(stats) });
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return "a folder";
  if (stats.isSymbolicLink()) return "a link that leads nowhere";
  if (stats.isFIFO()) return "a pipe";
  return stats.isSocket() ? "a socket" : "a device";
}

/** For `catch`: the error of an operation on `path`. */
export const failing =
  (path: string) =>
  (thrown: NodeJS.ErrnoException): never => {
    throw ioError(path, thrown);
  };

function ioError(path: string, thrown: NodeJS.ErrnoException): Error {
  switch (thrown.code) {
    case "ENOENT":
      return workspaceError("HX_WORKSPACE_NOT_FOUND", { path }, thrown);
    case "ELOOP":
      return workspaceError("HX_WORKSPACE_OUTSIDE", { path }, thrown);
    case "ENXIO":
      return workspaceError("HX_WORKSPACE_NOT_A_FILE", { path, kind: "a socket" }, thrown);
    case "ENOTDIR":
      return workspaceError("HX_WORKSPACE_PATH", { path, problem: "a part of it is no folder" });
    case undefined:
      return thrown;
    default:
      return workspaceError("HX_WORKSPACE_IO", { path, problem: thrown.code }, thrown);
  }
}
