import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSuite } from "@harnessx/adapter-wiki";
import { createWikiPolicy } from "@harnessx/adapter-wiki-policy";
import { expect, it } from "vitest";
import { bench, evolve, JOURNAL, readJournal, replayVerdicts } from "../src/index.ts";
import { loadHarness } from "@harnessx/core";

/** Policy: rule. The seeds are of the rollouts; the articles are the same. */
it.each([1, 2, 3])(
  "a tool that asks the interface is written, certified and installed, seed %i",
  async (seed) => {
    const dir = await mkdtemp(join(tmpdir(), "aegis-wiki-"));
    const file = join(dir, "harness.json");
    await writeFile(file, JSON.stringify({ name: "wiki", version: "1", limits: { maxSteps: 12 } }));
    const before = await loadHarness(file);
    const suite = createSuite({});
    const main = createWikiPolicy();
    const report = await evolve({
      dir,
      suite,
      models: { main },
      seed,
      rounds: 1,
      allow: { net: ["127.0.0.1"] },
    });
    const manifest = JSON.parse(await readFile(file, "utf8"));
    expect(report.decisions).toMatchObject([{ decision: "APPLY" }]);
    expect(manifest.tools).toMatchObject([{ id: "direct-open-page" }]);
    const verdicts = replayVerdicts(readJournal(join(dir, JOURNAL)));
    expect(verdicts.every(({ identical }) => identical)).toBe(true);
    const sealed = (await suite.tasks()).filter(({ split }) => split === "sealed");
    const { arms } = await bench({
      suite,
      models: { main },
      seed,
      arms: [
        { name: "before", harness: before },
        { name: "after", harness: await loadHarness(file) },
      ],
      tasks: sealed.map(({ id }) => id),
      reps: 1,
    });
    expect(arms[1]!.interval[0]).toBeGreaterThan(arms[0]!.interval[1]);
    await suite.close();
    await rm(dir, { recursive: true, force: true });
  },
);
