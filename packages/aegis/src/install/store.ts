import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Manifest, OpenPlugin, ProcessorEntry, ToolsEntry } from "@harnessx/core";
import { aegisError } from "../errors.ts";
import { packageDigest, STORE } from "../evolve/index.ts";

/** A manifest entry whose package lies in the plugin store. */
export type StoreEntry = Extract<ProcessorEntry | ToolsEntry, { readonly use: string }>;

/** Whether a manifest entry's `use` names a folder of the plugin store. */
export const isStored = (use: string): boolean => use.startsWith(`./${STORE}/`);

/** Path of such a folder within the workspace. */
export const storePath = (use: string): string => use.slice(2);

/** The entries of a manifest that come from the plugin store. */
export const storeEntries = ({ processors = [], tools = [] }: Manifest): StoreEntry[] =>
  [...processors, ...tools].flatMap((entry) =>
    "use" in entry && isStored(entry.use) ? [entry] : [],
  );

/** Folders of the plugin store that a manifest names, relative to the workspace. */
export const storePackages = (manifest: Manifest): string[] => [
  ...new Set(storeEntries(manifest).map(({ use }) => storePath(use))),
];

/** What a package folder holds, in a form that is the same on every machine. */
export interface Archive {
  /** SHA-256 over path, size and hash of every file, what was built from them included. */
  readonly digest: string;
  /** SHA-256 of each file, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Whether source, metadata and the rest are what the folder's name says. */
  readonly named: boolean;
}

/** Reads all of a store folder. Throws for a folder that is not there or holds anything but files. */
export async function readArchive(dir: string, path: string): Promise<Archive> {
  const root = join(dir, path);
  const contents: [string, Buffer][] = [];
  for (const entry of await readdir(root, { withFileTypes: true, recursive: true })) {
    if (entry.isDirectory()) continue;
    const name = relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/");
    if (!entry.isFile()) throw new Error(`${name} is not a plain file`);
    contents.push([name, await readFile(join(root, name))]);
  }
  contents.sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash("sha256");
  const files: Record<string, string> = {};
  const source: Record<string, string> = {};
  for (const [name, bytes] of contents) {
    const own = createHash("sha256").update(bytes).digest("hex");
    files[name] = own;
    hash.update(`${name}\n${bytes.length}\n${own}\n`);
    if (!name.startsWith("dist/")) source[name] = bytes.toString("utf8");
  }
  const named = path.endsWith(`-${packageDigest(source).slice(0, 12)}`);
  return { digest: hash.digest("hex"), files, named };
}

/** Whether a store folder holds what its name says. What was built from it is covered by lock and attestation. */
export const isIntact = (dir: string, path: string): Promise<boolean> =>
  readArchive(dir, path).then(
    ({ named }) => named,
    () => false,
  );

/** Throws HX_AEGIS_STORE_CORRUPT unless the folder holds what its name says. */
export async function requireIntact(dir: string, path: string): Promise<void> {
  if (!(await isIntact(dir, path))) throw aegisError("HX_AEGIS_STORE_CORRUPT", { package: path });
}

/**
 * Stands in for the code of processors and tools: a harness that is only looked at has the same hash,
 * and nothing of its packages runs. Bundles are imported, which generated packages never are.
 */
export const withoutCode: OpenPlugin = ({ metadata: { kind }, use }) => {
  if (kind === "processor") return { harnessx: "processor", setup: () => undefined };
  if (kind === "tools") return { harnessx: "tools", create: () => [] };
  if (isStored(use)) throw aegisError("HX_AEGIS_STORE_CORRUPT", { package: storePath(use) });
  return undefined;
};
