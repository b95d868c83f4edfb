/**
 * What the framework costs, beside a hand-written loop that does the same work in the same process.
 *
 *   npm run bench -- core [--out results.json]
 *
 * Times are the best of several rounds: on a shared machine other jobs only ever add.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import {
  createAgent,
  createMemorySink,
  type ModelClient,
  type TraceEvent,
  type TraceSink,
} from "@harnessx/core";
import { echo, forever, handWritten, noOps, twoSteps, usage } from "./fixture.ts";

const RUNS = 2_000;
const ROUNDS = 9;
const results: Record<string, number> = {};

const note = (name: string, value: number, unit: string): void => {
  results[name] = Number(value.toPrecision(5));
  process.stderr.write(`${name.padEnd(42)} ${value.toFixed(3).padStart(10)} ${unit}\n`);
};

/** Best microseconds of one call of `work` over all rounds. */
async function best(work: () => Promise<unknown>, calls = RUNS, rounds = ROUNDS): Promise<number> {
  for (let index = 0; index < Math.min(300, calls); index += 1) await work();
  let least = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    for (let index = 0; index < calls; index += 1) await work();
    least = Math.min(least, ((performance.now() - began) / calls) * 1_000);
  }
  return least;
}

const tools = [echo];
const harness = await noOps(0);
const agent = createAgent({ harness, models: { main: twoSteps } });
const dir = mkdtempSync(join(tmpdir(), "hx-bench-"));

// One step of a two-step run.
const floor = (await best(() => handWritten(twoSteps, "hi"))) / 2;
note("floor: hand-written loop, µs/step", floor, "µs");
const nullSink = (await best(() => agent.run("hi", { tools }))) / 2;
note("trace to a null sink, µs/step", nullSink, "µs");
note(
  "trace in memory, µs/step",
  (await best(() => agent.run("hi", { tools, trace: () => createMemorySink() }))) / 2,
  "µs",
);
note(
  "trace on disk, fsync each step, µs/step",
  (await best(async () => {
    await Promise.all(Array.from({ length: 16 }, () => agent.run("hi", { tools, trace: { dir } })));
  }, 60)) /
    16 /
    2,
  "µs (16 runs at a time)",
);
note(
  "trace on disk, one run at a time, µs/step",
  (await best(() => agent.run("hi", { tools, trace: { dir } }), 300)) / 2,
  "µs",
);
rmSync(dir, { recursive: true, force: true });

// Hooks: the difference in long runs, where setting up no longer counts.
const STEPS = 1_000;
const longRun = async (count: number): Promise<() => Promise<unknown>> => {
  const long = createAgent({ harness: await noOps(count), models: { main: forever } });
  return () => long.run("go", { tools, limits: { maxSteps: STEPS } });
};
const contestants = await Promise.all([0, 10, 50].map(longRun));
const perStep = [Infinity, Infinity, Infinity];
for (let round = 0; round < 60; round += 1) {
  for (const [index, run] of contestants.entries())
    perStep[index] = Math.min(perStep[index]!, (await best(run, 1, 1)) / STEPS);
}
note("ten no-op processors on one hook add", perStep[1]! - perStep[0]!, "µs/step");
note("fifty no-op processors on one hook add", perStep[2]! - perStep[0]!, "µs/step");

// Growth: the same step at 10 and at 4,000 messages, with the trace's bytes beside it.
const growth = await growthOf(2_040);
for (const at of [10, 100, 1_000, 4_000]) note(`step at ${at} messages`, growth.time(at), "µs");
note("growth: step at 4,000 over step at 10", growth.time(4_000) / growth.time(10), "×");
note("trace bytes a step", growth.bytes(100), "bytes");
note("trace bytes: step 2,000 over step 100", growth.bytes(2_000) / growth.bytes(100), "×");

async function growthOf(
  steps: number,
): Promise<{ time(messages: number): number; bytes(step: number): number }> {
  const long = createAgent({ harness, models: { main: forever } });
  const samples: number[][] = [];
  let sizes: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const times: number[] = [];
    sizes = [];
    let last = performance.now();
    let size = 0;
    const sink: TraceSink = {
      write(event: TraceEvent) {
        // Sizes are taken in the last round only: serialising costs more than the step.
        if (round === 4) size += JSON.stringify(event).length;
        if (event.type !== "step.end") return;
        const now = performance.now();
        times.push(now - last);
        sizes.push(size);
        size = 0;
        last = performance.now();
      },
      flush: () => undefined,
      close: () => undefined,
    };
    await long.run("go", { tools, limits: { maxSteps: steps }, trace: () => sink });
    if (round < 4) samples.push(times);
  }
  const median = (values: number[]): number =>
    values.toSorted((a, b) => a - b)[values.length >> 1]!;
  const around = (values: number[], step: number): number =>
    median(values.slice(Math.max(0, step - 20), step + 20));
  return {
    time: (messages) =>
      Math.min(...samples.slice(1).map((times) => around(times, messages >> 1))) * 1_000,
    bytes: (step) => around(sizes, step),
  };
}

// Memory of one long run and of many short ones. Needs --expose-gc.
const collect = (globalThis as { gc?: () => void }).gc;
if (collect) {
  const long = createAgent({ harness, models: { main: forever } });
  const heap = (): number => {
    collect();
    collect();
    return process.memoryUsage().heapUsed;
  };
  // In functions of their own: a frame that is still open may keep what it has dropped.
  const runLong = () => long.run("go", { tools, limits: { maxSteps: STEPS } });
  const warmUp = async (): Promise<void> => {
    for (let index = 0; index < 3; index += 1) await runLong();
  };
  await warmUp();
  const before = heap();
  const held = await runLong();
  note("held by the result of a 1,000-step run", (heap() - before) / 2 ** 20, "MB");
  if (held.messages.length !== 2 * STEPS + 1) throw new Error("the run did not do its work");
  const start = heap();
  for (let index = 0; index < 20_000; index += 1) await agent.run("hi", { tools });
  note("kept per finished two-step run", Math.max(0, heap() - start) / 20_000, "bytes");
}

// Streaming.
const DELTAS = 20_000;
const chatty: ModelClient = {
  ...twoSteps,
  async *stream() {
    for (let index = 0; index < DELTAS; index += 1) yield { type: "text" as const, text: "x" };
    yield {
      type: "response" as const,
      response: { content: [], toolCalls: [], finish: "stop" as const, usage },
    };
  },
};
const streaming = createAgent({ harness, models: { main: chatty } });
let received = 0;
const bare =
  (await best(async () => {
    for await (const delta of chatty.stream!({} as never, {} as never))
      if (delta.type === "text") received += 1;
  }, 5)) / DELTAS;
const streamed =
  (await best(async () => {
    for await (const item of streaming.stream("hi")) if (item.type === "delta") received += 1;
  }, 5)) / DELTAS;
if (received < DELTAS) throw new Error("no deltas arrived");
note("a text delta from model to consumer", streamed, "µs");
note("of which the model's own generator", bare, "µs");

// Setting up and importing.
const ten = createAgent({
  harness: await noOps(10),
  models: { main: { ...twoSteps, generate: twoSteps.generate } },
});
const setUp =
  (await best(() => ten.run("hi", { limits: { maxSteps: 1 } }))) -
  (await best(() => agent.run("hi", { limits: { maxSteps: 1 } })));
note("setting up ten processors", setUp / 1_000, "ms/run");
/** Runs a script in a fresh process, on the built package, and returns the number it prints. */
const fresh = (script: string): number =>
  Number(
    execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" }),
  );
const importing = `const began = performance.now(); await import("@harnessx/core"); console.log(performance.now() - began);`;
note(
  "importing @harnessx/core (built), cold",
  Math.min(...Array.from({ length: 7 }, () => fresh(importing))),
  "ms",
);
const resident = `
  import { createAgent, defineHarness, createMemorySink } from "@harnessx/core";
  const usage = { input: 1, output: 1 };
  let calls = 0;
  const main = { id: "mock", policy: "scripted", generate: async () => ({ content: [], toolCalls: [{ id: "c" + (calls += 1), name: "echo", input: {} }], finish: "tool_calls", usage }) };
  const echo = { name: "echo", description: "", inputSchema: { type: "object" }, execute: async () => "echo" };
  const agent = createAgent({ harness: await defineHarness({ name: "rss" }), models: { main } });
  const sink = createMemorySink();
  const result = await agent.run("go", { tools: [echo], limits: { maxSteps: 1000 }, trace: () => sink });
  if (result.messages.length !== 2001) throw new Error("no work");
  console.log(process.memoryUsage().rss / 2 ** 20);`;
note("resident after a 1,000-step run with its trace", fresh(resident), "MB");
note("null sink over floor", nullSink / floor, "×");

const report = {
  machine: {
    node: process.version,
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
  },
  runs: RUNS,
  rounds: ROUNDS,
  results,
};
const out = process.argv.indexOf("--out");
if (out > 0) writeFileSync(process.argv[out + 1]!, `${JSON.stringify(report, null, 2)}\n`);
else process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
