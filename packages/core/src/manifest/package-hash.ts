import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { hxError, HarnessXError, messageOf } from "../errors/index.ts";
import { canonicalJson, sha256Hex } from "./canonical.ts";

/** Never part of a package's own code. */
const SKIPPED = new Set(["node_modules", ".git"]);

/**
 * Hashes what a package loads its code from: `sha256-` and the hash of a sorted list of file names
 * and file hashes.
 *
 * Covered are package.json, the options schema that its `harnessx` field names, and every file under
 * the top folder that holds the entry file (`dist/` or `src/`); for an entry file at the top of the
 * package, all its files but `node_modules` and `.git`. The packages it depends on are not covered,
 * nor are folders outside the top folder. A symbolic link to a file counts as that file; a link to a
 * folder, or one that leaves the package, is refused, because what it leads to could change unseen.
 *
 * @throws HX_LOCK_UNHASHABLE if a file is missing, unreadable or leaves the package.
 *
 * @example
 * ```ts
 * import { hashPackage } from "@harnessx/core";
 * const hash = await hashPackage("node_modules/@harnessx/processor-loop-guard", "dist/index.js").catch(
 *   (error) => error.code, // "HX_LOCK_UNHASHABLE" where it is not installed
 * );
 * ```
 */
export async function hashPackage(dir: string, entryFile: string): Promise<string> {
  try {
    const root = await realpath(dir);
    const entry = inside(root, isAbsolute(entryFile) ? await realpath(entryFile) : entryFile);
    const packageJson = await readFile(join(root, "package.json"), "utf8");
    const files = new Set(["package.json", entry]);
    const schema = optionsSchemaOf(packageJson);
    if (schema !== undefined) files.add(inside(root, schema));
    const top = entry.includes("/") ? entry.slice(0, entry.indexOf("/")) : "";
    await collect(root, top, files);
    const hashes = await Promise.all([...files].sort().map((file) => hashFile(root, file)));
    return `sha256-${sha256Hex(canonicalJson(hashes))}`;
  } catch (thrown) {
    if (HarnessXError.isInstance(thrown)) throw thrown;
    throw hxError("HX_LOCK_UNHASHABLE", { dir, problem: messageOf(thrown) }, thrown);
  }
}

/** The path relative to the package, with forward slashes on every platform. */
function inside(root: string, path: string): string {
  const local = relative(root, resolve(root, path));
  if (local === "" || local === ".." || local.startsWith(`..${sep}`) || isAbsolute(local)) {
    throw unhashable(root, `${path} is not a file inside the package`);
  }
  return local.split(sep).join("/");
}

function optionsSchemaOf(packageJson: string): string | undefined {
  const parsed = JSON.parse(packageJson) as { harnessx?: { options?: unknown } } | null;
  const options = parsed?.harnessx?.options;
  return typeof options === "string" ? options : undefined;
}

async function collect(root: string, folder: string, files: Set<string>): Promise<void> {
  for (const item of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = folder === "" ? item.name : `${folder}/${item.name}`;
    if (SKIPPED.has(item.name)) continue;
    if (item.isDirectory()) await collect(root, path, files);
    else files.add(path);
  }
}

async function hashFile(root: string, path: string): Promise<readonly [string, string]> {
  const real = await realpath(join(root, path));
  inside(root, real);
  if (!(await stat(real)).isFile()) throw unhashable(root, `${path} is not a plain file`);
  return [path, sha256Hex(await readFile(real))];
}

function unhashable(dir: string, problem: string): Error {
  return hxError("HX_LOCK_UNHASHABLE", { dir, problem });
}
