import { constants } from "node:fs";
import { mkdir, open, readdir, realpath, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Memory, MemoryStore } from "@harnessx/core/plugin";
import { maxChars } from "../checked.ts";
import { storeError } from "../errors.ts";
import { writeWhole } from "../files/atomic-write.ts";
import { inTurn } from "../files/queue.ts";
import { oldest } from "../in-memory.ts";
import { rank } from "../ranking.ts";
import { fileNameOf, fromMarkdown, nameEndOf, toMarkdown } from "./format.ts";

/** A file as it lies in the folder. */
interface Stored {
  readonly name: string;
  readonly memory: Memory;
}

/** Larger files are not read: nobody wrote them as one memory. */
const maxBytes = maxChars * 8;
/** Written by this store; files that people add have names of their own and are never forgotten. */
const ownName = /-[0-9a-f]{16}\.md$/;

/**
 * A folder with a markdown file for each memory.
 *
 * People may edit, add and delete files. Only plain files that lie in the folder itself are read:
 * no link leads out of it. Each file is replaced as a whole, so runs and processes may share it.
 */
export function markdownStore(options: {
  readonly path: string;
  readonly maxMemories: number;
  readonly halfLifeDays: number;
}): MemoryStore {
  const { maxMemories, halfLifeDays } = options;
  const path = resolve(options.path);

  return {
    add: (memories) =>
      inTurn(path, () =>
        writing(path, async () => {
          await mkdir(path, { recursive: true });
          const folder = await realpath(path);
          const byId = new Map(memories.map((memory) => [memory.id, memory]));
          const before = await readStored(folder);
          for (const memory of byId.values()) {
            const name = fileNameOf(memory);
            await writeWhole(join(folder, name), toMarkdown(memory));
            for (const old of before)
              if (old.memory.id === memory.id && old.name !== name)
                await rm(join(folder, old.name), { force: true });
          }
          if (before.length + byId.size > maxMemories) await forget(folder, maxMemories);
        }),
      ),
    search: (query, { limit, now }) =>
      inTurn(path, async () => {
        const stored = await reading(path, () => readStored(path));
        const memories = stored.map(({ memory }) => memory);
        return rank(memories, query, { limit, now, halfLifeDays });
      }),
    remove: (ids) =>
      inTurn(path, () =>
        writing(path, async () => {
          const unwanted = new Set(ids);
          const ends = ids.map(nameEndOf);
          for (const { name, memory } of await readStored(path))
            if (unwanted.has(memory.id) || ends.some((end) => name.endsWith(end)))
              await rm(join(path, name), { force: true });
        }),
      ),
  };
}

async function forget(folder: string, maxMemories: number): Promise<void> {
  const stored = await readStored(folder);
  const own = stored.filter(({ name }) => ownName.test(name));
  const memories = own.map(({ memory }) => memory);
  const gone = new Set(oldest(memories, stored.length - maxMemories));
  for (const { name, memory } of own)
    if (gone.has(memory)) await rm(join(folder, name), { force: true });
}

/** Every memory of the folder, in the order of their names; none while there is no folder. */
async function readStored(folder: string): Promise<Stored[]> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw thrown;
  }
  const names = entries.filter((entry) => entry.isFile() && /\.md$/i.test(entry.name));
  const byId = new Map<string, Stored>();
  for (const { name } of names.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const memory = await readOne(join(folder, name), name);
    if (!memory) continue;
    // A copy of a file has the same id; the newest counts.
    const other = byId.get(memory.id)?.memory;
    if (!other || other.at <= memory.at) byId.set(memory.id, { name, memory });
  }
  return [...byId.values()];
}

/** Nothing for what is no memory, or is gone by now. */
async function readOne(path: string, name: string): Promise<Memory | undefined> {
  let file;
  try {
    // Between listing and opening somebody may put a link in the file's place.
    file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ELOOP" || code === "EMLINK") return undefined;
    throw thrown;
  }
  try {
    const { size, mtimeMs } = await file.stat();
    if (size > maxBytes) return undefined;
    return fromMarkdown(await file.readFile("utf8"), { name, mtimeMs });
  } finally {
    await file.close();
  }
}

async function reading<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    throw storeError("HX_MEMORY_UNREADABLE", { path }, thrown);
  }
}

async function writing(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    throw storeError("HX_MEMORY_UNWRITABLE", { path }, thrown);
  }
}
