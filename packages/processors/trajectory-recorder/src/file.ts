import { mkdir, open, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";

/** What became of a file. */
export type Written = { file: string; bytes: number } | { problem: string };

/**
 * Writes a file as a whole or not at all: under another name first, on stable storage before it
 * gets its own. Only its owner may read it. Never rejects.
 */
export async function writeWhole(
  folder: string,
  name: string,
  text: string,
  maxBytes: number,
): Promise<Written> {
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) return { problem: `it has ${bytes} bytes, and may have ${maxBytes}` };
  const at = resolve(folder);
  const file = join(at, name);
  const draft = join(at, `.${name}.${process.pid}.part`);
  try {
    await mkdir(at, { recursive: true });
    const handle = await open(draft, "w", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
    return { file, bytes };
  } catch (thrown) {
    await rm(draft, { force: true }).catch(() => undefined);
    return { problem: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
