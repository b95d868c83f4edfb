import { open, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { hxError, HarnessXError, messageOf } from "../errors/index.ts";
import { sha256Hex } from "./canonical.ts";
import { parseLock, parseManifest, serializeLock, serializeManifest } from "./parse.ts";
import type { Lock, Manifest } from "./types.ts";

const MANIFEST_FILE = "harness.json";
const LOCK_FILE = "harness.lock.json";
/** Exists only while the pair is being written, or after a crash in between. */
const COMMIT_FILE = "harness.commit.json";

/**
 * Reads and checks a manifest file.
 *
 * After a crash inside `writeManifestAndLock` it returns the manifest of the completed write.
 *
 * @throws HX_MANIFEST_UNREADABLE if there is no such file (`details.reason` is `"missing"`), it
 * cannot be read (`"io"`), is not JSON (`"syntax"`), or was edited after a crash (`"interrupted"`).
 * @throws HX_MANIFEST_INVALID, HX_MANIFEST_DUPLICATE_ID as `parseManifest` does, with `details.file`.
 *
 * @example
 * ```ts
 * import { readManifest } from "@harnessx/core";
 * const name = await readManifest("harness.json").then(
 *   (manifest) => manifest.name,
 *   (error) => error.code, // "HX_MANIFEST_UNREADABLE" where there is none
 * );
 * ```
 */
export async function readManifest(path: string): Promise<Manifest> {
  return parseFile(path, await readDocument(path), parseManifest);
}

/**
 * Reads and checks a lock file.
 *
 * After a crash inside `writeManifestAndLock` it returns the lock of the completed write.
 *
 * @throws HX_MANIFEST_UNREADABLE as `readManifest` does.
 * @throws HX_LOCK_INVALID with `details.file`.
 *
 * @example
 * ```ts
 * import { emptyLock, readLock } from "@harnessx/core";
 * const lock = await readLock("harness.lock.json").catch((error) => {
 *   if (error.details.reason === "missing") return emptyLock;
 *   throw error;
 * });
 * ```
 */
export async function readLock(path: string): Promise<Lock> {
  return parseFile(path, await readDocument(path), parseLock);
}

/**
 * Writes `harness.json` and `harness.lock.json` of a folder together: both or neither.
 *
 * No file system renames two files at once, so the pair is first written to `harness.commit.json`,
 * whose appearance (temporary file, fsync, rename, fsync of the folder) is the commit. Then the
 * lock and the manifest are replaced in the same way and the commit file is removed. After a crash
 * before the commit the old pair stands; after it `readManifest` and `readLock` take the new pair
 * from the commit file, and refuse if a file has been edited by other means since. The next write
 * cleans up. One writer at a time; readers need no lock. A temporary file that a crash leaves
 * behind starts with a dot, ends with `.tmp` and is never read.
 *
 * @throws HX_MANIFEST_INVALID, HX_MANIFEST_DUPLICATE_ID, HX_LOCK_INVALID before anything is written.
 * @throws HX_MANIFEST_UNWRITABLE if a file cannot be written.
 *
 * @example
 * ```ts
 * import { mkdtemp } from "node:fs/promises";
 * import { emptyLock, readManifest, writeManifestAndLock } from "@harnessx/core";
 * const dir = await mkdtemp("/tmp/harness-");
 * await writeManifestAndLock(dir, { name: "shopper", version: "3" }, emptyLock);
 * (await readManifest(`${dir}/harness.json`)).name; // "shopper"
 * ```
 */
export async function writeManifestAndLock(
  dir: string,
  manifest: Manifest,
  lock: Lock,
): Promise<void> {
  const manifestText = serializeManifest(parseManifest(manifest));
  const lockText = serializeLock(parseLock(lock));
  const commit: Commit = {
    [LOCK_FILE]: { before: await hashOfFile(join(dir, LOCK_FILE)), text: lockText },
    [MANIFEST_FILE]: { before: await hashOfFile(join(dir, MANIFEST_FILE)), text: manifestText },
  };
  await replaceFile(dir, COMMIT_FILE, JSON.stringify(commit));
  await replaceFile(dir, LOCK_FILE, lockText);
  await replaceFile(dir, MANIFEST_FILE, manifestText);
  await rm(join(dir, COMMIT_FILE), { force: true });
  await syncFolder(dir);
}

/** What each file held before, so that a later edit by hand is told from an unfinished write. */
type Commit = Record<
  typeof LOCK_FILE | typeof MANIFEST_FILE,
  { readonly before: string | null; readonly text: string }
>;

function parseFile<T>(file: string, text: string, parse: (value: unknown) => T): T {
  const value = parseJson(file, text);
  try {
    return parse(value);
  } catch (thrown) {
    // The thrower knows the problem, this function the file.
    if (HarnessXError.isInstance(thrown)) {
      throw hxError(thrown.code as "HX_MANIFEST_INVALID", { ...thrown.details, file }, thrown);
    }
    throw thrown;
  }
}

function parseJson(file: string, text: string): unknown {
  try {
    // Some editors on Windows put a byte-order mark in front, which JSON.parse refuses.
    return JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text);
  } catch (thrown) {
    throw unreadable(file, "syntax", messageOf(thrown), thrown);
  }
}

async function readDocument(path: string): Promise<string> {
  const name = basename(path);
  const read = () => readText(path);
  if (name !== MANIFEST_FILE && name !== LOCK_FILE) return required(path, await read());
  const commitPath = join(dirname(path), COMMIT_FILE);
  for (;;) {
    const commitText = await readText(commitPath);
    const text = await read();
    if (commitText === undefined) return required(path, text);
    const pending = (parseJson(commitPath, commitText) as Partial<Commit> | null)?.[name];
    const hash = text === undefined ? null : sha256Hex(text);
    if (pending && (hash === pending.before || text === pending.text)) return pending.text;
    // A writer may have finished between the two reads; only a commit that stays is a crash.
    if ((await readText(commitPath)) !== commitText) continue;
    throw unreadable(
      path,
      "interrupted",
      `a write was cut off and the file changed afterwards; delete ${COMMIT_FILE} to keep the file as it is`,
    );
  }
}

function required(path: string, text: string | undefined): string {
  if (text === undefined) throw unreadable(path, "missing", "there is no such file");
  return text;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unreadable(path, "io", messageOf(thrown), thrown);
  }
}

async function hashOfFile(path: string): Promise<string | null> {
  const text = await readText(path);
  return text === undefined ? null : sha256Hex(text);
}

function unreadable(file: string, reason: string, problem: string, cause?: unknown): Error {
  return hxError("HX_MANIFEST_UNREADABLE", { file, reason, problem }, cause);
}

async function replaceFile(dir: string, name: string, text: string): Promise<void> {
  const temporary = join(dir, `.${name}.${process.pid}.tmp`);
  try {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(dir, name));
    await syncFolder(dir);
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const details = { file: join(dir, name), problem: messageOf(thrown) };
    throw hxError("HX_MANIFEST_UNWRITABLE", details, thrown);
  }
}

/** A rename survives a power cut only once the folder is synced; Windows cannot and need not. */
async function syncFolder(dir: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(dir, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
