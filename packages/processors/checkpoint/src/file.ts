import { mkdir, open, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";

/** What became of a file. */
export type Written = { file: string } | { problem: string };

/**
 * Writes a file as a whole or not at all, then removes the files that it makes obsolete: at every
 * moment there is one that can be read. Only its owner may read it. Never rejects.
 */
export async function writeWhole(
  folder: string,
  name: string,
  text: string,
  obsolete: readonly string[],
): Promise<Written> {
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
    await Promise.all(obsolete.map((old) => rm(join(at, old), { force: true })));
    return { file };
  } catch (thrown) {
    await rm(draft, { force: true }).catch(() => undefined);
    return { problem: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
