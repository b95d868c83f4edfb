import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineHarness, inline, validatorFor, type LoadedHarness } from "@harnessx/core";
import { defineProcessor, intercept, tool } from "@harnessx/core/plugin";
import type { Environment, ModelClient, Score, Suite, SuiteTask } from "@harnessx/core/plugin";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  keyOf,
  rolloutRecordSchema,
  runRollout,
  tasksOf,
  type RolloutRecord,
  type RolloutSpec,
} from "../../src/index.ts";
import { forgetfulModel, keyWorld, oracleModel } from "../support/key-world.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "aegis-broken-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const check = validatorFor(rolloutRecordSchema);
async function play(rest: Partial<RolloutSpec> = {}): Promise<RolloutRecord> {
  const suite = rest.suite ?? keyWorld();
  const spec = {
    suite,
    task: (keyWorld().tasks() as SuiteTask[])[0]!,
    harness: await defineHarness({ name: "plain", limits: { maxSteps: 9 } }),
    models: { main: oracleModel() },
    seed: 1,
    repetition: 0,
    ...rest,
  };
  const record = await runRollout(spec);
  expect(check(JSON.parse(JSON.stringify(record)))).toBeUndefined();
  expect(record.id).toBe(keyOf(spec));
  return record;
}

/** The key world with something in its environments changed. */
const altered = (change: (environment: Environment) => unknown): Suite => {
  const world = keyWorld();
  return {
    ...world,
    open: async (id, given) => change(await world.open(id, given)) as Environment,
  };
};
const scoring = (score: () => unknown): Suite =>
  altered((environment) => ({ ...environment, score: score as () => Score }));

describe("a suite that misbehaves", () => {
  it.each<[string, unknown, string]>([
    ["no number", { passed: true, score: Number.NaN, reason: "" }, "score"],
    ["too much", { passed: true, score: 1.5, reason: "" }, "score"],
    ["less than nothing", { passed: false, score: -0.1, reason: "" }, "score"],
    ["without a verdict", { score: 1, reason: "" }, "passed"],
    ["a verdict in words", { passed: "yes", score: 1, reason: "" }, "passed"],
    ["no reason", { passed: true, score: 1 }, "reason"],
    ["an audit in words", { passed: true, score: 1, reason: "", audit: "yes" }, "audit"],
    ["nothing", undefined, "no object"],
    ["a number", 1, "no object"],
  ])("scores with %s: the outcome is infra, never a pass", async (_, score, problem) => {
    const record = await play({ suite: scoring(() => score) });
    expect(record).toMatchObject({ passed: false, score: 0, infra: "environment", exit: "done" });
    expect(record.error).toContain("gave a score that is none");
    expect(record.error).toContain(problem);
  });

  it("keeps what else a score says out of the record", async () => {
    const record = await play({
      suite: scoring(() => ({ passed: true, score: 1, reason: "r", gold: "secret" })),
    });
    expect(record).toMatchObject({ passed: true, reason: "r" });
    expect(JSON.stringify(record)).not.toContain("secret");
  });

  it("throws anything, anywhere", async () => {
    const ill = { infra: "environment" as const, passed: false };
    const fail = () => {
      throw new Error("ill");
    };
    expect(await play({ suite: scoring(fail) })).toMatchObject({ ...ill, error: "ill" });
    expect(await play({ suite: scoring(() => Promise.reject(new Error("ill"))) })).toMatchObject(
      ill,
    );
    expect(await play({ suite: altered(fail) })).toMatchObject({ ...ill, steps: 0 });
    expect(await play({ suite: altered(() => undefined) })).toMatchObject(ill);
    expect(await play({ suite: altered(() => ({})) })).toMatchObject(ill);
    // What it throws when it closes costs no outcome.
    for (const close of [fail, () => Promise.reject(new Error("ill"))])
      expect(
        await play({ suite: altered((environment) => ({ ...environment, close })) }),
      ).toMatchObject({ passed: true });
  });

  it("gives no tasks", async () => {
    const [task] = keyWorld().tasks() as SuiteTask[];
    const failed = { code: "HX_ROLLOUT_SUITE_FAILED" };
    const giving = (tasks: unknown): Suite => ({
      ...keyWorld(),
      tasks: () => tasks as SuiteTask[],
    });
    for (const tasks of [
      undefined,
      [{ ...task, split: "test" }],
      [{ ...task, id: "" }],
      [task, task],
      Promise.reject(new Error("ill")),
    ])
      await expect(tasksOf(giving(tasks))).rejects.toMatchObject(failed);
    const thrower: Suite = {
      ...keyWorld(),
      tasks: () => {
        throw new Error("ill");
      },
    };
    await expect(tasksOf(thrower)).rejects.toMatchObject(failed);
    expect(await tasksOf(keyWorld())).toHaveLength(12);
  });
});

describe("a model that returns nothing", () => {
  it.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["an empty object", {}],
  ])("%s: nobody's known fault", async (_, answer) => {
    const model: ModelClient = {
      ...forgetfulModel(),
      generate: () => Promise.resolve(answer as never),
    };
    expect(await play({ models: { main: model } })).toMatchObject({
      infra: "unknown",
      exit: "model_error",
    });
  });

  it("an empty answer is an answer: the harness failed", async () => {
    const model: ModelClient = {
      ...forgetfulModel(),
      generate: () =>
        Promise.resolve({
          content: [],
          toolCalls: [],
          finish: "stop" as const,
          usage: { input: 1, output: 0 },
        }),
    };
    const record = await play({ models: { main: model } });
    expect(record).toMatchObject({ passed: false, exit: "done" });
    expect(record.infra).toBeUndefined();
  });
});

describe("a trace that cannot be written", () => {
  it("is the environment's fault and leaves no trace", async () => {
    const spec = { traceDir: join(dir, "full") };
    const [task] = keyWorld().tasks() as SuiteTask[];
    const { id } = await play({ task: task! });
    await writeFile(join(dir, "file"), "");
    const inTheWay = await play({ traceDir: join(dir, "file") });
    expect(inTheWay).toMatchObject({ infra: "environment", passed: false });
    expect(inTheWay.trace).toBeUndefined();
    expect((await play(spec)).trace).toContain(id.slice(0, 32));
  });
});

describe("watching", () => {
  const bell = tool({
    name: "ring",
    description: "rings",
    inputSchema: { type: "object" },
    execute: () => "It rings.",
  });
  const ringer = (): ModelClient => ({
    ...forgetfulModel(),
    generate: (request) =>
      Promise.resolve({
        content: [],
        toolCalls: request.messages.length < 3 ? [{ id: "c", name: "ring", input: {} }] : [],
        finish: "tool_calls" as const,
        usage: { input: 1, output: 1 },
      }),
  });
  const withBell = async (...parts: ReturnType<typeof inline>[]): Promise<LoadedHarness> => {
    const harness = await defineHarness({ name: "bell", limits: { maxSteps: 3 }, inline: parts });
    const group = { id: "bells", tools: [bell] } as unknown as LoadedHarness["toolGroups"][number];
    return { ...harness, tools: [bell], toolGroups: [group] };
  };
  const answering = inline(
    { name: "answering", dimension: "tools", hooks: ["beforeTool"] },
    defineProcessor((run) => {
      run.hooks.beforeTool.tap("answer", () => intercept({ status: "ok", content: "Silence." }));
    }),
  );

  it("sees which tools entries were called", async () => {
    const ring = { models: { main: ringer() }, watch: true };
    expect((await play({ ...ring, harness: await withBell() })).fired).toEqual(["bells"]);
    const quiet = await play({ watch: true, harness: await withBell() });
    expect(quiet.fired).toEqual([]);
    // A processor that answers in a tool's place: the tool did nothing.
    const answered = await play({ ...ring, harness: await withBell(answering) });
    expect(answered.fired).toEqual(["answering"]);
  });
});
