import { rmSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { CHILD_SOURCE } from "./child-source.ts";

const MAX_FILES = 256;
const MAX_BYTES = 16 * 2 ** 20;

/**
 * A folder with what a walled process can see: its program and a copy of the package's own files, so
 * that an unprivileged identity can read them wherever the package lies. Links are left out.
 */
export async function stage(dir: string | undefined): Promise<string> {
  const staged = await mkdtemp(join(tmpdir(), "harnessx-stage-"));
  watch(staged);
  try {
    await writeFile(join(staged, "child.cjs"), CHILD_SOURCE, { mode: 0o444 });
    await mkdir(join(staged, "package"));
    if (dir !== undefined) await copy(dir, join(staged, "package"));
    await chmod(staged, 0o755);
    return staged;
  } catch (thrown) {
    unstage(staged);
    throw thrown;
  }
}

/** Folders that are there now: what nobody disposed goes with the host's process. */
const folders = new Set<string>();
let watching = false;

function watch(staged: string): void {
  folders.add(staged);
  if (watching) return;
  watching = true;
  process.once("exit", () => {
    for (const folder of folders) unstage(folder);
  });
}

/** Removes a staged folder at once, so that nothing is left when the host ends next. */
export function unstage(staged: string): void {
  folders.delete(staged);
  rmSync(staged, { recursive: true, force: true });
}

async function copy(from: string, to: string): Promise<void> {
  let files = 0;
  let bytes = 0;
  const folders = [from];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const item of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, item.name);
      if (item.name === "node_modules" || item.name === ".git") continue;
      if (item.isDirectory()) folders.push(path);
      if (!item.isFile()) continue;
      const content = await readFile(path);
      files += 1;
      bytes += content.length;
      if (files > MAX_FILES || bytes > MAX_BYTES) throw new Error("the package is too large");
      const target = join(to, relative(from, path));
      await mkdir(dirname(target), { recursive: true, mode: 0o755 });
      await writeFile(target, content, { mode: 0o444 });
    }
  }
}
