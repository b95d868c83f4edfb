import { access, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadHarness } from "@harnessx/core";
import type { Suite } from "@harnessx/core/plugin";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  evolve,
  JOURNAL,
  readJournal,
  replayVerdicts,
  type EvolutionProgress,
  type EvolutionReport,
} from "../../src/index.ts";
import { forgetfulModel, keyWorld } from "../support/key-world.ts";
import { keyWorkspace } from "../support/workspace.ts";

let dir: string;
let report: EvolutionReport;
const progress: EvolutionProgress[] = [];
const opened = new Set<string>();

/** Remembers which tasks were opened. */
function watched(suite: Suite): Suite {
  return { ...suite, open: (id, options) => (opened.add(id), suite.open(id, options)) };
}

beforeAll(async () => {
  dir = await keyWorkspace();
  report = await evolve({
    dir,
    suite: watched(keyWorld({ tasks: 96 })),
    models: { main: forgetfulModel() },
    rounds: 1,
    seed: 1,
    onProgress: (item) => progress.push(item),
  });
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe("evolve", () => {
  it("ships a generated package that the gate certified", async () => {
    expect(report.decisions).toMatchObject([{ decision: "APPLY" }]);
    expect(report.after).not.toBe(report.before);
    expect(report.packages.join()).toContain("place-memory");
    for (const path of report.packages) await access(join(dir, path, "src/index.ts"));
    const harness = await loadHarness(join(dir, "harness.json"));
    expect(harness.hash).toBe(report.after);
    const lock = JSON.parse(await readFile(join(dir, "harness.lock.json"), "utf8"));
    expect(lock.entries["place-memory"].decidedBy).toBe("verdict-1");
  });

  it("never opens a sealed task", async () => {
    const tasks = await keyWorld({ tasks: 96 }).tasks();
    const splits = new Set(tasks.filter(({ id }) => opened.has(id)).map(({ split }) => split));
    expect(splits).toEqual(new Set(["train", "validation"]));
  });

  it("writes every stage's artefact, from train alone until the gate", async () => {
    const round = join(dir, ".harnessx/evolution/1");
    expect((await readdir(round)).toSorted()).toEqual([
      "candidates",
      "digest.json",
      "evolution.json",
      "landscape.json",
      "rollouts.json",
      "round.json",
      "traces",
      "verdict.json",
      "verification",
    ]);
    const validation = (await keyWorld({ tasks: 96 }).tasks()).filter(
      ({ split }) => split !== "train",
    );
    for (const name of ["digest.json", "landscape.json", "rollouts.json"]) {
      const text = await readFile(join(round, name), "utf8");
      for (const { id } of validation) expect(text).not.toContain(id);
      expect(text).not.toContain(dir);
    }
  });

  it("keeps a journal from which the verdict can be reached again", () => {
    const events = readJournal(join(dir, JOURNAL));
    expect(replayVerdicts(events)).toMatchObject([{ id: "verdict-1", identical: true }]);
    expect(events.filter(({ t }) => t === "attempt").length).toBe(
      report.rounds[0]!.candidates.length,
    );
    expect([...new Set(progress.map(({ stage }) => stage))]).toEqual([
      "baseline",
      "digest",
      "plan",
      "evolve",
      "verify",
      "screen",
      "certify",
      "install",
    ]);
  });

  it("leaves nothing in the store that is not installed", async () => {
    const names = await readdir(join(dir, ".harnessx/plugins"));
    expect(names.map((name) => `.harnessx/plugins/${name}`).toSorted()).toEqual(
      report.packages.toSorted(),
    );
  });

  it("refuses what is no workspace", async () => {
    const other = await keyWorkspace();
    await writeFile(join(other, "harness.json"), "{");
    const run = evolve({
      dir: other,
      suite: keyWorld(),
      models: { main: forgetfulModel() },
      seed: 1,
    });
    await expect(run).rejects.toMatchObject({ code: "HX_AEGIS_WORKSPACE_INVALID" });
    await rm(other, { recursive: true, force: true });
  });

  it("ships nothing where nothing helps", async () => {
    const other = await keyWorkspace();
    await writeFile(
      join(other, "harness.json"),
      JSON.stringify({ name: "k", version: "1", limits: { maxSteps: 2 } }),
    );
    const idle = await evolve({
      dir: other,
      suite: keyWorld({ tasks: 24 }),
      models: { main: forgetfulModel() },
      seed: 1,
      rounds: 1,
    });
    expect(idle.after).toBe(idle.before);
    expect(idle.packages).toEqual([]);
    await rm(other, { recursive: true, force: true });
  });
});
