import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { messageOf, validatorFor } from "@harnessx/core";
import { aegisError } from "../errors.ts";
import { text } from "../schema.ts";
import { rolloutRecordSchema, type RolloutRecord } from "./record.ts";

/** What rollouts ended with, by id. */
export interface RolloutStore {
  /** How many rollouts are known. */
  readonly size: number;
  /** The outcome of a rollout: this run's own, else, unless `own` is set, a fair one of another run. */
  get(id: string, options?: { readonly own?: boolean }): RolloutRecord | undefined;
  /**
   * Keeps an outcome; when it returns, a killed process does not lose it. A later outcome of the
   * same rollout and run takes the place of the earlier one.
   */
  add(record: RolloutRecord): void;
}

/** A store in a file. One writer at a time. */
export interface RolloutFile extends RolloutStore {
  readonly path: string;
  close(): void;
}

export interface RolloutStoreOptions {
  /**
   * Label of the run that plays. Records that carry it are the run's own, also those that an
   * earlier process of it wrote; without a label only what this process adds is.
   */
  readonly run?: string;
}

type Line = RolloutRecord & { readonly run?: string };

const lineSchema = {
  ...rolloutRecordSchema,
  title: "One line of a rollout store",
  properties: { ...rolloutRecordSchema.properties, run: text },
} as const;

const NEWLINE = 0x0a;

/**
 * Opens a file of outcomes, one JSON line each, and makes it when it is not there.
 *
 * A last line that a crash cut off is removed: nobody was told of it. Paths of traces stand in the
 * file relative to its folder. Errors: HX_AEGIS_ROLLOUTS_CORRUPT with the number of the first line
 * that is not a rollout; `add` throws HX_AEGIS_ROLLOUTS_WRITE, for example on a full disk, and
 * leaves the file as it was.
 *
 * @example
 * ```ts
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { openRolloutStore } from "@harnessx/aegis";
 * const dir = await mkdtemp(join(tmpdir(), "rollouts-"));
 * openRolloutStore(join(dir, "rollouts.jsonl"), { run: "run-1" }).size; // 0
 * ```
 */
export function openRolloutStore(path: string, { run }: RolloutStoreOptions = {}): RolloutFile {
  const folder = dirname(resolve(path));
  const memory = createMemoryStore();
  const others = new Map<string, RolloutRecord>();
  for (const line of readLines(path)) {
    const record = served(line, folder);
    if (run !== undefined && line.run === run) memory.add(record);
    // Of other runs the first fair outcome stands: another attempt may do better than "no room left".
    else if (record.infra === undefined && !others.has(record.id)) others.set(record.id, record);
  }
  let file: number | undefined;
  let broken: Error | undefined;
  return {
    path,
    get size() {
      let extra = 0;
      for (const id of others.keys()) if (!memory.get(id)) extra += 1;
      return memory.size + extra;
    },
    get: (id, { own = false } = {}) => memory.get(id) ?? (own ? undefined : others.get(id)),
    add(record) {
      if (broken !== undefined) throw broken;
      const line: Line =
        run === undefined ? written(record, folder) : { ...written(record, folder), run };
      try {
        file ??= openForAppending(path);
        append(file, Buffer.from(`${JSON.stringify(line)}\n`));
      } catch (thrown) {
        // After a failure the file must not grow: half a line may be stuck in it.
        broken = aegisError(
          "HX_AEGIS_ROLLOUTS_WRITE",
          { path, problem: messageOf(thrown) },
          thrown,
        );
        throw broken;
      }
      memory.add(record);
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/** Outcomes that are forgotten with the process; all are its own. */
export function createMemoryStore(): RolloutStore {
  const records = new Map<string, RolloutRecord>();
  return {
    get size() {
      return records.size;
    },
    get: (id) => records.get(id),
    add: (record) => void records.set(record.id, record),
  };
}

function openForAppending(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, "a");
}

/** Writes all bytes or, where that can be undone, none. */
function append(file: number, bytes: Buffer): void {
  const { size } = fstatSync(file);
  let done = 0;
  try {
    while (done < bytes.length) {
      const count = writeSync(file, bytes, done);
      if (count === 0) throw new Error("the device takes no more bytes");
      done += count;
    }
  } catch (thrown) {
    if (done > 0) {
      try {
        ftruncateSync(file, size);
      } catch {
        // What is left is a torn last line, which the next opening removes.
      }
    }
    throw thrown;
  }
}

function* readLines(path: string): Generator<Line> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return;
    throw corrupt(path, 0, messageOf(thrown), thrown);
  }
  const check = validatorFor(lineSchema);
  const whole = bytes.lastIndexOf(NEWLINE) + 1;
  for (let start = 0, number = 1; start < whole; number += 1) {
    const end = bytes.indexOf(NEWLINE, start);
    let line: unknown;
    try {
      line = JSON.parse(bytes.toString("utf8", start, end));
    } catch {
      throw corrupt(path, number, "it is not JSON");
    }
    const problem = check(line);
    if (problem !== undefined) throw corrupt(path, number, problem);
    yield line as Line;
    start = end + 1;
  }
  // Only once everything before it is known to be a store: nothing else is ever cut.
  if (whole < bytes.length) truncateSync(path, whole);
}

function corrupt(path: string, line: number, problem: string, cause?: unknown) {
  return aegisError("HX_AEGIS_ROLLOUTS_CORRUPT", { path, line, problem }, cause);
}

const written = (record: RolloutRecord, folder: string): RolloutRecord =>
  record.trace === undefined
    ? record
    : { ...record, trace: relative(folder, resolve(record.trace)).split(sep).join("/") };

function served({ run: _, ...record }: Line, folder: string): RolloutRecord {
  return record.trace === undefined ? record : { ...record, trace: resolve(folder, record.trace) };
}
