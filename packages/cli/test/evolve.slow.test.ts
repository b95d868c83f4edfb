import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hx, scratch } from "./run-hx.ts";

const few = [
  "--set",
  'generate={"train":8,"validation":8,"sealed":2}',
  "--model",
  "tiny-policy",
  "--max-steps",
  "30",
];

test("evolve runs a round, keeps its artefacts, and its --json is the engine's report", async () => {
  const dir = await scratch();
  await writeFile(join(dir, "harness.json"), JSON.stringify({ name: "mine", version: "1" }));
  const outcome = await hx(dir, ["evolve", "household", ...few, "--seed", "3", "--json"]);
  expect([outcome.exit, outcome.json().message]).toEqual([0, undefined]);
  expect(outcome.json()).toMatchObject({
    suite: "household",
    policy: "tiny-policy",
    seed: 3,
    rounds: [{ round: 1, passRate: expect.any(Number) }],
    before: expect.stringMatching(/^sha256-/),
    after: expect.stringMatching(/^sha256-/),
    rollouts: expect.any(Number),
  });
  const journal = await readFile(join(dir, ".harnessx/evolution/journal.jsonl"), "utf8");
  expect(journal).toContain('"round"');
  expect((await hx(dir, ["manifest", "check", "harness.json"])).exit).toBe(0);

  // Every stage alone, on the artefacts that lie there: what a program makes is the same again.
  for (const [stage, file] of [
    ["digest", "digest.json"],
    ["plan", "landscape.json"],
    ["propose", "candidates.json"],
    ["critique", "critique.json"],
  ] as const) {
    const path = join(dir, ".harnessx/evolution/1", file);
    const before = JSON.parse(await readFile(path, "utf8"));
    const again = await hx(dir, ["evolve", stage, "household", ...few.slice(0, 2), "--json"]);
    expect([again.exit, again.json()]).toEqual([0, before]);
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual(before);
  }
  const replay = await hx(dir, ["gate", "replay", "--json"]);
  expect([replay.exit, replay.json().events > 5]).toEqual([0, true]);
  await writeFile(join(dir, ".harnessx/evolution/1/landscape.json"), "{}");
  const broken = await hx(dir, ["evolve", "propose", "household", ...few.slice(0, 2), "--json"]);
  expect([broken.exit, broken.json().code]).toEqual([3, "HX_AEGIS_ARTEFACT_INVALID"]);
});
