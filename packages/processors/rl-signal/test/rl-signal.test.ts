import { createAgent, loadHarness } from "@harnessx/core";
import { tool } from "@harnessx/core/plugin";
import {
  assertConformant,
  runProcessor,
  scriptedModel,
  type RunProcessorInput,
  type ScriptedReply,
} from "@harnessx/core/testing";
import { Ajv2020 } from "ajv/dist/2020.js";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { emptyMemory, sightingsIn } from "../src/observer.ts";
import type { RlSignalOptions, Signal } from "../src/signal.ts";

const dir = new URL("..", import.meta.url);
const root = fileURLToPath(dir);
const isSignal = new Ajv2020().compile(
  JSON.parse(readFileSync(new URL("signal.schema.json", dir), "utf8")) as object,
);
let ticks = 0;
const tools = [
  tool<{ text: string }>({
    name: "echo",
    description: "Says it back.",
    inputSchema: {
      type: "object",
      properties: { text: { type: "string" } },
      required: ["text"],
    },
    execute: ({ text }) => {
      if (text.startsWith("bad")) throw new Error("bad");
      return text;
    },
  }),
  tool({
    name: "tick",
    description: "Says something new.",
    inputSchema: { type: "object" },
    execute: () => String((ticks += 1)),
  }),
];
const echo = (...texts: string[]): ScriptedReply => ({
  calls: texts.map((text) => ({ name: "echo", input: { text } })),
});
const call = (name: string, input: object = {}): ScriptedReply => ({ calls: [{ name, input }] });
const done: ScriptedReply = { text: "Done." };

it.each([
  undefined,
  { window: 2, minRepeats: 3, maxPeriod: 1, maxSignals: 1, weights: { repeat: 0, recovery: 2 } },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

/** Runs a script; every signal is checked against the published schema on the way. */
async function signalsOf(
  script: readonly ScriptedReply[],
  options: RunProcessorInput["options"] = {},
) {
  const { result, events } = await runProcessor(dir, {
    options,
    tools,
    script,
    limits: { maxSteps: 90 },
  });
  const signals = events.flatMap((event) =>
    event.type === "log" ? [event.data as unknown as Signal] : [],
  );
  for (const signal of signals)
    expect(isSignal(signal), JSON.stringify(isSignal.errors)).toBe(true);
  const [evaluation] = result.evaluations;
  return { signals, kinds: signals.map(({ step, kind }) => `${step} ${kind}`), evaluation };
}

it("marks nothing in a run without trouble", async () => {
  const { kinds, evaluation } = await signalsOf([echo("a"), echo("b"), call("tick"), done]);
  expect(kinds).toEqual([]);
  expect(evaluation).toEqual({
    name: "rl-signal",
    score: 1,
    details: { v: 1, counts: {}, signals: [], dropped: 0 },
  });
});

describe("a repeat", () => {
  it("is an equal call with an equal result", async () => {
    const { signals } = await signalsOf([echo("a"), echo("b"), echo("a"), done], { maxPeriod: 1 });
    expect(signals).toEqual([
      {
        v: 1,
        step: 3,
        kind: "repeat",
        polarity: "negative",
        weight: 1,
        call: expect.any(String) as string,
        tool: "echo",
        since: 1,
        times: 2,
      },
    ]);
  });

  it("is none when the result is another one", async () => {
    expect((await signalsOf([call("tick"), call("tick"), call("tick"), done])).kinds).toEqual([]);
  });

  it("is looked for within the window", async () => {
    const script = [echo("a"), echo("b"), echo("c"), echo("a"), done];
    expect((await signalsOf(script, { window: 4 })).kinds).toEqual(["4 repeat"]);
    expect((await signalsOf(script, { window: 3 })).kinds).toEqual([]);
    expect((await signalsOf(script, { minRepeats: 3 })).kinds).toEqual([]);
  });
});

describe("a loop", () => {
  const around = (count: number): ScriptedReply[] =>
    Array.from({ length: count }, () => [echo("a"), echo("b"), echo("c")]).flat();

  it("is a cycle that went round, marked once for each round", async () => {
    const { signals } = await signalsOf([...around(4), done], { weights: { repeat: 0 } });
    expect(signals.map(({ step, kind, since, times }) => [step, kind, since, times])).toEqual([
      [6, "loop", 1, 2],
      [9, "loop", 1, 3],
      [12, "loop", 1, 4],
    ]);
  });

  it("is not one call over and over, nor a cycle that is too long or too short-lived", async () => {
    const same = await signalsOf([echo("a"), echo("a"), echo("a"), echo("a"), done]);
    expect(same.kinds).toEqual(["2 repeat", "3 repeat", "4 repeat"]);
    const off = { weights: { repeat: 0 } };
    expect((await signalsOf([...around(3), done], { ...off, maxPeriod: 2 })).kinds).toEqual([]);
    expect((await signalsOf([...around(3), done], { ...off, rounds: 4 })).kinds).toEqual([]);
    expect((await signalsOf([...around(3), done], { ...off, rounds: 3 })).kinds).toEqual([
      "9 loop",
    ]);
  });
});

describe("errors", () => {
  it("are told apart: those of the form, and the others", async () => {
    const { signals } = await signalsOf([
      call("echo", { text: 1 }),
      call("nothing"),
      { calls: [{ name: "echo", input: "{", malformed: "Unexpected end" }] },
      echo("bad"),
      done,
    ]);
    expect(signals.map(({ kind, code, weight }) => [kind, code, weight])).toEqual([
      ["format_error", "HX_TOOL_INPUT_INVALID", 1],
      ["format_error", "HX_TOOL_UNKNOWN", 1],
      ["format_error", "HX_TOOL_INPUT_INVALID", 1],
      ["tool_error", "HX_TOOL_THREW", 0.5],
    ]);
  });

  it("include a response that was cut off", async () => {
    const { signals } = await signalsOf([{ ...echo("a"), finish: "length" }, done]);
    expect(signals).toEqual([
      { v: 1, step: 1, kind: "truncated", polarity: "negative", weight: 1 },
    ]);
  });
});

describe("a recovery", () => {
  it("is a success of the tool that failed, and says how long it took", async () => {
    const script = [echo("bad"), call("tick"), echo("bad 2"), echo("good"), echo("better"), done];
    const { signals } = await signalsOf(script, { weights: { tool_error: 0 } });
    expect(signals.map(({ step, kind, since, times }) => [step, kind, since, times])).toEqual([
      [4, "recovery", 1, 2],
    ]);
    expect(signals[0]!.polarity).toBe("positive");
  });
});

describe("options", () => {
  it("switch a kind off, and weigh the others", async () => {
    const { signals } = await signalsOf([echo("bad"), echo("good"), done], {
      weights: { tool_error: 0, recovery: 3 },
    });
    expect(signals.map(({ kind, weight }) => [kind, weight])).toEqual([["recovery", 3]]);
  });

  it("bound what the evaluation holds, not what is counted", async () => {
    const same = Array.from({ length: 6 }, () => echo("a"));
    const { evaluation, signals } = await signalsOf([...same, done], { maxSignals: 2 });
    expect(signals).toHaveLength(5);
    expect(evaluation!.details).toMatchObject({ counts: { repeat: 5 }, dropped: 3 });
    expect((evaluation!.details as { signals: Signal[] }).signals).toEqual(signals.slice(0, 2));
  });
});

it("remembers no more than its window, however long the task", () => {
  const memory = emptyMemory();
  const options = { window: 16, minRepeats: 2, maxPeriod: 4, rounds: 2 } as RlSignalOptions;
  for (let step = 1; step <= 2_000; step += 1) {
    const answered = {
      call: { id: String(step), name: `tool ${step}`, input: {} },
      result: { status: "error" as const, content: "No." },
    };
    sightingsIn({ step, finish: "tool_calls", calls: [answered] }, memory, options);
  }
  expect([memory.recent.length, memory.failing.length]).toEqual([16, 50]);
});

it("remembers through a swap", async () => {
  const load = (version: string) =>
    loadHarness(
      { name: "test", version, processors: [{ id: `s${version}`, use: "./." }] },
      { root },
    );
  const [first, second] = [await load("1"), await load("2")];
  let calls = 0;
  const main = scriptedModel(() => [echo("a"), echo("a"), done][calls++]!);
  const result = await createAgent({ harness: first, models: { main } }).run("Go.", {
    tools,
    follow: () => (calls === 0 ? first : second),
  });
  expect(result.evaluations[0]!.details).toMatchObject({ counts: { repeat: 1 } });
});

it("runs the example of the README", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as {
    id: string;
    use: string;
  };
  const harness = await loadHarness({ name: "test", version: "1", processors: [entry] }, { root });
  const main = scriptedModel([echo("bad"), echo("a"), echo("a"), echo("a"), done]);
  const result = await createAgent({ harness, models: { main } }).run("Go.", { tools });
  expect(result.evaluations[0]!.details).toMatchObject({ counts: { recovery: 1, repeat: 1 } });
});
