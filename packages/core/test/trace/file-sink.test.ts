import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  openTraceFile,
  readTrace,
  type TraceEvent,
  type TraceFileOptions,
} from "../../src/trace/index.ts";
import { anyTrace } from "./arbitraries.ts";
import { codeOf, logEvent, startEvent, temporaryFolder, writeAll } from "./folder.ts";

const folder = temporaryFolder();
const modes: TraceFileOptions[] = [
  { durability: "step" },
  { durability: "run" },
  { durability: "none" },
];
const blobs = (path: string) => {
  const dir = join(dirname(path), "blobs");
  return existsSync(dir) ? readdirSync(dir) : [];
};
const written = async (events: TraceEvent[], options?: TraceFileOptions) => {
  const path = folder.file();
  await writeAll(openTraceFile(path, options), events);
  return { path, text: readFileSync(path, "utf8") };
};

describe("openTraceFile", () => {
  it.each(modes)("gives back every event ($durability)", async (options) => {
    await fc.assert(
      fc.asyncProperty(anyTrace, async (events) => {
        const { path } = await written(events, options);
        const read = await readTrace(path);
        expect(read).toEqual({ events });
      }),
      { numRuns: 60 },
    );
  });

  it("writes a line below the limit exactly as JSON.stringify does", async () => {
    const events = [startEvent(), logEvent(1, "x".repeat(1900))];
    const { text, path } = await written(events);
    expect(text).toBe(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    expect(blobs(path)).toEqual([]);
  });

  it("creates the file with the first flush and nothing without events", async () => {
    const path = folder.file();
    const sink = openTraceFile(path);
    sink.write(startEvent());
    expect(existsSync(path)).toBe(false);
    await sink.flush();
    expect(existsSync(path)).toBe(true);
    await sink.close();
    await sink.close();
    const empty = folder.file();
    await openTraceFile(empty).close();
    expect(existsSync(empty)).toBe(false);
  });

  it("is synchronous unless a new blob must come first", async () => {
    for (const options of modes) {
      const sink = openTraceFile(folder.file(), options);
      sink.write(startEvent());
      expect(sink.flush()).toBeUndefined();
      sink.write(logEvent(1, "y".repeat(5000)));
      const flushed = sink.flush();
      expect(flushed !== undefined).toBe(options.durability === "step");
      await flushed;
      sink.write(logEvent(2, "y".repeat(5000)));
      expect(sink.flush()).toBeUndefined();
      await sink.close();
    }
  });

  it("keeps the order when events and flushes come while a blob is being written", async () => {
    const path = folder.file();
    const sink = openTraceFile(path);
    sink.write(startEvent());
    const flushes: unknown[] = [];
    for (let seq = 1; seq < 40; seq++) {
      sink.write(logEvent(seq, String(seq).repeat(seq % 3 === 0 ? 3000 : 3)));
      flushes.push(sink.flush());
    }
    await Promise.all(flushes);
    await sink.close();
    expect((await readTrace(path)).events.map((event) => event.seq)).toEqual([...Array(40).keys()]);
  });

  it("refuses to overwrite, at once and when the file appears later", async () => {
    const { path } = await written([startEvent()]);
    expect(await codeOf(() => openTraceFile(path))).toBe("HX_TRACE_EXISTS");
    const late = folder.file();
    const first = openTraceFile(late);
    const second = openTraceFile(late);
    await writeAll(first, [startEvent("first")]);
    expect(await codeOf(() => writeAll(second, [startEvent("second")]))).toBe("HX_TRACE_EXISTS");
    expect(readFileSync(late, "utf8")).toContain("first");
  });

  it("appends to a whole trace and refuses a torn one", async () => {
    const { path } = await written([startEvent()]);
    await writeAll(openTraceFile(path, { append: true }), [logEvent(1, "more")]);
    expect((await readTrace(path)).events).toEqual([startEvent(), logEvent(1, "more")]);
    writeFileSync(path, readFileSync(path, "utf8").slice(0, -3));
    const size = statSync(path).size;
    expect(
      await codeOf(() => writeAll(openTraceFile(path, { append: true }), [logEvent(2, "")])),
    ).toBe("HX_TRACE_CORRUPT");
    expect(statSync(path).size).toBe(size);
  });

  it("reports an event without JSON form and one that comes after the end", async () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    const sink = openTraceFile(folder.file());
    sink.write(logEvent(0, "", cycle as never));
    expect(await codeOf(() => sink.flush())).toBe("HX_TRACE_WRITE_FAILED");
    expect(await codeOf(() => sink.close())).toBe("HX_TRACE_WRITE_FAILED");
    const closed = openTraceFile(folder.file());
    await writeAll(closed, [startEvent()]);
    closed.write(logEvent(1, "late"));
    expect(await codeOf(() => closed.flush())).toBe("HX_TRACE_WRITE_FAILED");
  });

  it("serves sixteen runs at once that share blobs", async () => {
    const dir = dirname(folder.file());
    const runs = Array.from({ length: 16 }, (_, run) => `run${run}`);
    await Promise.all(
      runs.map(async (run, index) => {
        const sink = openTraceFile(join(dir, `${run}.jsonl`));
        sink.write(startEvent(run));
        for (let seq = 1; seq <= 100; seq++) {
          sink.write(logEvent(seq, seq % 10 === 0 ? `${seq}`.repeat(2000) : run));
          if (seq % 4 === index % 4) await sink.flush();
          if (seq % 7 === index % 7) await new Promise(setImmediate);
        }
        await sink.close();
      }),
    );
    for (const run of runs) {
      const { events } = await readTrace(join(dir, `${run}.jsonl`));
      expect(events).toHaveLength(101);
      expect(events[100]).toEqual(logEvent(100, "100".repeat(2000)));
    }
    expect(readdirSync(join(dir, "blobs"))).toHaveLength(10);
  });
});

describe("blobs", () => {
  it("hold the exact bytes under their hash; the line keeps a head", async () => {
    const long = 'ä€😀\u0000\n"'.repeat(500);
    const { path, text } = await written([
      startEvent(),
      logEvent(1, long, { deep: [{ text: long }] }),
    ]);
    const name = `sha256-${createHash("sha256").update(long).digest("hex")}`;
    expect(blobs(path)).toEqual([name]);
    expect(readFileSync(join(dirname(path), "blobs", name)).equals(Buffer.from(long))).toBe(true);
    const line = JSON.parse(text.split("\n")[1]!);
    const ref = { $blob: name, bytes: Buffer.byteLength(long), head: long.slice(0, 119) };
    expect(line.message).toEqual({ ...ref, head: line.message.head });
    expect(long.startsWith(line.message.head)).toBe(true);
    expect(line.message.head.length).toBeGreaterThanOrEqual(119);
    expect(line.data.deep[0].text.$blob).toBe(name);
  });

  it("begin above 2,048 bytes, not characters", async () => {
    const { path, text } = await written([
      startEvent(),
      logEvent(1, "x".repeat(2048)),
      logEvent(2, "x".repeat(2049)),
      logEvent(3, "€".repeat(682)),
      logEvent(4, "€".repeat(683)),
    ]);
    const lines = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.slice(1).map((line) => typeof line.message)).toEqual([
      "string",
      "object",
      "string",
      "object",
    ]);
    expect(blobs(path)).toHaveLength(2);
  });

  it("leave token ids and strings without UTF-8 form in the line", async () => {
    const torn = `${"x".repeat(3000)}\ud800`;
    const ids = Array.from({ length: 5000 }, (_, index) => index);
    const events = [startEvent(), logEvent(1, torn, { ids })];
    const { path } = await written(events);
    expect(blobs(path)).toEqual([]);
    expect((await readTrace(path)).events).toEqual(events);
  });

  it("are told apart from payloads that look like them, in short and long lines", async () => {
    const ref = { $blob: `sha256-${"0".repeat(64)}`, bytes: 3, head: "abc" };
    const payload = { a: ref, b: { $$blob: 1, $blob: [ref] }, x$blob: 2, c: "$blob" };
    const events = [startEvent(), logEvent(1, "", payload), logEvent(2, "z".repeat(9999), payload)];
    const { path } = await written(events);
    expect((await readTrace(path)).events).toEqual(events);
  });

  it("go to the folder that was asked for and replace a damaged one", async () => {
    const path = folder.file();
    const blobDir = join(dirname(path), "elsewhere");
    const events = [startEvent(), logEvent(1, "q".repeat(4000))];
    await writeAll(openTraceFile(path, { blobDir }), events);
    const [name] = readdirSync(blobDir);
    writeFileSync(join(blobDir, name!), "");
    await writeAll(openTraceFile(`${path}2`, { blobDir, durability: "none" }), events);
    expect((await readTrace(path, { blobDir })).events).toEqual(events);
  });
});
