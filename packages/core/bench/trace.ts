/**
 * What a trace costs: `node --conditions=@harnessx/source --import tsx packages/core/bench/trace.ts`.
 * Prints one row per number; the best of several rounds, since other jobs only ever add time.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  foldTrace,
  openTraceFile,
  readTrace,
  sameEvent,
  streamTrace,
  type TraceDurability,
  type TraceEvent,
  type TraceSink,
} from "../src/trace/index.ts";

const ROUNDS = 5;
const dir = mkdtempSync(join(tmpdir(), "hx-bench-"));
let files = 0;

const totals = (steps: number) => ({
  steps,
  modelCalls: steps,
  toolCalls: steps,
  inputTokens: 100 * steps,
  outputTokens: 20 * steps,
  costUsd: 0,
  skippedFaults: 0,
});

function start(run: string): TraceEvent[] {
  const hash = "0".repeat(64);
  return [
    {
      type: "run.start",
      seq: 0,
      at: 1,
      v: 1,
      run,
      task: { id: "t", text: "Find the mug." },
      harness: { proposed: hash, deployed: hash, executed: hash },
      manifest: { name: "bench", version: "1" },
      models: { main: { id: "m", policy: "scripted" } },
      seed: 1,
      tools: [{ name: "go", description: "Goes.", inputSchema: { type: "object" } }],
      environment: { node: process.version, core: "0" },
    },
    {
      type: "message",
      seq: 1,
      at: 1,
      id: 0,
      role: "user",
      content: [{ type: "text", text: "Find the mug." }],
    },
  ];
}

/** The eight events of a step that calls one tool, and where the runtime flushes. */
function step(number: number): { before: TraceEvent[]; after: TraceEvent[] } {
  const seq = 2 + (number - 1) * 8;
  const at = 1_763_700_000_000 + number;
  const call = { id: `call-${number}`, name: "go", input: { place: "shelf", attempt: number } };
  const text = `I look on the shelf for the mug, attempt ${number}, then I go on.`;
  return {
    before: [
      { type: "step.start", seq, at, step: number, tokens: 100 },
      {
        type: "model.request",
        seq: seq + 1,
        at,
        step: number,
        call: number,
        role: "main",
        messages: [[0, 2 * number - 2]],
        seed: number,
      },
      {
        type: "model.response",
        seq: seq + 2,
        at,
        step: number,
        call: number,
        model: "m",
        policy: "scripted",
        content: [{ type: "text", text }],
        toolCalls: [call],
        finish: "tool_calls",
        usage: { input: 100, output: 20 },
        costUsd: 0,
        ms: 1.5,
      },
      { type: "message", seq: seq + 3, at, id: 2 * number - 1, role: "assistant", of: seq + 2 },
      { type: "tool.call", seq: seq + 4, at, step: number, call },
    ],
    after: [
      {
        type: "tool.result",
        seq: seq + 5,
        at,
        step: number,
        call: call.id,
        name: "go",
        status: "ok",
        content: `On the shelf you see a bowl, a cup and book ${number}.`,
        ms: 0.2,
      },
      { type: "message", seq: seq + 6, at, id: 2 * number, role: "tool", of: seq + 5 },
      { type: "step.end", seq: seq + 7, at, step: number, totals: totals(number) },
    ],
  };
}

const STEPS = 50;
const steps = Array.from({ length: STEPS }, (_, index) => step(index + 1));

async function writeRun(sink: TraceSink, turn: boolean): Promise<void> {
  for (const event of start("r")) sink.write(event);
  for (const { before, after } of steps) {
    for (const event of before) sink.write(event);
    await flush(sink);
    for (const event of after) sink.write(event);
    await flush(sink);
    if (turn) await new Promise(setImmediate);
  }
  await sink.close();
}

/** As the runtime does: no promise where the sink needs none. */
function flush(sink: TraceSink): void | Promise<void> {
  return sink.flush();
}

const file = () => join(dir, `${files++}.jsonl`);

async function best(work: () => unknown): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    await work();
    least = Math.min(least, performance.now() - begin);
  }
  return least;
}

function row(name: string, value: number, unit: string): void {
  process.stdout.write(
    `${name.padEnd(52)} ${value.toFixed(value < 10 ? 2 : 0).padStart(8)} ${unit}\n`,
  );
}

async function write(durability: TraceDurability): Promise<void> {
  const runs = 40;
  const inRow = await best(async () => {
    for (let run = 0; run < runs; run++)
      await writeRun(openTraceFile(file(), { durability }), true);
  });
  row(`write, ${durability}, runs in a row, per step`, (inRow * 1000) / (runs * STEPS), "µs");
  const atOnce = await best(() =>
    Promise.all(
      Array.from({ length: 16 }, () => writeRun(openTraceFile(file(), { durability }), true)),
    ),
  );
  row(`write, ${durability}, 16 at once, per step`, (atOnce * 1000) / (16 * STEPS), "µs");
}

/** A step whose tool result is new and too long for its line. */
async function writeBlobs(durability: TraceDurability): Promise<void> {
  const count = 500;
  let unique = 0;
  const time = await best(async () => {
    const sink = openTraceFile(file(), { durability });
    sink.write(start("r")[0]!);
    for (let seq = 1; seq <= count; seq++) {
      sink.write({
        type: "log",
        seq,
        at: seq,
        by: "b",
        message: `${durability} ${unique++}`.padEnd(4096),
      });
      await flush(sink);
    }
    await sink.close();
  });
  row(`write, ${durability}, a new blob of 4 KB`, (time * 1000) / count, "µs");
}

async function read(): Promise<void> {
  const path = file();
  const sink = openTraceFile(path, { durability: "none" });
  const events = start("r");
  for (let number = 1; number <= 20_000; number++) {
    const { before, after } = step(number);
    events.push(...before, ...after);
  }
  const serialise = await best(() => events.map((event) => JSON.stringify(event)).length);
  row("JSON.stringify alone, per step", (serialise * 1000) / 20_000, "µs");
  for (const event of events) sink.write(event);
  await sink.flush();
  await sink.close();
  const megabytes = statSync(path).size / 1e6;
  const rate = (ms: number) => (megabytes / ms) * 1000;
  const lines = events.map((event) => JSON.stringify(event));
  row(
    "JSON.parse alone",
    rate(await best(() => lines.map((line) => JSON.parse(line)).length)),
    "MB/s",
  );
  row("readTrace", rate(await best(() => readTrace(path))), "MB/s");
  row(
    "streamTrace",
    rate(
      await best(async () => {
        for await (const event of streamTrace(path)) void event;
      }),
    ),
    "MB/s",
  );
  const { events: copy } = await readTrace(path);
  const same = await best(() => events.every((event, index) => sameEvent(event, copy[index]!)));
  row("sameEvent, per event", (same * 1e6) / events.length, "ns");
  row("foldTrace, per event", ((await best(() => foldTrace(copy))) * 1e6) / copy.length, "ns");
}

try {
  for (const durability of ["step", "run", "none"] as const) {
    await write(durability);
    await writeBlobs(durability);
  }
  await read();
} finally {
  rmSync(dir, { recursive: true });
}
