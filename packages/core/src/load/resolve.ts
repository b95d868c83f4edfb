import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { hxError, messageOf } from "../errors/index.ts";

/** A package as found on disk; none of its code has run. */
export interface FoundPackage {
  readonly dir: string;
  readonly name: string;
  readonly version: string;
  readonly packageJson: Readonly<Record<string, unknown>>;
  /** The file that `import` would load. */
  readonly entryFile: string;
}

/** When core itself runs from its TypeScript sources, workspace packages do too: they have no dist yet. */
const FROM_SOURCE = import.meta.url.endsWith(".ts");
const CONDITIONS = FROM_SOURCE
  ? ["@harnessx/source", "import", "node", "default"]
  : ["import", "node", "default"];

/**
 * Finds a package by name (searched in `node_modules` from `root` upwards, then from core's own
 * place, as global installs need) or by a relative or absolute folder. Throws HX_PLUGIN_NOT_FOUND.
 */
export async function findPackage(specifier: string, root: string): Promise<FoundPackage> {
  const isPath = specifier.startsWith("./") || specifier.startsWith("../") || isAbsolute(specifier);
  const dir = isPath
    ? await existingFolder(resolve(root, specifier))
    : await searchUpwards(specifier, root);
  if (!dir) throw hxError("HX_PLUGIN_NOT_FOUND", { package: specifier, from: root });
  return readPackage(await realpath(dir), specifier);
}

async function searchUpwards(name: string, root: string): Promise<string | undefined> {
  for (const start of [resolve(root), dirname(fileURLToPath(import.meta.url))]) {
    for (let at = start; ; at = dirname(at)) {
      const found = await existingFolder(join(at, "node_modules", name));
      if (found) return found;
      if (at === dirname(at)) break;
    }
  }
  return undefined;
}

async function existingFolder(dir: string): Promise<string | undefined> {
  const stats = await stat(join(dir, "package.json")).catch(() => undefined);
  return stats?.isFile() ? dir : undefined;
}

/** Reads the package.json of `dir`. Throws HX_PLUGIN_METADATA_INVALID when it is unusable. */
export async function readPackage(dir: string, specifier = dir): Promise<FoundPackage> {
  const fail = (problem: string, cause?: unknown) =>
    hxError("HX_PLUGIN_METADATA_INVALID", { package: specifier, problem }, cause);
  const text = await readFile(join(dir, "package.json"), "utf8").catch((thrown: unknown) => {
    throw hxError("HX_PLUGIN_NOT_FOUND", { package: specifier, from: dir }, thrown);
  });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (thrown) {
    throw fail(`package.json is not JSON: ${messageOf(thrown)}`, thrown);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw fail("package.json is no object");
  const packageJson = parsed as Record<string, unknown>;
  const { name, version } = packageJson;
  if (typeof name !== "string" || name === "") throw fail("package.json has no name");
  if (typeof version !== "string" || version === "") throw fail("package.json has no version");
  const entry = entryOf(packageJson);
  if (!entry) throw fail("package.json has no exports or main entry for import");
  const entryFile = resolve(dir, entry);
  if (!entryFile.startsWith(dir + sep)) throw fail("its entry lies outside the package");
  return { dir, name, version, packageJson, entryFile };
}

function entryOf(packageJson: Record<string, unknown>): string | undefined {
  const { exports, main } = packageJson;
  const root =
    typeof exports === "object" && exports !== null && "." in exports
      ? (exports as { ".": unknown })["."]
      : exports;
  return pick(root) ?? (typeof main === "string" ? main : undefined);
}

function pick(target: unknown): string | undefined {
  if (typeof target === "string") return target;
  if (Array.isArray(target)) return target.map(pick).find((found) => found !== undefined);
  if (typeof target !== "object" || target === null) return undefined;
  for (const [condition, value] of Object.entries(target)) {
    if (CONDITIONS.includes(condition)) {
      const found = pick(value);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
