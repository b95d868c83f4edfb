import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  listTraces,
  openTraceFile,
  summarizeTrace,
  type TraceEvent,
} from "../../src/trace/index.ts";
import { codeOf, logEvent, startEvent, temporaryFolder, writeAll } from "./folder.ts";

const folder = temporaryFolder();
const totals = (steps: number) => ({
  steps,
  modelCalls: 1,
  toolCalls: 2,
  inputTokens: 3,
  outputTokens: 4,
  costUsd: 0.5,
  skippedFaults: 0,
});
const stepEnd = (seq: number, step: number): TraceEvent => ({
  type: "step.end",
  seq,
  at: seq,
  step,
  totals: totals(step),
});
const runEnd = (seq: number, steps: number): TraceEvent => ({
  type: "run.end",
  seq,
  at: seq,
  exit: "loop",
  reason: "again",
  output: "out",
  totals: totals(steps),
  evaluations: [],
});
const put = (dir: string, name: string, content: string) => writeFileSync(join(dir, name), content);

describe("listTraces", () => {
  it("lists what head and tail say, newest first, and damaged files with their problem", async () => {
    const dir = dirname(folder.file());
    mkdirSync(dir, { recursive: true });
    const write = (name: string, events: TraceEvent[]) =>
      writeAll(openTraceFile(join(dir, `${name}.jsonl`)), events);
    const padding = Array.from({ length: 600 }, (_, index) => logEvent(index + 2, "p".repeat(100)));
    await write("done", [startEvent("done"), stepEnd(1, 1), runEnd(2, 1)]);
    await write("long", [
      { ...startEvent("long"), at: 5, task: { id: "t", text: "T".repeat(50_000) } },
      stepEnd(1, 7),
      ...padding,
    ]);
    await write("broad", [
      {
        ...startEvent("broad"),
        at: 6,
        manifest: { list: Array.from({ length: 9000 }, (_, index) => `item ${index}`) },
      },
    ]);
    await write("resumed", [
      { ...startEvent("resumed"), at: 7 },
      stepEnd(1, 3),
      runEnd(2, 3),
      logEvent(3, ""),
    ]);
    put(
      dir,
      "torn.jsonl",
      `${JSON.stringify({ ...startEvent("torn"), at: 8 })}\n{"type":"step.start","seq":1,"at":1,"step":3,"tokens":1}\n{"type":"run.end`,
    );
    put(dir, "junk.jsonl", "what is this\n");
    put(dir, "void.jsonl", "");
    put(dir, "notes.txt", "not a trace");
    mkdirSync(join(dir, "folder.jsonl"));
    const list = await listTraces(dir);
    expect(list.map(({ run, steps, exit, started }) => [run, steps, exit, started])).toEqual([
      ["torn", 2, undefined, 8],
      ["resumed", 3, undefined, 7],
      ["broad", 0, undefined, 6],
      ["long", 7, undefined, 5],
      ["done", 1, "loop", 1],
      ["folder", 0, undefined, 0],
      ["junk", 0, undefined, 0],
      ["void", 0, undefined, 0],
    ]);
    expect(list[3]).toMatchObject({
      task: "T".repeat(120),
      harness: "h",
      path: join(dir, "long.jsonl"),
    });
    expect(list.filter(({ problem }) => problem).map(({ run }) => run)).toEqual([
      "folder",
      "junk",
      "void",
    ]);
  });

  it("tells a folder that is not there", async () => {
    expect(await codeOf(() => listTraces(join(folder.path, "nowhere")))).toBe("HX_TRACE_NOT_FOUND");
  });
});

describe("summarizeTrace", () => {
  const events: TraceEvent[] = [
    { ...startEvent(), at: 100 },
    {
      type: "hook",
      seq: 1,
      at: 101,
      hook: "beforeModel",
      step: 1,
      taps: [
        { processor: "a", tap: "t", verdict: "pass", ms: 1 },
        { processor: "a", tap: "u", verdict: "replace", ms: 2 },
        { processor: "constructor", tap: "t", verdict: "pass", ms: 3 },
      ],
    },
    {
      type: "model.error",
      seq: 2,
      at: 102,
      step: 1,
      call: 1,
      model: "m",
      code: "C",
      message: "",
      attempt: 1,
    },
    {
      type: "model.response",
      seq: 3,
      at: 103,
      step: 1,
      call: 1,
      model: "m",
      policy: "scripted",
      content: [],
      toolCalls: [],
      finish: "stop",
      usage: { input: 5, output: 6 },
      costUsd: 0.25,
      ms: 9,
    },
    {
      type: "tool.result",
      seq: 4,
      at: 104,
      step: 1,
      call: "1",
      name: "go",
      status: "ok",
      content: "",
      ms: 2,
    },
    {
      type: "tool.result",
      seq: 5,
      at: 105,
      step: 1,
      call: "2",
      name: "go",
      status: "timeout",
      content: "",
      ms: 3,
    },
    { type: "error", seq: 6, at: 106, step: 1, code: "HX_X", message: "", hint: "", details: null },
    { type: "swap", seq: 7, at: 107, step: 1, from: "h", to: "h2", manifest: {} },
    stepEnd(8, 1),
    { ...runEnd(9, 1), at: 150 },
  ];

  it("counts", () => {
    const summary = summarizeTrace(events);
    expect(JSON.parse(JSON.stringify(summary))).toEqual({
      run: "r",
      task: "do it",
      harness: "h2",
      swaps: 1,
      events: {
        "run.start": 1,
        hook: 1,
        "model.error": 1,
        "model.response": 1,
        "tool.result": 2,
        error: 1,
        swap: 1,
        "step.end": 1,
        "run.end": 1,
      },
      tools: { go: { calls: 2, ms: 5, statuses: { ok: 1, timeout: 1 } } },
      models: { m: { calls: 1, errors: 1, ms: 9, inputTokens: 5, outputTokens: 6, costUsd: 0.25 } },
      processors: {
        a: { taps: 2, ms: 3, verdicts: { pass: 1, replace: 1 } },
        constructor: { taps: 1, ms: 3, verdicts: { pass: 1 } },
      },
      errors: { HX_X: 1 },
      exit: "loop",
      reason: "again",
      output: "out",
      totals: totals(1),
      started: 100,
      ms: 50,
    });
  });

  it("takes a resumed run for unfinished", () => {
    const summary = summarizeTrace([...events, logEvent(10, "on")]);
    expect(summary.exit).toBeUndefined();
    expect(summary.output).toBeUndefined();
    expect(summarizeTrace([])).toMatchObject({ run: "", ms: 0 });
  });
});
