import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";

/** Ends the name of a file that is being written. */
export const unfinished = ".part";

/** Replaces a file as a whole: a reader sees the old or the new content, also after a crash. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const part = `${path}.${randomUUID()}${unfinished}`;
  try {
    const file = await open(part, "wx", 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (thrown) {
    await rm(part, { force: true });
    throw thrown;
  }
}
