import { readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMemorySink, openTraceFile, readTrace } from "../../src/trace/index.ts";
import { anyTrace } from "./arbitraries.ts";
import { logEvent, startEvent, temporaryFolder, writeAll } from "./folder.ts";

const folder = temporaryFolder();
const key = 'sk-live-42"\\\n€-key';
const pin = "90817263";
const redact = ["", key, pin, `${pin}55`];

const planted = () => [
  startEvent(),
  logEvent(1, `the key is ${key}!`),
  logEvent(2, `in a long text ${key} `.repeat(300)),
  logEvent(3, JSON.stringify({ key }), { [key]: [key, { pin: 90817263, n: 1 }], pin: `${pin}55.` }),
  {
    ...startEvent(key),
    type: "spawn" as const,
    seq: 4,
    at: 1,
    step: 1,
    run: `child ${pin}`,
    by: key,
    task: { id: "t", text: key },
  },
];

function everything(path: string): string {
  const files = readdirSync(dirname(path), { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .map((file) => readFileSync(`${file.parentPath}/${file.name}`, "utf8"))
    .join("\n");
}

describe("redact", () => {
  it("keeps secrets out of lines and blobs", async () => {
    const path = folder.file();
    const { type, seq, at, step, run, by, task } = planted()[4] as never;
    const events = [...planted().slice(0, 4), { type, seq, at, step, run, by, task }] as never;
    await writeAll(openTraceFile(path, { redact }), events);
    const text = everything(path);
    for (const secret of [key, JSON.stringify(key).slice(1, -1), pin])
      expect(text).not.toContain(secret);
    const { events: read } = await readTrace(path);
    expect(read[1]).toEqual(logEvent(1, "the key is [redacted]!"));
    expect(read[2]).toEqual(logEvent(2, "in a long text [redacted] ".repeat(300)));
    expect(read[3]).toEqual(
      logEvent(3, '{"key":"[redacted]"}', {
        "[redacted]": ["[redacted]", { pin: "[redacted]", n: 1 }],
        pin: "[redacted].",
      }),
    );
    expect(read[4]).toMatchObject({ run: "child [redacted]", by: "[redacted]" });
  });

  it("does the same in memory and changes no event", async () => {
    const events = planted().slice(0, 4) as never[];
    const before = structuredClone(events);
    const sink = createMemorySink({ redact });
    await writeAll(sink, events);
    expect(JSON.stringify(sink.events)).not.toContain(pin);
    expect(sink.events[0]).toBe(events[0]);
    expect(events).toEqual(before);
  });

  it("never breaks an event, whatever the secret", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyTrace,
        fc.constantFrom("1", "e", "o", "op", "message", "ok", "a", "{", ":"),
        async (events, secret) => {
          const path = folder.file();
          await writeAll(openTraceFile(path, { redact: [secret], durability: "none" }), events);
          expect((await readTrace(path)).events).toHaveLength(events.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("keeps the events themselves when there is nothing to hide", async () => {
    const sink = createMemorySink();
    const event = startEvent();
    await writeAll(sink, [event]);
    expect(sink.events[0]).toBe(event);
  });
});
