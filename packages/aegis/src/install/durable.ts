import { mkdir, mkdtemp, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf } from "@harnessx/core";
import { aegisError } from "../errors.ts";

/** Folders that are being written are called so; a crash leaves them, nobody reads them. */
const UNFINISHED = ".new-";

/**
 * Writes a file so that a reader finds all of it or what was there before, also after a power cut.
 * Throws HX_AEGIS_INSTALL_WRITE.
 */
export async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeSynced(temporary, text);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw aegisError("HX_AEGIS_INSTALL_WRITE", { path, problem: messageOf(thrown) }, thrown);
  }
}

/** Writes a folder of files in the same way: all of them or none. It must not be there yet. */
export async function writeFolderDurably(
  path: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const parent = dirname(path);
  let temporary: string | undefined;
  try {
    await mkdir(parent, { recursive: true });
    for (const name of await readdir(parent))
      if (name.startsWith(UNFINISHED))
        await rm(join(parent, name), { recursive: true, force: true });
    temporary = await mkdtemp(join(parent, UNFINISHED));
    for (const [name, text] of Object.entries(files))
      await writeSynced(join(temporary, name), text);
    await syncFolder(temporary);
    await rename(temporary, path);
    await syncFolder(parent);
  } catch (thrown) {
    if (temporary !== undefined)
      await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw aegisError("HX_AEGIS_INSTALL_WRITE", { path, problem: messageOf(thrown) }, thrown);
  }
}

/** A rename survives a power cut only once the folder is synced; Windows cannot and need not. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, "w");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
