import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { hx, scratch } from "./run-hx.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

test("the third-party processor conforms", async () => {
  const outcome = await hx(root, ["plugin", "test", "examples/third-party-processor", "--json"]);
  expect(outcome.json().checks.filter((check: { ok: boolean }) => !check.ok)).toEqual([]);
  expect(outcome.exit).toBe(0);
});

test("the quickstart loads and runs", async () => {
  const dir = await scratch();
  expect((await hx(root, ["manifest", "check", "examples/quickstart"])).exit).toBe(0);
  const models = [
    "--harness",
    "examples/quickstart",
    "--models",
    "examples/quickstart/models.json",
  ];
  const run = await hx(root, [
    "run",
    "--suite",
    "household",
    ...models,
    "--trace-dir",
    dir,
    "--json",
  ]);
  expect(run.json()).toMatchObject({
    score: { passed: expect.any(Boolean) },
    totals: { steps: expect.any(Number) },
  });
});
