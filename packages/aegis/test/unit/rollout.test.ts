import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineHarness, inline, validatorFor } from "@harnessx/core";
import { defineProcessor } from "@harnessx/core/plugin";
import type { ModelClient, SuiteTask } from "@harnessx/core/plugin";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  bench,
  createRolloutPool,
  rolloutKey,
  rolloutRecordSchema,
  runRollout,
  type RolloutRecord,
} from "../../src/index.ts";
import { forgetfulModel, keyWorld, oracleModel } from "../support/key-world.ts";

const limits = { maxSteps: 9 };
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "aegis-rollout-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const check = validatorFor(rolloutRecordSchema);
const valid = (record: RolloutRecord): RolloutRecord => {
  expect(check(JSON.parse(JSON.stringify(record)))).toBeUndefined();
  return record;
};
const first = (suite: ReturnType<typeof keyWorld>): SuiteTask => (suite.tasks() as SuiteTask[])[0]!;
const plain = () => defineHarness({ name: "plain", limits });

describe("runRollout", () => {
  it("plays an episode, scores it and closes the environment", async () => {
    const suite = keyWorld();
    const spec = {
      suite,
      task: first(suite),
      harness: await plain(),
      models: { main: oracleModel() },
      seed: 1,
      repetition: 0,
    };
    const record = valid(await runRollout({ ...spec, traceDir: dir }));
    expect(record).toMatchObject({
      passed: true,
      score: 1,
      audit: true,
      exit: "done",
      steps: 3,
      policy: "oracle",
      suite: "key-world",
    });
    expect(record.trace).toContain(record.id.slice(0, 32));
    expect(await readdir(dir)).toContain(`${record.id.slice(0, 32)}.jsonl`);
    expect(suite.open_.size).toBe(0);
    // The same again, over its own old trace.
    expect((await runRollout({ ...spec, traceDir: dir })).id).toBe(record.id);
  });

  it("gives gold actions to an oracle only", async () => {
    const suite = keyWorld();
    const bound: unknown[] = [];
    const spy: ModelClient = {
      ...forgetfulModel(),
      bind: (binding) => (bound.push(binding), forgetfulModel()),
    };
    const spec = {
      suite,
      task: first(suite),
      harness: await plain(),
      models: { main: spy },
      seed: 1,
      repetition: 0,
    };
    await runRollout(spec);
    expect(bound).toEqual([{ taskId: first(suite).id }]);
  });

  it("types infrastructure failures apart from failures", async () => {
    const base = {
      models: { main: oracleModel() },
      harness: await plain(),
      seed: 1,
      repetition: 0,
    };
    const broken = keyWorld({ brokenEvery: 1 });
    expect(valid(await runRollout({ ...base, suite: broken, task: first(broken) }))).toMatchObject({
      passed: false,
      infra: "environment",
      error: "no room left",
    });
    const unjust = keyWorld({ scoreThrows: true });
    expect(valid(await runRollout({ ...base, suite: unjust, task: first(unjust) }))).toMatchObject({
      infra: "environment",
      error: "the judge is ill",
      exit: "done",
    });
    expect(unjust.open_.size).toBe(0);
    const faulty = inline(
      { name: "faulty", dimension: "context", hooks: ["stepStart"] },
      defineProcessor((run) => {
        run.hooks.stepStart.tap("boom", () => {
          throw new Error("boom");
        });
      }),
    );
    const suite = keyWorld();
    const harness = await defineHarness({ name: "faulty", inline: [faulty] });
    expect(valid(await runRollout({ ...base, harness, suite, task: first(suite) }))).toMatchObject({
      infra: "candidate",
      exit: "harness_fault",
    });
    const silent: ModelClient = {
      id: "m",
      policy: "scripted",
      generate: () => Promise.reject(new Error("no answer")),
    };
    expect(
      valid(await runRollout({ ...base, models: { main: silent }, suite, task: first(suite) })),
    ).toMatchObject({
      infra: "unknown",
      exit: "model_error",
    });
  });

  it("has an id that depends on everything that identifies it", () => {
    const identity = { suite: "v", harness: "h", task: "t", model: "m", seed: 1, repetition: 0 };
    const ids = [
      identity,
      { ...identity, suite: "w" },
      { ...identity, harness: "i" },
      { ...identity, task: "u" },
      { ...identity, model: "n" },
      { ...identity, seed: 2 },
      { ...identity, repetition: 1 },
      { ...identity, limits: "{}" },
    ].map(rolloutKey);
    expect(new Set(ids).size).toBe(ids.length);
    expect(rolloutKey(identity)).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("createRolloutPool", () => {
  it("keeps order, bounds concurrency and runs nothing twice", async () => {
    const suite = keyWorld();
    let most = 0;
    const model: ModelClient = {
      ...forgetfulModel(),
      generate: async (request, context) => {
        most = Math.max(most, suite.open_.size);
        await new Promise((resolve) => setImmediate(resolve));
        return forgetfulModel().generate(request, context);
      },
    };
    const harness = await plain();
    const records: RolloutRecord[] = [];
    const pool = createRolloutPool({ concurrency: 3, onRecord: (record) => records.push(record) });
    const specs = (suite.tasks() as SuiteTask[]).map((task) => ({
      suite,
      task,
      harness,
      models: { main: model },
      seed: 1,
      repetition: 0,
    }));
    const results = await pool.run([...specs, ...specs]);
    expect(results.map((record) => record.task)).toEqual(
      [...specs, ...specs].map((spec) => spec.task.id),
    );
    expect(records).toHaveLength(specs.length);
    expect(most).toBe(3);
    await pool.run(specs.slice(0, 2));
    expect(records).toHaveLength(specs.length);
  });

  it("stops when it is aborted and resumes with what is missing", async () => {
    const suite = keyWorld();
    const harness = await plain();
    const controller = new AbortController();
    const ended: string[] = [];
    const pool = createRolloutPool({
      concurrency: 1,
      signal: controller.signal,
      onRecord: (record) => {
        ended.push(record.id);
        if (ended.length === 3) controller.abort();
      },
    });
    const specs = (suite.tasks() as SuiteTask[]).map((task) => ({
      suite,
      task,
      harness,
      models: { main: forgetfulModel() },
      seed: 1,
      repetition: 0,
    }));
    await expect(pool.run(specs)).rejects.toMatchObject({ code: "HX_ROLLOUT_ABORTED" });
    expect(ended).toHaveLength(3);
    expect(suite.open_.size).toBe(0);
  });
});

describe("bench", () => {
  it("measures one harness with its noise floor", async () => {
    const suite = keyWorld();
    const report = await bench({
      suite,
      arms: [{ name: "plain", harness: await plain() }],
      models: { main: forgetfulModel() },
      reps: 3,
      seed: 5,
    });
    expect(report.outcomes).toHaveLength(36);
    expect(report.comparison).toBeUndefined();
    expect(report.noiseFloor).toBeGreaterThan(0.05);
    expect(report.arms[0]).toMatchObject({ name: "plain", tasks: 12, trials: 36, infra: 0 });
    expect(report.arms[0]!.clusters.map((cluster) => cluster.cluster)).toHaveLength(3);
    expect(report.policy).toBe("rule");
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it("compares two harnesses in pairs, and repeats to the letter", async () => {
    const suite = keyWorld();
    const options = {
      suite,
      arms: [
        { name: "short", harness: await plain() },
        { name: "long", harness: await defineHarness({ name: "long", limits: { maxSteps: 40 } }) },
      ],
      models: { main: forgetfulModel() },
      reps: 2,
      seed: 5,
      split: "train" as const,
    };
    const report = await bench(options);
    expect(report.tasks).toHaveLength(6);
    expect(report.comparison!.delta).toBeGreaterThan(0.2);
    // With common random numbers a longer run only adds steps: nothing is lost.
    expect(report.comparison!.losses).toBe(0);
    const again = await bench(options);
    const timeless = (value: unknown) =>
      JSON.stringify(value, (key, inner: unknown) => (key === "ms" ? 0 : inner));
    expect(timeless(again)).toBe(timeless(report));
  });

  it("measures a harness against itself under fresh seeds", async () => {
    const harness = await plain();
    const arms = [
      { name: "a", harness },
      { name: "b", harness },
    ];
    const report = await bench({
      suite: keyWorld(),
      arms,
      models: { main: forgetfulModel() },
      reps: 4,
      seed: 3,
    });
    expect(report.comparison!.wins + report.comparison!.losses).toBeGreaterThan(0);
    expect(Math.abs(report.comparison!.delta)).toBeLessThan(0.35);
  });

  it("refuses what cannot be measured", async () => {
    const harness = await plain();
    const base = { suite: keyWorld(), models: { main: oracleModel() }, reps: 1, seed: 1 };
    await expect(bench({ ...base, arms: [] })).rejects.toMatchObject({
      code: "HX_AEGIS_BENCH_INVALID",
    });
    await expect(bench({ ...base, arms: [{ name: "a", harness }], reps: 0 })).rejects.toMatchObject(
      { code: "HX_AEGIS_BENCH_INVALID" },
    );
    await expect(
      bench({ ...base, arms: [{ name: "a", harness }], tasks: ["nope"] }),
    ).rejects.toMatchObject({ code: "HX_ROLLOUT_TASK_UNKNOWN" });
  });
});
