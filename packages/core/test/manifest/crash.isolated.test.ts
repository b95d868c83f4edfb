import type * as FsPromises from "node:fs/promises";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  emptyLock,
  readLock,
  readManifest,
  withLockEntry,
  writeManifestAndLock,
  type Lock,
  type Manifest,
} from "../../src/manifest/index.ts";

const power = vi.hoisted(() => ({ stepsLeft: Number.POSITIVE_INFINITY }));

/** After so many steps every further change of the disk fails, tidying up included: a dead process. */
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof FsPromises>();
  const guard =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    (...args: Args): Promise<Result> =>
      power.stepsLeft-- > 0 ? call(...args) : Promise.reject(new Error("the power is off"));
  return { ...real, open: guard(real.open), rename: guard(real.rename), rm: guard(real.rm) };
});

const pair = (version: string): [Manifest, Lock] => [
  { name: "n", version },
  withLockEntry(emptyLock, "x", {
    use: "x",
    version,
    integrity: `sha256-${"0".repeat(64)}`,
    capabilities: {},
    decidedBy: "human",
  }),
];

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "hx-crash-"));
});
afterEach(async () => {
  power.stepsLeft = Number.POSITIVE_INFINITY;
  await rm(dir, { recursive: true });
});

it("leaves the old pair or the new one, never a mixture, wherever a write is cut off", async () => {
  const outcomes: string[] = [];
  const leftBehind = new Set<string>();
  for (let steps = 0; ; steps++) {
    await writeManifestAndLock(dir, ...pair("old"));
    power.stepsLeft = steps;
    const finished = await writeManifestAndLock(dir, ...pair("new")).then(
      () => true,
      () => false,
    );
    power.stepsLeft = Number.POSITIVE_INFINITY;
    const manifest = await readManifest(join(dir, "harness.json"));
    const lock = await readLock(join(dir, "harness.lock.json"));
    expect(lock.entries["x"]?.version).toBe(manifest.version);
    for (const name of await readdir(dir)) leftBehind.add(name.replace(String(process.pid), "pid"));
    outcomes.push(manifest.version);
    if (finished) break;
  }
  // Once the new pair is there, no later cut brings the old one back.
  expect(outcomes.toSorted((a, b) => (a < b ? 1 : -1))).toEqual(outcomes);
  expect(new Set(outcomes)).toEqual(new Set(["old", "new"]));
  expect([...leftBehind].toSorted()).toEqual([
    ".harness.commit.json.pid.tmp",
    ".harness.json.pid.tmp",
    ".harness.lock.json.pid.tmp",
    "harness.commit.json",
    "harness.json",
    "harness.lock.json",
  ]);
});
