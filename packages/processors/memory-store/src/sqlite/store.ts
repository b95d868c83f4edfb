import { mkdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { HarnessXError, type MemoryStore } from "@harnessx/core/plugin";
import { storeError } from "../errors.ts";
import { writeWhole } from "../files/atomic-write.ts";
import { locked } from "../files/lock.ts";
import { inTurn } from "../files/queue.ts";
import { MemoryDatabase } from "./database.ts";

/** The database as this store last read it, and the state of the file that it is a copy of. */
interface Copy {
  readonly database: MemoryDatabase;
  readonly of: string;
}

/**
 * A store in one SQLite file.
 *
 * The file is read as a whole and written as a whole, under a lock: runs and processes that share
 * it see each other's memories, and a crash leaves the file as it was.
 */
export function sqliteStore(options: {
  readonly path: string;
  readonly maxMemories: number;
  readonly halfLifeDays: number;
}): MemoryStore {
  const { maxMemories, halfLifeDays } = options;
  const path = resolve(options.path);
  let copy: Copy | undefined;

  const current = async (file: string): Promise<MemoryDatabase> => {
    const of = await stateOf(file);
    if (copy?.of === of) return copy.database;
    copy?.database.close();
    copy = undefined;
    const bytes = of === absent ? undefined : await readFile(file);
    const database = await MemoryDatabase.open(bytes);
    copy = { database, of };
    return database;
  };

  const read = <Result>(work: (database: MemoryDatabase) => Result): Promise<Result> =>
    inTurn(path, async () => {
      try {
        return work(await current(await target(path)));
      } catch (thrown) {
        throw coded(thrown, "HX_MEMORY_UNREADABLE", path);
      }
    });

  const change = (work: (database: MemoryDatabase) => void): Promise<void> =>
    inTurn(path, async () => {
      try {
        await mkdir(dirname(path), { recursive: true });
        const file = await target(path);
        await locked(file, async () => {
          let database: MemoryDatabase;
          try {
            database = await current(file);
          } catch (thrown) {
            // Never write over a file that is not understood.
            throw coded(thrown, "HX_MEMORY_UNREADABLE", path);
          }
          // Until the file holds the change, the copy is a copy of nothing.
          copy = { database, of: "" };
          work(database);
          await writeWhole(file, database.bytes());
          copy = { database, of: await stateOf(file) };
        });
      } catch (thrown) {
        throw coded(thrown, "HX_MEMORY_UNWRITABLE", path);
      }
    });

  return {
    add: (memories) => change((database) => database.add(memories, maxMemories)),
    search: (query, { limit, now }) =>
      read((database) => database.search(query, limit, now, halfLifeDays)),
    remove: (ids) => change((database) => database.remove(ids)),
    close: () =>
      inTurn(path, async () => {
        copy?.database.close();
        copy = undefined;
      }),
  };
}

const absent = "absent";

/** Differs for every state that the file was in: a file that is replaced has another inode. */
async function stateOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(file);
    return `${ino}/${size}/${mtimeMs}`;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return absent;
    throw thrown;
  }
}

/** The file itself where the path is a link, so that all who share it take the same lock. */
async function target(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const folder = await realpath(dirname(path)).catch(() => dirname(path));
    return join(folder, basename(path));
  }
}

function coded(
  thrown: unknown,
  code: "HX_MEMORY_UNREADABLE" | "HX_MEMORY_UNWRITABLE",
  path: string,
): HarnessXError {
  return HarnessXError.isInstance(thrown) ? thrown : storeError(code, { path }, thrown);
}
