import { randomUUID } from "node:crypto";
import { link, open, rename, rm, stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { storeError } from "../errors.ts";

/** A lock this old belongs to a process that died: no change of a store takes as long. */
const staleMs = 30_000;
const patienceMs = 10_000;
const pauseMs = 15;

/** Keeps other processes from changing `path` while `work` does. */
export async function locked<Result>(
  path: string,
  work: () => Promise<Result>,
  ms = patienceMs,
): Promise<Result> {
  const lock = `${path}.lock`;
  const began = performance.now();
  while (!(await taken(lock))) {
    if (await breakStale(lock)) continue;
    if (performance.now() - began > ms) throw storeError("HX_MEMORY_BUSY", { path, lock, ms });
    await pause(pauseMs);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function taken(lock: string): Promise<boolean> {
  try {
    await (await open(lock, "wx", 0o600)).close();
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw thrown;
  }
}

/** Takes a lock away whose process died. Of several that notice, one does it. */
async function breakStale(lock: string): Promise<boolean> {
  const before = await stat(lock).catch(() => undefined);
  // Time of the file system, which the run's clock knows nothing of.
  if (!before || Date.now() - before.mtimeMs <= staleMs) return false;
  const aside = `${lock}.${randomUUID()}`;
  try {
    await rename(lock, aside);
    const { ino } = await stat(aside);
    // Another process was faster and holds the lock by now: give it back.
    if (ino !== before.ino) await link(aside, lock);
    return ino === before.ino;
  } catch {
    return false;
  } finally {
    await rm(aside, { force: true });
  }
}
