import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** What is generated or belongs to tools tells nothing about a project. */
const skipped = new Set(["node_modules", "dist", "build", "target", "venv", "__pycache__"]);
/** Folders that are looked at in all: a huge workspace costs no more. */
const maxFolders = 200;
const maxNameChars = 80;

/** How much of a tree to show. */
export interface TreeLimits {
  readonly maxLines: number;
  readonly depth: number;
}

interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
}

/** The files and folders below `root`, an indented line each; upper levels before lower ones when not all fit. */
export async function treeOf(root: string, { maxLines, depth }: TreeLimits): Promise<string[]> {
  const children = new Map<string, readonly Entry[]>();
  let level = [root];
  let shown = 0;
  let folders = 0;
  let isCut = false;
  // Level by level: the top of a project says more than the bottom of its first folder.
  for (let below = 0; below < depth && level.length > 0; below += 1) {
    const next: string[] = [];
    for (const folder of level) {
      if (shown >= maxLines || folders >= maxFolders) {
        isCut = true;
        break;
      }
      folders += 1;
      const entries = await entriesOf(folder);
      const kept = entries.slice(0, maxLines - shown);
      isCut ||= kept.length < entries.length;
      shown += kept.length;
      children.set(folder, kept);
      for (const { name, isFolder } of kept) if (isFolder) next.push(join(folder, name));
    }
    level = next;
  }
  const lines = linesOf(root, children, 0);
  return isCut ? [...lines, "…"] : lines;
}

function linesOf(
  folder: string,
  children: ReadonlyMap<string, readonly Entry[]>,
  level: number,
): string[] {
  return (children.get(folder) ?? []).flatMap(({ name, isFolder }) => [
    `${"  ".repeat(level)}${harmless(name)}${isFolder ? "/" : ""}`,
    ...(isFolder ? linesOf(join(folder, name), children, level + 1) : []),
  ]);
}

/** Folders first, each group in the order of the alphabet; hidden ones and links to folders are left out. */
async function entriesOf(folder: string): Promise<Entry[]> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch {
    // Gone or closed: a list of what is there is none of what is not.
    return [];
  }
  return entries
    .filter(({ name }) => !name.startsWith(".") && !skipped.has(name))
    .map((entry): Entry => ({ name: entry.name, isFolder: entry.isDirectory() }))
    .sort((a, b) => Number(b.isFolder) - Number(a.isFolder) || (a.name < b.name ? -1 : 1));
}

/** A name is one line of plain characters, whatever it holds. */
function harmless(name: string): string {
  const line = name.replace(/[\p{C}\p{Zl}\p{Zp}<>]/gu, "?");
  return line.length > maxNameChars ? `${line.slice(0, maxNameChars - 1)}…` : line;
}
