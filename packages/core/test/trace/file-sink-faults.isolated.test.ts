import type * as fs from "node:fs";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { openTraceFile, readTrace, type TraceEvent } from "../../src/trace/index.ts";
import { codeOf, logEvent, startEvent, temporaryFolder, writeAll } from "./folder.ts";

type Callback = (error: NodeJS.ErrnoException | null) => void;

/** The disk as the sink sees it: real, but for what a test plants. */
const disk = vi.hoisted(() => ({
  /** Bytes that still fit. */
  room: Number.POSITIVE_INFINITY,
  /** Bytes that one call takes. */
  most: Number.POSITIVE_INFINITY,
  truncates: true,
  syncs: 0,
  parallel: 0,
  mostParallel: 0,
  syncFails: false,
  held: undefined as (() => void)[] | undefined,
}));

vi.mock("node:fs", async (original) => {
  const real = await original<typeof fs>();
  const failure = (code: string) => Object.assign(new Error(`${code}: planted`), { code });
  return {
    ...real,
    writeSync(fd: number, bytes: Buffer, offset: number) {
      if (disk.room === 0) throw failure("ENOSPC");
      const length = Math.min(bytes.length - offset, disk.room, disk.most);
      const count = real.writeSync(fd, bytes, offset, length);
      disk.room -= count;
      return count;
    },
    ftruncateSync(fd: number, size: number) {
      if (!disk.truncates) throw failure("EIO");
      real.ftruncateSync(fd, size);
    },
    fdatasync(fd: number, done: Callback) {
      disk.syncs++;
      disk.mostParallel = Math.max(disk.mostParallel, ++disk.parallel);
      const finish = () =>
        real.fdatasync(fd, (error) => {
          disk.parallel--;
          done(disk.syncFails ? failure("EIO") : error);
        });
      if (disk.held) disk.held.push(finish);
      else finish();
    },
  };
});

beforeEach(() => {
  Object.assign(disk, {
    room: Infinity,
    most: Infinity,
    truncates: true,
    syncFails: false,
    held: undefined,
  });
  Object.assign(disk, { syncs: 0, parallel: 0, mostParallel: 0 });
});

const folder = temporaryFolder();
const messageOf = async (work: () => unknown) => {
  try {
    await work();
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
};

describe("a full disk", () => {
  it.skipIf(!existsSync("/dev/full"))("is reported for the real one", async () => {
    const sink = openTraceFile("/dev/full", { append: true, durability: "none" });
    sink.write(startEvent());
    expect(await messageOf(() => sink.flush())).toMatch(/cannot be written: ENOSPC/);
    expect(await codeOf(() => sink.close())).toBe("HX_TRACE_WRITE_FAILED");
  });

  it.each([1, 10, 100, 300])("leaves a valid prefix when %i bytes still fit", async (room) => {
    for (const durability of ["step", "run", "none"] as const) {
      disk.room = Infinity;
      const path = folder.file();
      const sink = openTraceFile(path, { durability });
      const events: TraceEvent[] = [startEvent(), logEvent(1, "kept")];
      for (const event of events) sink.write(event);
      await sink.flush();
      disk.room = room;
      for (let seq = 2; seq < 9; seq++) sink.write(logEvent(seq, "lost".repeat(20)));
      expect(await codeOf(() => sink.flush())).toBe("HX_TRACE_WRITE_FAILED");
      disk.room = Infinity;
      sink.write(logEvent(9, "a gap"));
      expect(await codeOf(() => sink.flush())).toBe("HX_TRACE_WRITE_FAILED");
      expect(await codeOf(() => sink.close())).toBe("HX_TRACE_WRITE_FAILED");
      expect(await readTrace(path)).toEqual({ events });
    }
  });

  it("leaves a torn line, which reads as a prefix, when even that fails", async () => {
    const path = folder.file();
    const sink = openTraceFile(path);
    sink.write(startEvent());
    await sink.flush();
    Object.assign(disk, { room: 10, truncates: false });
    sink.write(logEvent(1, "lost"));
    expect(await codeOf(() => sink.flush())).toBe("HX_TRACE_WRITE_FAILED");
    expect(await codeOf(() => sink.close())).toBe("HX_TRACE_WRITE_FAILED");
    expect(await readTrace(path)).toEqual({ events: [startEvent()], torn: { line: 2, bytes: 10 } });
  });

  it("is reported when a blob cannot be written, before any line refers to it", async () => {
    for (const durability of ["step", "none"] as const) {
      const path = folder.file();
      // A file where the folder should be.
      const sink = openTraceFile(path, { durability, blobDir: join(path, "blobs") });
      sink.write(startEvent());
      await sink.flush();
      sink.write(logEvent(1, "x".repeat(3000)));
      expect(await codeOf(() => sink.flush())).toBe("HX_TRACE_WRITE_FAILED");
      expect(await codeOf(() => sink.close())).toBe("HX_TRACE_WRITE_FAILED");
      expect(await readTrace(path)).toEqual({ events: [startEvent()] });
    }
  });
});

describe("short writes", () => {
  it.each([1, 7, 4096])("of %i bytes are completed", async (most) => {
    disk.most = most;
    const path = folder.file();
    const events = [startEvent(), logEvent(1, "€".repeat(400)), logEvent(2, "z".repeat(6000))];
    await writeAll(openTraceFile(path), events);
    disk.most = Infinity;
    expect(await readTrace(path)).toEqual({ events });
    expect(readFileSync(path).length).toBe(statSync(path).size);
  });
});

describe("fdatasync", () => {
  it("is coalesced: one at a time, and one more for all that came meanwhile", async () => {
    disk.held = [];
    const sink = openTraceFile(folder.file());
    sink.write(startEvent());
    for (let seq = 1; seq < 50; seq++) {
      sink.write(logEvent(seq, ""));
      expect(sink.flush()).toBeUndefined();
    }
    expect(disk.syncs).toBe(1);
    const held = disk.held;
    disk.held = undefined;
    for (const finish of held) finish();
    await sink.close();
    expect(disk).toMatchObject({ syncs: 2, mostParallel: 1 });
  });

  it("runs once at the end with durability run and never with none", async () => {
    for (const [durability, syncs] of [
      ["run", 1],
      ["none", 0],
    ] as const) {
      disk.syncs = 0;
      const sink = openTraceFile(folder.file(), { durability });
      sink.write(startEvent());
      await sink.flush();
      await writeAll(sink, [logEvent(1, "")]);
      expect(disk.syncs).toBe(syncs);
    }
  });

  it("fails the next flush and the close", async () => {
    disk.syncFails = true;
    const sink = openTraceFile(folder.file());
    sink.write(startEvent());
    expect(sink.flush()).toBeUndefined();
    await vi.waitFor(() => expect(disk.parallel).toBe(0));
    await new Promise(setImmediate);
    sink.write(logEvent(1, ""));
    expect(await messageOf(() => sink.flush())).toMatch(/EIO: planted/);
    expect(await codeOf(() => sink.close())).toBe("HX_TRACE_WRITE_FAILED");
    const last = openTraceFile(folder.file());
    expect(await codeOf(() => writeAll(last, [startEvent()]))).toBe("HX_TRACE_WRITE_FAILED");
  });
});
