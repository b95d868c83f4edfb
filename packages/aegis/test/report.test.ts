import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { validatorFor } from "@harnessx/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  evolutionRecordSchema,
  JOURNAL,
  openJournal,
  readEvolution,
  readJournal,
  renderReport,
} from "../src/index.ts";
import { validationTasks } from "./support/evolution-parts.ts";
import { worldVersions, writeWorld } from "./support/evolution-world.ts";

let worlds: string;
beforeAll(() => {
  worlds = mkdtempSync(join(tmpdir(), "aegis-worlds-"));
  writeWorld(join(worlds, "end"));
  writeWorld(join(worlds, "second certification"), { until: "second certification" });
});
afterAll(() => rmSync(worlds, { recursive: true, force: true }));

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "aegis-report-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A made-up evolution in a folder of the test's own. */
const settle = (until: "end" | "second certification" = "end"): void =>
  cpSync(join(worlds, until), dir, { recursive: true });

const [seed, one, fork, two, oldFork] = worldVersions;

describe("readEvolution", () => {
  it("tells versions, variants and what stands", async () => {
    settle();
    const record = await readEvolution(dir);
    expect(validatorFor(evolutionRecordSchema)(record)).toBeUndefined();
    expect(
      record.versions.map(({ id, label, variant, state }) => [id, label, variant, state]),
    ).toEqual([
      [seed, "v0", "main", "replaced"],
      [one, "v1", "main", "current"],
      [oldFork, "v2", "fork-2", "merged"],
      [fork, "v3", "fork-1", "current"],
      [two, "v4", "main", "rolled_back"],
    ]);
    expect(record.versions.map(({ parents }) => parents)).toEqual([
      [],
      [seed],
      [one],
      [one],
      [one],
    ]);
    expect(record.headline).toMatchObject({
      state: "changed",
      unfinished: false,
      from: seed,
      to: one,
      effect: { split: "sealed", over: "seed", mean: 0.3875, noiseFloor: 0.08 },
      certified: { verdicts: ["verdict-1", "verdict-2"], identical: 2 },
    });
    expect(record.gaps).toEqual([]);
    const alarms = record.happenings.filter(({ alarm }) => alarm).map(({ kind }) => kind);
    expect(alarms).toEqual(["drift", "quarantine", "rollback"]);
  });

  it("tells what became of every candidate, and the words of its evidence", async () => {
    settle();
    const { candidates } = await readEvolution(dir);
    expect(candidates.map(({ operator, outcome }) => [operator.slice(9), outcome])).toEqual([
      ["place-memory", "certified"],
      ["cache-replies", "invalid"],
      ["copy-answers", "criticised"],
      ["shorten-prompt", "screened_out"],
      ["hot-procedure", "forked"],
      ["skip-checks", "refuted"],
      ["retry-once", "rolled_back"],
      ["polite-prompt", "inconclusive"],
    ]);
    const [first] = candidates;
    expect(first!.evidence.map(({ seq, quote }) => [seq, quote])).toEqual([
      [7, "You open the box 3. In it, you see nothing."],
      [11, "Nothing happens."],
      [3, undefined],
    ]);
    expect(first!.packages[0]!.files.map(({ path }) => path)).toEqual([
      "README.md",
      "package.json",
      "src/index.ts",
    ]);
    expect(first!.diff.map(({ sign }) => sign).join("")).toMatch(/^ \++$/);
  });

  it("derives verdicts again, and says so when one does not follow from its outcomes", async () => {
    settle();
    const { verdicts } = await readEvolution(dir);
    expect(verdicts.map(({ decision, replay }) => [decision, replay])).toEqual([
      ["APPLY", "identical"],
      ["FORK", "identical"],
      ["REJECT", "identical"],
      ["APPLY", "identical"],
      ["INCONCLUSIVE", "identical"],
    ]);
    expect(verdicts[1]!.scopeEffect!.mean).toBeGreaterThan(verdicts[1]!.effect!);

    const forged = join(dir, "forged");
    const journal = openJournal(join(forged, JOURNAL));
    for (const { seq: _seq, prev: _prev, hash: _hash, ...entry } of readJournal(join(dir, JOURNAL)))
      journal.append(
        entry.t === "verdict" && entry.id === "verdict-3"
          ? { ...entry, verdict: { ...entry.verdict, decision: "APPLY" } }
          : entry,
      );
    const again = await readEvolution(forged);
    expect(
      again.verdicts.filter(({ replay }) => replay === "different").map(({ id }) => id),
    ).toEqual(["verdict-3"]);
  });

  it("never names a validation task", async () => {
    settle();
    const record = await readEvolution(dir);
    const text = JSON.stringify(record) + renderReport(record);
    expect(validationTasks.filter(({ id }) => text.includes(id))).toEqual([]);
    expect(record.grid).toHaveLength(24);
    expect(record.grid[0]!.text).toMatch(/^Your task is to: cook dish/);
    expect(Object.keys(record.grid[0]!.outcomes)).toEqual([seed, one]);
  });

  it("reads a run that was cut off in the middle of a certification and of a line", async () => {
    settle("second certification");
    const path = join(dir, JOURNAL);
    appendFileSync(path, '{"t":"tri');
    const { headline, verdicts, spend } = await readEvolution(dir);
    expect(headline).toMatchObject({ unfinished: true, state: "changed" });
    expect(verdicts[1]).toMatchObject({ decision: "PENDING", replay: "none", trials: 96 });
    expect(spend.partial).toBe(true);
    expect(readFileSync(path, "utf8").endsWith('{"t":"tri')).toBe(true);
  });

  it("can be read at every length of the journal", async () => {
    settle();
    const path = join(dir, JOURNAL);
    const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
    for (let length = lines.length; length > 0; length -= 7) {
      writeFileSync(path, `${lines.slice(0, length).join("\n")}\n`);
      const record = await readEvolution(dir);
      expect(record.journal.entries).toBe(length);
      expect(renderReport(record)).toContain("</html>");
    }
  });

  it("says what is missing, broken or changed", async () => {
    settle();
    const at = (path: string) => join(dir, ".harnessx/evolution/1", path);
    rmSync(at("rollouts.json"));
    writeFileSync(at("digest.json"), "{");
    const before = await readEvolution(dir);
    const { id } = before.candidates[0]!;
    const candidate = JSON.parse(readFileSync(at(`candidates/${id}.json`), "utf8"));
    candidate.manifest.mechanism = "something else";
    writeFileSync(at(`candidates/${id}.json`), JSON.stringify(candidate));
    const second = join(dir, ".harnessx/evolution/2/digest.json");
    const digest = JSON.parse(readFileSync(second, "utf8"));
    writeFileSync(second, JSON.stringify({ ...digest, actionability: 0.1 }));
    const { gaps, candidates } = await readEvolution(dir);
    expect(gaps.map(({ path, problem }) => `${path.slice(20)} ${problem.slice(0, 14)}`)).toEqual([
      "1/rollouts.json it is missing",
      expect.stringMatching(/^1\/digest\.json /),
      `1/candidates/${id}.json it was changed`,
      "2/digest.json it was changed",
    ]);
    expect(candidates[0]).toMatchObject({ packages: [{ files: [] }] });
    expect(candidates[0]!.mechanism).not.toBe("something else");
  });

  it("does not follow names that lead out of the folder", async () => {
    settle("second certification");
    const proposed = readJournal(join(dir, JOURNAL)).find(({ t }) => t === "proposed");
    if (proposed?.t !== "proposed") throw new Error("no proposal");
    rmSync(join(dir, JOURNAL));
    const journal = openJournal(join(dir, JOURNAL));
    writeFileSync(join(dir, "stolen.json"), JSON.stringify({ v: 1 }));
    journal.append({
      t: "round",
      round: 1,
      harness: seed!,
      seed: 1,
      variant: "main",
      clusters: [],
    });
    const candidate = { ...proposed.candidate, id: "../../../../stolen" };
    journal.append({ t: "proposed", round: 1, candidate });
    const { gaps } = await readEvolution(dir);
    expect(gaps.at(-1)).toEqual({
      path: ".harnessx/evolution/1/candidates/../../../../stolen.json",
      problem: "its name leads out of the folder",
    });
  });

  it("refuses a folder without a journal, and a journal that makes no sense", async () => {
    await expect(readEvolution(dir)).rejects.toMatchObject({ code: "HX_AEGIS_REPORT_EMPTY" });
    const journal = openJournal(join(dir, JOURNAL));
    journal.append({ t: "proposed", round: 1 } as never);
    journal.append({ t: "round", round: "x" } as never);
    await expect(readEvolution(dir)).rejects.toMatchObject({ code: "HX_AEGIS_ARTEFACT_INVALID" });
  });
});
