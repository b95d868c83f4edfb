import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import type { Ignore } from "ignore";
import { contentOf } from "../place/content.ts";
import { folderPath, openFolder } from "../place/open.ts";
import type { Place } from "../place/place.ts";
import { MAX_RULES_BYTES, rulesOf } from "./ignored.ts";

/** What bounds a walk and how it went. */
export interface Walk {
  readonly signal: AbortSignal;
  readonly maxEntries: number;
  readonly withIgnored: boolean;
  /** Set when there was more than `maxEntries`. */
  cutShort: boolean;
}

/** A file that a walk came to. */
export interface Found {
  /** Relative to the workspace. */
  readonly path: string;
  /** Relative to the folder that the walk began in. */
  readonly below: string;
}

/** Rules and the folder that they are relative to. */
interface Rules {
  readonly folder: string;
  readonly rules: Ignore;
}

/**
 * The regular files below a folder, in the order of their paths.
 *
 * Links are not followed. What `.gitignore` files exclude and `.git` itself are left out unless
 * `withIgnored` is set; rules above the folder count too.
 */
export async function* filesBelow(place: Place, folder: string, walk: Walk): AsyncGenerator<Found> {
  const { handle, shown } = await openFolder(place, folder);
  await handle.close();
  const top = shown === "." ? "" : shown;
  const above: Rules[] = [];
  let seen = 0;

  async function* visit(path: string, outer: readonly Rules[]): AsyncGenerator<Found> {
    const names = await list(place, path);
    const rules = walk.withIgnored ? outer : await withOwnRules(place, path, names, outer);
    for (const entry of names) {
      walk.signal.throwIfAborted();
      if (seen >= walk.maxEntries) {
        walk.cutShort = true;
        return;
      }
      seen += 1;
      const inner = path === "" ? entry.name : `${path}/${entry.name}`;
      if (!walk.withIgnored && isIgnored(inner, entry, rules)) continue;
      if (entry.isDirectory()) yield* visit(inner, rules);
      else if (entry.isFile())
        yield { path: inner, below: top === "" ? inner : inner.slice(top.length + 1) };
    }
  }

  if (!walk.withIgnored) {
    const parents = top.split("/").slice(0, -1);
    for (const path of ["", ...parents.map((_, index) => parents.slice(0, index + 1).join("/"))]) {
      if (path === top) continue;
      above.push(...(await withOwnRules(place, path, await list(place, path), [])));
    }
  }
  yield* visit(top, above);
}

async function list(place: Place, path: string): Promise<Dirent[]> {
  // Somebody may remove a folder, or forbid it, while it is being walked through.
  const folder = await openFolder(place, path === "" ? "." : path).catch(() => undefined);
  if (!folder) return [];
  try {
    const entries = await readdir(folderPath(folder), { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } finally {
    await folder.handle.close();
  }
}

async function withOwnRules(
  place: Place,
  path: string,
  entries: readonly Dirent[],
  outer: readonly Rules[],
): Promise<readonly Rules[]> {
  if (!entries.some((entry) => entry.name === ".gitignore" && entry.isFile())) return outer;
  const file = path === "" ? ".gitignore" : `${path}/.gitignore`;
  const read = await contentOf(place, file, MAX_RULES_BYTES).catch(() => undefined);
  if (!read) return outer;
  return [...outer, { folder: path, rules: rulesOf(read.bytes.toString("utf8")) }];
}

function isIgnored(path: string, entry: Dirent, all: readonly Rules[]): boolean {
  if (entry.name === ".git") return true;
  let ignored = false;
  for (const { folder, rules } of all) {
    const inside = folder === "" ? path : path.slice(folder.length + 1);
    const verdict = rules.test(entry.isDirectory() ? `${inside}/` : inside);
    // The rules nearest to the file decide.
    if (verdict.ignored) ignored = true;
    else if (verdict.unignored) ignored = false;
  }
  return ignored;
}
