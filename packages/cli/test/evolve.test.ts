import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hx, scratch } from "./run-hx.ts";

test("a stage without a round says so", async () => {
  const dir = await scratch();
  await writeFile(join(dir, "harness.json"), JSON.stringify({ name: "mine", version: "1" }));
  const outcome = await hx(dir, ["evolve", "plan", "household", "--json"]);
  expect([outcome.exit, outcome.json().code]).toEqual([3, "HX_CLI_NO_ROUND"]);
});

test("Ctrl-C stops an evolution", async () => {
  const dir = await scratch();
  await writeFile(join(dir, "harness.json"), JSON.stringify({ name: "mine", version: "1" }));
  const argv = ["evolve", "household", "--model", "tiny-policy", "--rounds", "3", "--json"];
  const outcome = await hx(dir, argv, { onStart: (interrupt) => setTimeout(interrupt, 800) });
  expect(outcome.exit).toBe(130);
  expect(outcome.json().code).toBe("HX_ROLLOUT_ABORTED");
});
