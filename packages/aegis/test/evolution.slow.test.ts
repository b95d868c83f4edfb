import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadPlugin, resolveOptions } from "@harnessx/core";
import type { ModelDefinition, SuiteDefinition } from "@harnessx/core/plugin";
import { expect, it } from "vitest";
import { evolve, JOURNAL, readJournal, replayVerdicts, runDemo } from "../src/index.ts";
import { forgetfulModel, keyWorld } from "./support/key-world.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

async function household() {
  const suite = await loadPlugin("@harnessx/adapter-household", root);
  const model = await loadPlugin("@harnessx/adapter-tiny-policy", root);
  return {
    suite: await (suite.definition as SuiteDefinition).create(resolveOptions(suite, "suite"), {
      root,
    }),
    main: await (model.definition as ModelDefinition).create(resolveOptions(model, "model")),
  };
}

it.each([1, 2, 3])(
  "improves a bare harness on sealed household tasks by more than the noise, seed %i",
  async (seed) => {
    const { suite, main } = await household();
    const dir = await mkdtemp(join(tmpdir(), "aegis-demo-"));
    const report = await runDemo({ suite, models: { main }, dir, seed });
    expect(report.after.passRate - report.before.passRate).toBeGreaterThan(report.noiseFloor);
    expect(report.after.interval[0]).toBeGreaterThan(report.before.interval[1]);
    expect(report.packages.length).toBeGreaterThan(0);
    expect(
      replayVerdicts(readJournal(join(dir, JOURNAL))).every(({ identical }) => identical),
    ).toBe(true);
    expect(report.ms).toBeLessThan(180_000);
    await rm(dir, { recursive: true, force: true });
  },
);

it("writes the same journal for the same seed, wherever it runs", async () => {
  const journals: string[] = [];
  for (let run = 0; run < 2; run += 1) {
    const dir = await mkdtemp(join(tmpdir(), "aegis-twice-"));
    await writeFile(
      join(dir, "harness.json"),
      JSON.stringify({ name: "k", version: "1", limits: { maxSteps: 9 } }),
    );
    await evolve({
      dir,
      suite: keyWorld({ tasks: 96 }),
      models: { main: forgetfulModel() },
      seed: 4,
      rounds: 2,
    });
    journals.push(await readFile(join(dir, JOURNAL), "utf8"));
    await rm(dir, { recursive: true, force: true });
  }
  expect(journals[1]).toBe(journals[0]);
});
