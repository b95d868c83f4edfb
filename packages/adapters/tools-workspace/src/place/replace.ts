import { randomUUID } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { lstat, mkdir, open, realpath, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { workspaceError } from "../errors.ts";
import { entryOf, failing, openFolder, realPathOf, requireFile, type Opened } from "./open.ts";
import { absolutePath, shownPath } from "./paths.ts";
import type { Place } from "./place.ts";

const { O_CREAT, O_EXCL, O_WRONLY, O_RDONLY } = constants;
// Not every system has these.
const { O_DIRECTORY = 0, O_NOFOLLOW = 0 } = constants as Partial<typeof constants>;

/** What a file was replaced by. */
export interface Replaced {
  readonly shown: string;
  readonly created: boolean;
}

/** Throws HX_WORKSPACE_READONLY in a workspace that may not be written. */
export function requireWritable(place: Place, path: string): void {
  if (place.readonly) throw workspaceError("HX_WORKSPACE_READONLY", { path });
}

/**
 * Gives a file of the workspace a new content, all or nothing: readers see the old or the new one.
 * Folders that are missing are made; a link inside the workspace is written through.
 */
export async function replaceFile(place: Place, path: string, bytes: Buffer): Promise<Replaced> {
  requireWritable(place, path);
  const target = await targetOf(place, path);
  const folder = await folderFor(place, path, target);
  try {
    const { old } = target;
    await swapIn(folder, basename(target.path), bytes, old, path);
    const shown = shownPath(place, join(folder.path, basename(target.path)));
    return { shown, created: old === undefined };
  } finally {
    await folder.handle.close();
  }
}

interface Target {
  /** Absolute, and without links as far as it exists. */
  readonly path: string;
  /** What is there now. */
  readonly old: Stats | undefined;
}

async function targetOf(place: Place, path: string): Promise<Target> {
  const absolute = absolutePath(place, path);
  const there = await lstat(absolute).catch(() => undefined);
  if (!there) return { path: absolute, old: undefined };
  const real = await realPathOf(place, path);
  const old = await lstat(real).catch(failing(path));
  requireFile(old, path);
  return { path: real, old };
}

/** Opens the folder that the target is to lie in, and makes what is missing of it. */
async function folderFor(place: Place, path: string, target: Target): Promise<Opened> {
  const missing: string[] = [];
  let existing = dirname(target.path);
  while (!(await exists(existing))) {
    missing.unshift(basename(existing));
    existing = dirname(existing);
  }
  let folder = await openFolder(place, existing).catch((thrown: unknown) => {
    const { code } = thrown as { readonly code?: string };
    // The message must name what the model wrote.
    if (code === "HX_WORKSPACE_OUTSIDE") throw workspaceError(code, { path }, thrown);
    throw thrown;
  });
  for (const name of missing) {
    const parent = folder;
    try {
      folder = await enter(parent, name, path);
    } finally {
      await parent.handle.close();
    }
  }
  return folder;
}

const exists = (path: string): Promise<boolean> =>
  realpath(path).then(
    () => true,
    (thrown: NodeJS.ErrnoException) => thrown.code !== "ENOENT",
  );

async function enter(parent: Opened, name: string, path: string): Promise<Opened> {
  const at = entryOf(parent, name);
  await mkdir(at).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== "EEXIST") failing(path)(thrown);
  });
  const handle = await open(at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW).catch(failing(path));
  return {
    handle,
    stats: parent.stats,
    path: `${parent.path}/${name}`,
    shown: `${parent.shown}/${name}`,
  };
}

async function swapIn(
  folder: Opened,
  name: string,
  bytes: Buffer,
  old: Stats | undefined,
  path: string,
): Promise<void> {
  const fresh = entryOf(folder, `.harnessx-${randomUUID()}`);
  const file = await open(fresh, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o666).catch(
    failing(path),
  );
  try {
    try {
      await file.writeFile(bytes);
      if (old) {
        await file.chmod(old.mode & 0o7777);
        if (process.getuid?.() === 0) await file.chown(old.uid, old.gid);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, entryOf(folder, name));
  } catch (thrown) {
    await unlink(fresh).catch(() => undefined);
    failing(path)(thrown as NodeJS.ErrnoException);
  }
}
