import { join } from "node:path";
import { apply, loadHarness, requireManifest } from "@harnessx/core";
import { beforeAll, describe, expect, test } from "vitest";
import {
  certifyPair,
  evolveSql,
  inWorkspace,
  load,
  oneTurn,
  once,
  openWorld,
  published,
  recordedRates,
  show,
  showEvolution,
  tasksOf,
  type World,
} from "./intercode-evolution.ts";
import { hasData, why } from "./intercode.ts";

describe.skipIf(!hasData)(`evolution on InterCode-SQL, policy: recorded${why}`, () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  /** Everything but the sealed tasks. */
  const openTasks = async () => [
    ...(await tasksOf(world, "train")),
    ...(await tasksOf(world, "validation")),
  ];

  test("begun at one turn it reaches the best recording and does not take ten turns on top", async () => {
    await inWorkspace(oneTurn, async (dir) => {
      const report = await evolveSql(world, dir, {
        rounds: 2,
        reps: 1,
        trainTasks: 80,
        sealedTasks: "all",
        policy: once,
      });
      showEvolution(report);
      expect(report.policy).toBe("recorded");
      expect(report.decisions[0]).toMatchObject({ round: 1, decision: "APPLY" });
      expect(report.packages.join()).toContain("prefetch");
      expect(report.rounds[1]).not.toHaveProperty("shipped");
      expect(report.rounds[1]!.candidates.map(({ operator }) => operator)).toContain(
        "replace:@harnessx/processor-system-prompt#ten-turns",
      );

      const rates = await recordedRates(await tasksOf(world, "sealed"));
      console.table(rates);
      const evolved = report.sealed!.arms.find(({ name }) => name === "evolved")!;
      expect(evolved.passRate).toBeCloseTo(rates["single-turn-schema"]!, 2);
      expect(evolved.passRate).toBeGreaterThan(Math.max(...Object.values(rates)) - 0.005);
      for (const { mean, interval } of report.sealed!.gains) {
        expect(mean).toBeGreaterThan(0.5);
        expect(interval[0]).toBeGreaterThan(0);
      }

      const schema = await loadHarness(join(dir, "harness.json"));
      const { maxSteps } = schema.manifest.limits!;
      const [{ options: from }, { options: to }] = [
        schema.manifest.processors![0]!,
        published("ten-turns").processors![0]!,
      ];
      const longer = requireManifest(
        apply(
          [
            { op: "configure", id: "prompt", from: from!, to: to! },
            { op: "set", path: ["limits", "maxSteps"], from: maxSteps!, to: 13 },
          ],
          schema.manifest,
        ),
      );
      for (const policy of [once, {}]) {
        const candidate = await load(longer, dir);
        const verdict = await certifyPair(world, schema, candidate, await openTasks(), policy);
        show("schema and ten turns over schema", verdict);
        expect(verdict.decision).not.toBe("APPLY");
        expect(Math.abs(verdict.effect)).toBeLessThan(0.05);
      }
    });
  });

  test("after ReAct plan-and-solve is refused", async () => {
    const react = await load(published("react"));
    const plan = await load(published("plan-and-solve"));
    for (const policy of [once, {}]) {
      const verdict = await certifyPair(world, react, plan, await openTasks(), policy);
      show("plan-and-solve over ReAct", verdict);
      expect(verdict.decision).toBe("REJECT");
      expect(verdict.effect).toBeLessThan(0);
    }
  });
});
