import { access, chmod, mkdir, mkdtemp, readdir, rename, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { STORE, storeName, type GeneratedPackage } from "../evolve/index.ts";

/** Files by their path, with forward slashes. */
export type Files = Readonly<Record<string, string>>;

/** Writes files below a folder, and nowhere else. */
export async function writeFiles(dir: string, files: Files): Promise<void> {
  for (const path of Object.keys(files))
    if (!join(dir, path).startsWith(dir + sep)) throw new Error(`${path} lies outside its folder`);
  const folders = new Set(Object.keys(files).map((path) => dirname(join(dir, path))));
  for (const folder of folders) await mkdir(folder, { recursive: true });
  await Promise.all(Object.entries(files).map(([path, text]) => writeFile(join(dir, path), text)));
}

/** Writes source and build into the store of a workspace, read-only; a package that is there already is left alone. */
export async function putIntoStore(
  dir: string,
  generated: GeneratedPackage,
  dist: Files,
): Promise<string> {
  const store = join(dir, STORE);
  const folder = join(store, storeName(generated));
  if (await exists(folder)) return folder;
  await mkdir(store, { recursive: true });
  const temporary = await mkdtemp(join(store, ".new-"));
  await writeFiles(temporary, { ...generated.files, ...dist });
  await makeReadOnly(temporary);
  await rename(temporary, folder);
  return folder;
}

const exists = (folder: string): Promise<boolean> =>
  access(join(folder, "package.json")).then(
    () => true,
    () => false,
  );

/** Folders stay writable, so that a person can still remove the store. */
async function makeReadOnly(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) await makeReadOnly(path);
    else await chmod(path, 0o444);
  }
}
