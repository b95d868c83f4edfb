import { createAgent, defineHarness, inline, loadHarness } from "@harnessx/core";
import { defineProcessor, replace, tool } from "@harnessx/core/plugin";
import {
  assertConformant,
  runProcessor,
  scriptedModel,
  type RunProcessorInput,
  type ScriptedReply,
} from "@harnessx/core/testing";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { fingerprint } from "../src/fingerprint.ts";
import { returnsOf } from "../src/rewards.ts";

const dir = new URL("..", import.meta.url);
const root = fileURLToPath(dir);
let ticks = 0;
const tools = [
  tool<{ text?: string }>({
    name: "echo",
    description: "Says it back.",
    inputSchema: { type: "object" },
    execute: ({ text = "" }) => {
      if (text === "bad") throw new Error("bad");
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
const done: ScriptedReply = { text: "Done." };

it.each([
  undefined,
  { discount: 0.9, terminal: ["judge"], repeatOf: "call", window: 0, least: -1, most: 1 },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

interface Details {
  readonly process: number;
  readonly terminal: number | null;
  readonly from: string[];
  readonly steps: [number, number, number][];
}

async function rewarded(
  script: readonly ScriptedReply[],
  options: RunProcessorInput["options"] = {},
) {
  const { result, events } = await runProcessor(dir, {
    options,
    tools,
    script,
    limits: { maxSteps: 60 },
  });
  const [evaluation] = result.evaluations;
  const details = evaluation!.details as unknown as Details;
  const logs = events.flatMap((event) => (event.type === "log" ? [event.data] : []));
  return {
    evaluation: evaluation!,
    details,
    rewards: details.steps.map(([, reward]) => reward),
    logs,
  };
}

describe("a step", () => {
  it("earns for success, pays for failure, and more for a repeat", async () => {
    const { rewards, logs, evaluation } = await rewarded([
      echo("a"),
      echo("bad"),
      echo("a"),
      echo("b", "bad", "c"),
      done,
    ]);
    expect(rewards).toEqual([0.05, -0.1, -0.2, -0.1, 0]);
    expect(logs[3]).toEqual({
      step: 4,
      reward: -0.1,
      sum: -0.35,
      successes: 2,
      failures: 0,
      repeats: 1,
    });
    expect(evaluation.score).toBe(-0.35);
  });

  it("repeats a call only when it got the same result", async () => {
    const script = [{ calls: [{ name: "tick" }] }, { calls: [{ name: "tick" }] }, done];
    expect((await rewarded(script)).rewards).toEqual([0.05, 0.05, 0]);
    expect((await rewarded(script, { repeatOf: "call" })).rewards).toEqual([0.05, -0.2, 0]);
  });

  it("repeats a call within the window only", async () => {
    const script = [echo("a"), echo("b"), echo("c"), echo("a"), done];
    expect((await rewarded(script, { window: 3 })).rewards[3]).toBe(-0.2);
    expect((await rewarded(script, { window: 2 })).rewards[3]).toBe(0.05);
    expect((await rewarded([echo("a"), echo("a"), done], { window: 0 })).rewards[1]).toBe(0.05);
  });

  it("knows a call whatever the order of its arguments", async () => {
    const call = (input: object): ScriptedReply => ({ calls: [{ name: "echo", input }] });
    const script = [call({ text: "a", n: 1 }), call({ n: 1, text: "a" }), done];
    expect((await rewarded(script)).rewards).toEqual([0.05, -0.2, 0]);
  });
});

describe("the caps", () => {
  it("hold for all steps together, and the rows still add up", async () => {
    const many = Array.from({ length: 20 }, (_, index) => echo(`say ${index}`));
    const { details, rewards } = await rewarded([...many, done]);
    expect(details.process).toBe(0.3);
    expect(rewards.slice(0, 7)).toEqual([0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0]);
    const same = Array.from({ length: 20 }, () => echo("bad"));
    const bad = await rewarded([...same, done]);
    expect(bad.details.process).toBe(-0.5);
    expect(bad.rewards.reduce((sum, reward) => sum + reward, 0)).toBeCloseTo(-0.5, 9);
  });

  it("leave room again after a step in the other direction", async () => {
    const { rewards } = await rewarded([echo("a"), echo("b"), echo("bad"), echo("c"), done], {
      most: 0.05,
    });
    expect(rewards).toEqual([0.05, 0, -0.1, 0.05, 0]);
  });
});

describe("the terminal reward", () => {
  const judgedBy = async (
    evaluations: readonly { name: string; score: number; passed?: boolean }[],
    options: Record<string, unknown> = {},
  ) => {
    const judges = inline(
      { name: "judges", dimension: "evaluation", hooks: ["taskEnd"], stage: 0 },
      defineProcessor((run) => {
        run.hooks.taskEnd.tap("judge", (event) =>
          replace(evaluations.reduce((judged, one) => judged.withEvaluation(one), event)),
        );
      }),
    );
    const harness = await defineHarness({
      name: "test",
      root,
      processors: [{ id: "reward", use: "./.", options: options as never }],
      inline: [judges],
    });
    const main = scriptedModel([echo("a"), done]);
    const result = await createAgent({ harness, models: { main } }).run("Go.", { tools });
    const evaluation = result.evaluations.at(-1)!;
    return { score: evaluation.score, details: evaluation.details as unknown as Details };
  };

  it("is the mean of the evaluations that have a verdict", async () => {
    const { score, details } = await judgedBy([
      { name: "judge", score: 0.5, passed: false },
      { name: "check", score: 1, passed: true },
      { name: "metrics", score: 40 },
    ]);
    expect(details).toMatchObject({ terminal: 0.75, from: ["judge", "check"], process: 0.05 });
    expect(score).toBe(0.8);
    expect(details.steps).toEqual([
      [1, 0.05, 0.8],
      [2, 0.75, 0.75],
    ]);
  });

  it("is of the evaluations that are named, weighted and discounted", async () => {
    const evaluations = [
      { name: "judge", score: 0.5 },
      { name: "check", score: 1, passed: true },
    ];
    const options = { terminal: ["judge"], terminalWeight: 2, discount: 0.5 };
    const { details } = await judgedBy(evaluations, options);
    expect(details).toMatchObject({ terminal: 1, from: ["judge"] });
    expect(details.steps).toEqual([
      [1, 0.05, 0.55],
      [2, 1, 1],
    ]);
  });

  it("is none without an evaluation", async () => {
    const { details, score } = await judgedBy([]);
    expect(details).toMatchObject({ terminal: null, from: [] });
    expect(score).toBe(0.05);
  });
});

it("discounts by the number of steps", () => {
  const steps: [number, number][] = [
    [1, 1],
    [2, 0],
    [3, 0],
  ];
  expect(returnsOf(steps, 1, 0.5)).toEqual([
    [1, 1, 1.25],
    [2, 0, 0.5],
    [3, 1, 1],
  ]);
});

it("does not take different texts for the same", () => {
  const texts = Array.from({ length: 20_000 }, (_, index) => `text ${index}`);
  expect(new Set(texts.map(fingerprint)).size).toBe(texts.length);
  expect(fingerprint("ab")).not.toBe(fingerprint("ba"));
  expect(fingerprint("")).toMatch(/^[0-9a-f]{16}$/);
});

it("keeps its rewards through a swap", async () => {
  const load = (version: string) =>
    loadHarness(
      { name: "test", version, processors: [{ id: `r${version}`, use: "./." }] },
      { root },
    );
  const [first, second] = [await load("1"), await load("2")];
  let calls = 0;
  const main = scriptedModel(() => {
    calls += 1;
    return calls < 3 ? echo("a") : done;
  });
  const result = await createAgent({ harness: first, models: { main } }).run("Go.", {
    tools,
    follow: () => (calls === 0 ? first : second),
  });
  const details = result.evaluations[0]!.details as unknown as Details;
  expect(details.steps.map(([, reward]) => reward)).toEqual([0.05, -0.2, 0]);
});

it("runs the example of the README", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as {
    id: string;
    use: string;
  };
  const harness = await loadHarness({ name: "test", version: "1", processors: [entry] }, { root });
  const main = scriptedModel([echo("a"), echo("a"), done]);
  const result = await createAgent({ harness, models: { main } }).run("Go.", { tools });
  expect(result.evaluations[0]).toMatchObject({ name: "process-reward", score: -0.25 });
});
