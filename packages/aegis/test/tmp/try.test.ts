import { mkdtemp } from "node:fs/promises";
import { defineHarness } from "@harnessx/core";
import { it } from "vitest";
import { bench, checkEvidence, digestRollouts, evidenceOf, plan, propose, verifyPackage } from "../../src/index.ts";
import { forgetfulModel, keyWorld } from "../support/key-world.ts";
it("tries", async () => {
  const suite = keyWorld({ tasks: 24 });
  const harness = await defineHarness({ name: "plain", limits: { maxSteps: 9 } });
  const dir = await mkdtemp("/tmp/aegis-try-");
  const t0 = performance.now();
  const report = await bench({ suite, arms: [{ name: "a", harness }], models: { main: forgetfulModel() }, reps: 4, seed: 1, split: "train", traceDir: dir + "/t" });
  console.log("bench", performance.now() - t0, report.arms[0]!.passRate, report.noiseFloor);
  const digest = await digestRollouts(report.outcomes, await suite.tasks());
  console.log(JSON.stringify(digest, null, 1).slice(0, 6000));
  await checkEvidence(evidenceOf(digest));
  const land = plan(digest, harness.manifest, [], 1);
  console.log(JSON.stringify(land.directions.slice(0, 6)));
  const cands = propose(digest, land, { round: 1, parent: harness.hash, manifest: harness.manifest, catalogue: [], exclude: new Set() });
  for (const c of cands) {
    console.log(c.operator, c.manifest.predict.delta);
    for (const p of c.packages) {
      const t = performance.now();
      const v = await verifyPackage(p, { dir, traces: report.outcomes.slice(0, 2).map((o) => o.trace!) });
      console.log(p.name, v.report.ok, JSON.stringify(v.report.checks.filter((x) => !x.ok), null, 1), performance.now() - t, v.folder);
    }
  }
}, 60000);
