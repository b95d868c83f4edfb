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
});

test("Ctrl-C stops an evolution", async () => {
  const dir = await scratch();
  await writeFile(join(dir, "harness.json"), JSON.stringify({ name: "mine", version: "1" }));
  const argv = ["evolve", "household", "--model", "tiny-policy", "--rounds", "3", "--json"];
  const outcome = await hx(dir, argv, { onStart: (interrupt) => setTimeout(interrupt, 800) });
  expect(outcome.exit).toBe(130);
  expect(outcome.json().code).toBe("HX_ROLLOUT_ABORTED");
});
