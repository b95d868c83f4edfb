import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeFile, type DecodeOptions } from "../../src/trace/decode.ts";
import {
  openTraceFile,
  readTrace,
  repairTrace,
  streamTrace,
  type TraceEvent,
} from "../../src/trace/index.ts";
import { codeOf, logEvent, startEvent, temporaryFolder, writeAll } from "./folder.ts";

const folder = temporaryFolder();
const put = (content: string | Buffer) => {
  const path = folder.file();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
};
const lines = (...events: unknown[]) =>
  events.map((event) => `${JSON.stringify(event)}\n`).join("");
const small = [
  startEvent(),
  logEvent(1, "ä€😀"),
  logEvent(2, "two"),
  logEvent(3, "three"),
] as TraceEvent[];

describe("a torn trace", () => {
  it("reads and repairs to a prefix, wherever it was cut", async () => {
    const whole = Buffer.from(lines(...small));
    const path = put("");
    for (let size = 0; size <= whole.length; size++) {
      writeFileSync(path, whole.subarray(0, size));
      const kept = whole.subarray(0, size).lastIndexOf(10) + 1;
      const count = whole.subarray(0, kept).filter((byte) => byte === 10).length;
      const torn = size === kept ? undefined : { line: count + 1, bytes: size - kept };
      const events = small.slice(0, count);
      expect(await readTrace(path)).toEqual(torn ? { events, torn } : { events });
      const cut = await repairTrace(path);
      expect(cut).toEqual(torn && { ...torn, text: whole.subarray(kept, size).toString() });
      expect(readFileSync(path).equals(whole.subarray(0, kept))).toBe(true);
      expect(await repairTrace(path)).toBeUndefined();
      await writeAll(openTraceFile(path, { append: true }), small.slice(count));
      expect(await readTrace(path)).toEqual({ events: small });
    }
  });
});

describe("damage", () => {
  const cases: [string, string | Buffer, string, number?][] = [
    ["no JSON in the middle", lines(small[0]) + "{\n" + lines(small[1]), "it is no JSON", 2],
    [
      "a torn line in the middle",
      lines(small[0]).slice(0, -9) + "\n" + lines(small[1]),
      "it is no JSON",
      1,
    ],
    ["an empty line", lines(small[0]) + "\n" + lines(small[1]), "it is no JSON", 2],
    ["a whole last line without sense", lines(small[0]) + "null\n", "it is no object", 2],
    ["an array", lines(small[0], []), "it is no object", 2],
    ["a gap", lines(small[0], small[2]), "its seq is 2 where 1 follows", 2],
    ["a repetition", lines(small[0], small[1], small[1]), "its seq is 1 where 2 follows", 3],
    [
      "no run.start",
      lines(logEvent(0, "")),
      "it does not begin with a run.start that has a version",
      1,
    ],
    [
      "a version that is none",
      lines({ ...startEvent(), v: "1" }),
      "it does not begin with a run.start that has a version",
      1,
    ],
    [
      "a second run.start",
      lines(small[0], { ...startEvent(), seq: 1 }),
      "run.start is the first event of a trace and no other one",
      2,
    ],
    [
      "another first event with a version",
      lines({ ...logEvent(0, ""), v: 1 }),
      "v is no field of this event",
      1,
    ],
    [
      "an unknown kind",
      lines(small[0], { type: "toString", seq: 1, at: 1 }),
      "its type is unknown",
      2,
    ],
    [
      "bytes that are no UTF-8",
      Buffer.concat([Buffer.from(lines(...small)), Buffer.from([0x22, 0xff, 0x22, 10])]),
      "it is no UTF-8",
      5,
    ],
    [
      "a wrong field",
      lines(small[0], { ...logEvent(1, ""), message: 1 }),
      "message is no string",
      2,
    ],
    ["a missing field", lines(small[0], { ...logEvent(1, ""), by: undefined }), "by is missing", 2],
    [
      "a prototype",
      lines(small[0]) + '{"type":"log","seq":1,"at":1,"by":"x","message":"","__proto__":{}}\n',
      "__proto__ is no field of this event",
      2,
    ],
    [
      "a number that is none",
      lines(small[0]) + '{"type":"log","seq":1,"at":1e999,"by":"x","message":""}\n',
      "at is no number",
      2,
    ],
    [
      "a reference where none was announced",
      lines(small[0]) +
        `{"type":"log","seq":1,"at":1,"by":"x","message":{"\\u0024blob":"sha256-${"0".repeat(64)}","bytes":1,"head":""}}\n`,
      "message is no string",
      2,
    ],
    [
      "a malformed reference",
      lines(small[0], logEvent(1, "", { $blob: "sha256-1", bytes: 1, head: "" })),
      "it has a malformed blob reference",
      2,
    ],
    [
      "a reference that climbs",
      lines(small[0], logEvent(1, "", { $blob: "../../../etc/passwd", bytes: 1, head: "" })),
      "it has a malformed blob reference",
      2,
    ],
    [
      "too deep a payload",
      lines(small[0]) +
        `{"type":"log","seq":1,"at":1,"by":"x","message":"","data":${'{"$$blob":'.repeat(2e5)}1${"}".repeat(2e5)}}\n`,
      "it is nested too deeply",
      2,
    ],
  ];
  it.each(cases)("is refused: %s", async (_name, content, problem, line) => {
    const path = put(content);
    await expect(readTrace(path)).rejects.toMatchObject({
      code: "HX_TRACE_CORRUPT",
      details: { path, line, problem },
    });
    const stream = async () => {
      for await (const event of streamTrace(path)) expect(event.seq).toBeLessThan(10);
    };
    expect(await codeOf(stream)).toBe("HX_TRACE_CORRUPT");
  });

  it("is told from a missing file", async () => {
    const path = folder.file();
    for (const work of [readTrace, repairTrace, (file: string) => streamTrace(file).next()]) {
      expect(await codeOf(() => work(path))).toBe("HX_TRACE_NOT_FOUND");
    }
  });
});

describe("versions", () => {
  const all = async (path: string, options: DecodeOptions) => {
    const events: TraceEvent[] = [];
    for await (const batch of decodeFile(path, options)) events.push(...batch);
    return events;
  };

  it("newer than this one are refused before anything else", async () => {
    const path = put(lines({ v: 2, kind: "beginning" }));
    await expect(readTrace(path)).rejects.toMatchObject({
      code: "HX_TRACE_VERSION",
      details: { path, version: 2, supported: 1 },
    });
  });

  it("older than this one go through the table", async () => {
    const { task, ...start } = startEvent();
    const path = put(lines({ ...start, v: 0, goal: task }, logEvent(1, "same")));
    const upgrade = (event: any) => {
      if (event.type !== "run.start") return event;
      const { goal, ...rest } = event;
      return { ...rest, v: 1, task: goal };
    };
    expect(await all(path, { upgrades: { 0: upgrade } })).toEqual([
      startEvent(),
      logEvent(1, "same"),
    ]);
    expect(await codeOf(() => all(path, {}))).toBe("HX_TRACE_VERSION");
    expect(await codeOf(() => all(path, { upgrades: { 0: (event) => event } }))).toBe(
      "HX_TRACE_CORRUPT",
    );
  });
});

describe("blobs", () => {
  const long = "a long text ".repeat(400);
  const events = [startEvent(), logEvent(1, long, { text: long, $blob: 1 })];
  const fresh = async () => {
    const path = folder.file();
    await writeAll(openTraceFile(path, { durability: "none" }), events);
    const dir = join(dirname(path), "blobs");
    return { path, blob: join(dir, readdirSync(dir)[0]!) };
  };

  it("are left alone on request", async () => {
    const { path, blob } = await fresh();
    rmSync(blob);
    const { events: kept } = await readTrace(path, { blobs: "keep" });
    const ref = {
      $blob: expect.stringMatching(/^sha256-/),
      bytes: long.length,
      head: long.slice(0, 120),
    };
    expect(kept[1]).toEqual({ ...events[1], message: ref, data: { text: ref, $$blob: 1 } });
  });

  it("are missed and verified", async () => {
    const { path, blob } = await fresh();
    writeFileSync(blob, long.slice(1));
    expect(await codeOf(() => readTrace(path))).toBe("HX_TRACE_BLOB_CORRUPT");
    writeFileSync(blob, `A${long.slice(1)}`);
    expect(await codeOf(() => readTrace(path))).toBe("HX_TRACE_BLOB_CORRUPT");
    rmSync(blob);
    expect(await codeOf(() => readTrace(path))).toBe("HX_TRACE_BLOB_MISSING");
    writeFileSync(blob, long);
    expect((await readTrace(path)).events).toEqual(events);
  });
});

describe("streamTrace", () => {
  it("gives the events of a file of many reads, and the torn end", async () => {
    const path = folder.file();
    const many: TraceEvent[] = [startEvent()];
    for (let seq = 1; seq < 9000; seq++) many.push(logEvent(seq, "ö".repeat(seq % 500), { seq }));
    many.push(logEvent(9000, "", { ids: Array.from({ length: 400_000 }, (_, index) => index) }));
    await writeAll(openTraceFile(path, { durability: "none" }), many);
    writeFileSync(path, '{"torn', { flag: "a" });
    const stream = streamTrace(path);
    const read: TraceEvent[] = [];
    for (;;) {
      const next = await stream.next();
      if (next.done) {
        expect(next.value).toEqual({ line: 9002, bytes: 6 });
        break;
      }
      read.push(next.value);
    }
    expect(read).toEqual(many);
    expect(await readTrace(path)).toEqual({ events: many, torn: { line: 9002, bytes: 6 } });
  });

  it.skipIf(!existsSync("/proc/self/fd"))(
    "closes the file when its reader stops early",
    async () => {
      const path = put(lines(...small));
      const before = readdirSync("/proc/self/fd").length;
      for (let round = 0; round < 20; round++) {
        for await (const event of streamTrace(path)) {
          expect(event.seq).toBe(0);
          break;
        }
      }
      expect(readdirSync("/proc/self/fd").length).toBeLessThanOrEqual(before);
    },
  );
});
