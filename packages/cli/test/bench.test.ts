import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hx, scratch } from "./run-hx.ts";

const few = [
  "bench",
  "household",
  "--model",
  "oracle",
  "--set",
  'generate={"train":3,"validation":6,"sealed":1}',
];

test("prints rates with intervals, the noise floor and a line for each cluster", async () => {
  const { exit, stdout } = await hx(await scratch(), [...few, "--tasks", "4", "--reps", "2"]);
  expect(exit).toBe(0);
  expect(stdout).toContain("household, 4 tasks of validation × 2 repetitions, seed 1");
  expect(stdout).toContain("oracle (policy: oracle)");
  expect(stdout).toMatch(/^base +8\/8 +100\.0% +\[\d+\.\d%, 100\.0%\]/m);
  expect(stdout).toMatch(/^noise floor ±\d+\.\d points/m);
  expect(stdout).toMatch(/^cluster +tasks/m);
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("--json has the first harness's results on top and every outcome", async () => {
  const dir = await scratch();
  const outcome = await hx(dir, [
    ...few,
    "--reps",
    "2",
    "--seed",
    "5",
    "--trace-dir",
    "traces",
    "--json",
  ]);
  expect(outcome.exit).toBe(0);
  const report = outcome.json();
  expect(report).toMatchObject({
    suite: "household",
    split: "validation",
    policy: "oracle",
    seed: 5,
    reps: 2,
    tasks: 6,
    trials: 12,
    passed: 12,
    passRate: 1,
    interval: [expect.any(Number), 1],
    noiseFloor: 0,
    harness: expect.stringMatching(/^sha256-/),
  });
  expect(report.outcomes).toHaveLength(12);
  expect(report.outcomes[0]).toMatchObject({
    task: expect.any(String),
    passed: true,
    trace: expect.any(String),
  });
  expect(
    (await readdir(join(dir, "traces"))).filter((name) => name.endsWith(".jsonl")),
  ).toHaveLength(12);
});

test("a smaller sample is part of a larger one, whatever the seed", async () => {
  const dir = await scratch();
  const ids = async (...argv: string[]): Promise<string[]> =>
    (await hx(dir, [...few, "--json", ...argv])).json().taskIds;
  const [small, large] = [await ids("--tasks", "2", "--seed", "9"), await ids("--tasks", "5")];
  expect(large.slice(0, 2)).toEqual(small);
});

test("--vs compares two harnesses on the same tasks", async () => {
  const dir = await scratch();
  await writeFile(
    join(dir, "short.json"),
    JSON.stringify({ name: "short", version: "1", limits: { maxSteps: 1 } }),
  );
  const { exit, stdout } = await hx(dir, [...few, "--vs", "short.json"]);
  expect(exit).toBe(0);
  expect(stdout).toMatch(/^difference {2}-100\.0 points {2}\[-100\.0, -100\.0\]$/m);
  expect(stdout).toMatch(/^pairs {7}0 won, 6 lost, 0 tied$/m);
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  const json = (await hx(dir, [...few, "--vs", "short.json", "--json"])).json();
  expect(json).toMatchObject({
    passRate: 1,
    vs: { name: "short", passRate: 0 },
    comparison: { delta: -1, wins: 0, losses: 6, ties: 0 },
  });
  expect(json.outcomes).toHaveLength(12);
});

test("options of a suite are read as its schema says", async () => {
  const dir = await scratch();
  const missing = await hx(dir, [
    "bench",
    "household",
    "--model",
    "oracle",
    "--set",
    "games=a.jsonl,b.jsonl",
    "--json",
  ]);
  expect(missing.exit).toBe(3);
  expect(missing.json()).toMatchObject({
    code: expect.stringMatching(/^HX_/),
    message: expect.stringContaining("a.jsonl"),
  });
  const wrong = await hx(dir, [
    "bench",
    "household",
    "--model",
    "oracle",
    "--set",
    "tols=act",
    "--json",
  ]);
  expect([wrong.exit, wrong.json().code]).toEqual([3, "HX_PLUGIN_OPTIONS_INVALID"]);
  const act = await hx(dir, [...few, "--tasks", "1", "--set", "tools=act", "--json"]);
  expect(act.exit).toBe(0);
  const none = await hx(dir, [...few, "--split", "canary", "--json"]);
  expect([none.exit, none.json().code]).toEqual([3, "HX_CLI_SUITE_EMPTY"]);
});

test("Ctrl-C stops a measurement and says how far it came", async () => {
  const dir = await scratch();
  const outcome = await hx(dir, ["bench", "household", "--model", "tiny-policy", "--reps", "50"], {
    onStart: (interrupt) => setTimeout(interrupt, 1500),
  });
  expect(outcome.exit).toBe(130);
  expect(outcome.stderr).toMatch(/^Interrupted after [\d,]+ episodes?\.$/m);
});
