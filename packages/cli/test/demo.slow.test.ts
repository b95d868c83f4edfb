import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hx, scratch, spawnHx } from "./run-hx.ts";

test(
  "the demo measures a real improvement and leaves a harness, plugins and traces",
  { timeout: 600_000 },
  async () => {
    const dir = await scratch();
    const { exit, stdout, stderr } = await spawnHx(dir, ["demo", "--dir", "demo", "--json"])
      .outcome;
    expect([exit, exit === 0 ? "" : stderr]).toEqual([0, ""]);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      seed: 1,
      games: "generated",
      policy: "tiny-policy",
      before: { n: 100 },
      after: { n: 100 },
      decisions: [{ decision: "APPLY" }],
      trace: expect.stringMatching(/\.jsonl$/),
    });
    expect(report.after.passRate - report.before.passRate).toBeGreaterThan(report.noiseFloor);
    expect((await hx(dir, ["plugin", "verify", "--harness", "demo"])).exit).toBe(0);
    expect((await hx(dir, ["trace", "show", report.trace])).exit).toBe(0);
    for (const folder of report.packages) {
      const tested = await hx(dir, ["plugin", "test", join("demo", folder), "--json"]);
      expect(tested.json()).toMatchObject({ ok: true });
    }
  },
);

test("evolve tells its stages and verdicts in short lines", { timeout: 600_000 }, async () => {
  const dir = await scratch();
  await writeFile(join(dir, "harness.json"), JSON.stringify({ name: "mine", version: "1" }));
  const sizes = ["--set", 'generate={"train":40,"validation":60,"sealed":0}'];
  const { exit, stdout } = await hx(dir, [
    "evolve",
    "household",
    ...sizes,
    "--model",
    "tiny-policy",
  ]);
  expect(exit).toBe(0);
  expect(stdout).toMatch(/^round 1\nbaseline {3}\d/m);
  expect(stdout).toMatch(/^gate 1 {5}[A-Z]+, [+-]\d/m);
  expect(stdout).toMatch(/^harness {4}[0-9a-f]{12}/m);
  const long = stdout.split("\n").filter((line) => line.length > 80);
  // Paths are never cut.
  expect(long.filter((line) => !line.includes(".harnessx/"))).toEqual([]);
});
