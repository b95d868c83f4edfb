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
