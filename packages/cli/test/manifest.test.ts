import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hx, scratch } from "./run-hx.ts";

const base = {
  name: "shopper",
  version: "1",
  processors: [{ id: "hello", use: "@harnessx/processor-hello" }],
};

async function folder(files: Record<string, unknown>): Promise<string> {
  const dir = await scratch();
  for (const [name, value] of Object.entries(files))
    await writeFile(join(dir, name), JSON.stringify(value));
  return dir;
}

test("check loads everything and prints the order in which it runs", async () => {
  const dir = await folder({
    "harness.json": {
      ...base,
      processors: [...base.processors, { id: "loops", use: "@harnessx/processor-loop-guard" }],
    },
  });
  const { exit, stdout } = await hx(dir, ["manifest", "check", "harness.json"]);
  expect(exit).toBe(0);
  expect(stdout).toMatch(/^1 {2}loops .*\n2 {2}hello /m);
  const json = (await hx(dir, ["manifest", "check", ".", "--json"])).json();
  expect(json.processors.map((one: { id: string }) => one.id)).toEqual(["loops", "hello"]);
  expect(json).toMatchObject({
    name: "shopper",
    hash: expect.stringMatching(/^sha256-/),
    limits: { maxSteps: 50 },
  });
});

test("check refuses a typo", async () => {
  const dir = await folder({ "a.json": { ...base, procesors: [] } });
  const outcome = await hx(dir, ["manifest", "check", "a.json", "--json"]);
  expect([outcome.exit, outcome.json().code]).toEqual([3, "HX_MANIFEST_INVALID"]);
});

test("hash depends on meaning, not on spelling", async () => {
  const dir = await folder({
    "a.json": base,
    "b.json": {
      version: "1",
      limits: { maxSteps: 50 },
      processors: base.processors,
      name: "shopper",
    },
    "c.json": { ...base, limits: { maxSteps: 51 } },
  });
  const hashes = await Promise.all(
    ["a.json", "b.json", "c.json"].map(async (file) =>
      (await hx(dir, ["manifest", "hash", file])).stdout.trim(),
    ),
  );
  expect(hashes[0]).toMatch(/^sha256-[0-9a-f]{64}$/);
  expect(hashes[1]).toBe(hashes[0]);
  expect(hashes[2]).not.toBe(hashes[0]);
  const text = (await hx(dir, ["manifest", "hash", "a.json", "--text", "--json"])).json();
  expect(text).toMatchObject({ of: "manifest", hash: expect.not.stringMatching(hashes[0]!) });
});

test("diff lists typed edits and exits with 1 when there are any", async () => {
  const dir = await folder({
    "a.json": base,
    "b.json": {
      ...base,
      version: "2",
      processors: [
        { ...base.processors[0], options: { greeting: "Hi." } },
        { id: "loops", use: "@harnessx/processor-loop-guard" },
      ],
    },
  });
  const { exit, stdout } = await hx(dir, ["manifest", "diff", "a.json", "b.json"]);
  expect(exit).toBe(1);
  expect(stdout).toContain("+ loops");
  expect(stdout).toContain('~ hello.options  nothing → {"greeting":"Hi."}');
  expect(stdout).toContain('~ version  "1" → "2"');
  const json = (await hx(dir, ["manifest", "diff", "a.json", "b.json", "--json"])).json();
  expect(json.edits.map((edit: { op: string }) => edit.op).toSorted()).toEqual([
    "configure",
    "insert",
    "set",
  ]);
  const same = await hx(dir, ["manifest", "diff", "a.json", "a.json"]);
  expect([same.exit, same.stdout]).toEqual([0, expect.stringMatching(/^same {2}sha256-/)]);
});
