import { access, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadHarness, type LoadedHarness } from "@harnessx/core";
import type { Suite } from "@harnessx/core/plugin";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  bench,
  evolve,
  JOURNAL,
  openJournal,
  readJournal,
  replayVerdicts,
  rollback,
  type EvolutionProgress,
  type EvolutionReport,
} from "../../src/index.ts";
import { forgetfulModel, keyWorld } from "../support/key-world.ts";
import { keyWorkspace } from "../support/workspace.ts";

let dir: string;
let report: EvolutionReport;
const progress: EvolutionProgress[] = [];
const opened = new Set<string>();
/** What was open until the installation. */
let decidedOn: ReadonlySet<string> = new Set();

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
    sealedTasks: "all",
    onProgress: (item) => {
      progress.push(item);
      if (item.stage === "install") decidedOn = new Set(opened);
    },
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

  it("opens no sealed task before everything is decided", async () => {
    const tasks = await keyWorld({ tasks: 96 }).tasks();
    const splitsOf = (ids: ReadonlySet<string>) =>
      new Set(tasks.filter(({ id }) => ids.has(id)).map(({ split }) => split));
    expect(splitsOf(decidedOn)).toEqual(new Set(["train", "validation"]));
    expect(splitsOf(opened)).toEqual(new Set(["train", "validation", "sealed"]));
  });

  it("writes every stage's artefact, from train alone until the gate", async () => {
    const round = join(dir, ".harnessx/evolution/1");
    expect((await readdir(round)).toSorted()).toEqual([
      "candidates",
      "candidates.json",
      "critique.json",
      "digest.json",
      "evolution.json",
      "landscape.json",
      "rollouts.json",
      "round.json",
      "traces",
      "verdicts.json",
      "verification",
    ]);
    const validation = (await keyWorld({ tasks: 96 }).tasks()).filter(
      ({ split }) => split !== "train",
    );
    for (const name of ["digest.json", "landscape.json", "rollouts.json", "candidates.json"]) {
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
      "floor",
      "baseline",
      "digest",
      "plan",
      "evolve",
      "verify",
      "screen",
      "certify",
      "install",
      "seal",
    ]);
  });

  it("leaves nothing in the store that is not installed", async () => {
    const names = await readdir(join(dir, ".harnessx/plugins"));
    expect(names.map((name) => `.harnessx/plugins/${name}`).toSorted()).toEqual(
      report.packages.toSorted(),
    );
  });

  it("puts a noise floor before the first verdict and counts what every stage spent", () => {
    const kinds = readJournal(join(dir, JOURNAL)).map(({ t }) => t);
    expect(kinds.slice(0, 3)).toEqual(["begin", "floor", "round"]);
    expect(kinds.at(-1)).toBe("end");
    const { floor, spent, rollouts } = report;
    expect(floor!.pairs).toBe(24);
    expect(floor!.halfWidth).toBeGreaterThan(0);
    const sum = Object.values(spent).reduce((total, one) => total + one.rollouts, 0);
    expect(sum).toBe(rollouts);
  });

  it("measures sealed tasks once, beside what retries of the beginning reach", () => {
    const { sealed } = report;
    expect(sealed!.arms.map(({ name }) => name)).toEqual([
      "seed",
      "seed pass@4",
      expect.stringMatching(/^seed best-of-\d$/),
      "no-op evolver",
      "evolved",
    ]);
    const [seed, passAt4, best, , evolved] = sealed!.arms;
    expect(passAt4!.passRate).toBeGreaterThanOrEqual(seed!.passRate);
    // Equal cost: n answers of the beginning are at least as dear as one of the evolved harness.
    expect(best!.tokens).toBeGreaterThanOrEqual(evolved!.tokens * 0.9);
    const over = sealed!.gains.find((gain) => gain.over === "seed")!;
    expect(over.mean).toBeCloseTo(evolved!.passRate - seed!.passRate, 9);
    expect(over.interval[0]).toBeLessThan(over.mean);
    expect(over.interval[1]).toBeGreaterThan(over.mean);
    const seals = readJournal(join(dir, JOURNAL)).filter(({ t }) => t === "seal");
    expect(seals).toHaveLength(1);
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

  it("goes back to the exact harness, which plays as it did before", async () => {
    const other = await mkdtemp(join(tmpdir(), "aegis-back-"));
    await cp(dir, other, { recursive: true });
    const file = join(other, "harness.json");
    const evolved = await loadHarness(file, { lock: false });
    const { to } = await rollback({ dir: other, journal: openJournal(join(other, JOURNAL)) });
    const back = await loadHarness(file, { lock: false });
    expect([to, back.hash]).toEqual([report.before, report.before]);
    const never = await keyWorkspace();
    const seed = await loadHarness(join(never, "harness.json"), { lock: false });
    const measure = (first: LoadedHarness, second: LoadedHarness) =>
      bench({
        suite: keyWorld({ tasks: 96 }),
        arms: [
          { name: "first", harness: first },
          { name: "second", harness: second },
        ],
        models: { main: forgetfulModel() },
        reps: 2,
        seed: 7,
      });
    const same = await measure(seed, back);
    expect(Math.abs(same.comparison!.delta)).toBeLessThanOrEqual(same.noiseFloor);
    // The same measurement tells harnesses apart that differ.
    expect((await measure(seed, evolved)).comparison!.interval[0]).toBeGreaterThan(same.noiseFloor);
    await rm(other, { recursive: true, force: true });
    await rm(never, { recursive: true, force: true });
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
