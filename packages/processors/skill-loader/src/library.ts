import { open, readdir, realpath } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { parseSkill, type SkillFile } from "./front-matter.ts";

/** A skill as it is listed; plain JSON, because the trace records it. */
export type Skill = { name: string; description: string; dir: string; folder: string };

/** Skills by name, and what could not be used and why. */
export type Listing = { skills: Skill[]; problems: string[] };

const fileName = "SKILL.md";
const maxFolders = 500;

/** Every usable skill of the folders; of two with one name the first counts. */
export async function listSkills(
  root: string,
  dirs: readonly string[],
  maxBytes: number,
): Promise<Listing> {
  const skills = new Map<string, Skill>();
  const problems: string[] = [];
  for (const dir of dirs) {
    for (const folder of await foldersOf(resolve(root, dir), dir, problems)) {
      const read = await readSkill(root, { dir, folder }, maxBytes);
      if (read === undefined) continue;
      const path = `${dir}/${folder}/${fileName}`;
      if (typeof read === "string") problems.push(`${path}: ${read}`);
      else if (skills.has(read.name))
        problems.push(`${path}: the skill ${read.name} is there already`);
      else skills.set(read.name, { name: read.name, description: read.description, dir, folder });
    }
  }
  return { skills: [...skills.values()], problems };
}

async function foldersOf(path: string, dir: string, problems: string[]): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    const folders = entries
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(({ name }) => name)
      .sort();
    if (folders.length > maxFolders)
      problems.push(`${dir}: only the first ${maxFolders} of ${folders.length} folders are read`);
    return folders.slice(0, maxFolders);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code !== "ENOENT") problems.push(`${dir}: it cannot be read (${code})`);
    return [];
  }
}

/** A skill's file, in words what is wrong with it, or nothing where there is none. */
export async function readSkill(
  root: string,
  { dir, folder }: Pick<Skill, "dir" | "folder">,
  maxBytes: number,
): Promise<SkillFile | string | undefined> {
  const base = resolve(root, dir);
  try {
    // A link may lead to another skill of the same folder, and nowhere else.
    const inside = `${await realpath(base)}${sep}`;
    const path = await realpath(join(base, folder, fileName));
    if (!path.startsWith(inside)) return "it lies outside of the folder of skills";
    const file = await open(path, "r");
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return "it is no file";
      if (stats.size > maxBytes) return `it has ${stats.size} bytes, more than ${maxBytes}`;
      return parseSkill(await file.readFile("utf8"));
    } finally {
      await file.close();
    }
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? undefined : `it cannot be read (${code})`;
  }
}
