import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { evolutionRecordSchema, JOURNAL, openJournal } from "@harnessx/aegis";
import { validatorFor } from "@harnessx/core";
import { expect, test } from "vitest";
import { evolveReportCommand } from "../src/commands/evolve-report.ts";
import { noLines } from "../src/io.ts";
import { Session } from "../src/session.ts";
import { scratch } from "./run-hx.ts";

/** A workspace whose only run came to nothing. */
function workspace(dir: string): void {
  const journal = openJournal(join(dir, JOURNAL));
  const harness = "sha256-0123456789abcdef";
  journal.append({
    t: "begin",
    run: 1,
    suite: "household",
    verifier: "household-1",
    data: "generated games",
    model: "tiny-policy",
    policy: "tiny-policy",
    seed: 1,
    harness,
    options: "o",
  });
  journal.append({ t: "round", round: 1, harness, seed: 1, variant: "main", clusters: [] });
  journal.append({ t: "end", run: 1, harness, rollouts: 12, why: "nothing to act on" });
}

/** Runs the command by itself, wherever it is attached. */
async function report(cwd: string, ...argv: string[]): Promise<string> {
  let stdout = "";
  const session = new Session({
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: () => true },
    env: {},
    cwd,
    interactive: false,
    ask: () => Promise.resolve(""),
    lines: noLines,
    onInterrupt: () => () => undefined,
  });
  await evolveReportCommand(session).parseAsync(argv, { from: "user" });
  return stdout;
}

test("report writes one page and says the main facts", async () => {
  const dir = await scratch();
  workspace(dir);
  const printed = await report(dir, "--out", "out/page.html");
  expect(printed).toMatch(/^page {7}out\/page\.html$/m);
  expect(printed).toMatch(/^harness {4}unchanged$/m);
  expect(printed).toMatch(/^spent {6}12 episodes at least$/m);
  const page = await readFile(join(dir, "out/page.html"), "utf8");
  expect(page).toContain("No change held up");
  expect(page).toContain("tiny policy: a small trained network, no language model");
});

test("report --json prints the record and writes a page only where --out says", async () => {
  const dir = await scratch();
  workspace(join(dir, "mine"));
  const record = JSON.parse(await report(dir, "--harness", "mine/harness.json", "--json"));
  expect(validatorFor(evolutionRecordSchema)(record)).toBeUndefined();
  expect(record).toMatchObject({ v: 1, headline: { state: "unchanged", unfinished: false } });
  await expect(stat(join(dir, "report.html"))).rejects.toMatchObject({ code: "ENOENT" });
  await report(dir, "--harness", "mine/harness.json", "--json", "--out", "report.html");
  expect((await stat(join(dir, "report.html"))).size).toBeGreaterThan(1000);
});

test("report fails where nothing has evolved", async () => {
  const dir = await scratch();
  await expect(report(dir)).rejects.toMatchObject({ code: "HX_AEGIS_REPORT_EMPTY" });
});
