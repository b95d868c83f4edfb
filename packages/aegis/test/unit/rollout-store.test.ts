import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineHarness, readTrace } from "@harnessx/core";
import type { SuiteTask } from "@harnessx/core/plugin";
import { fc, test } from "@fast-check/vitest";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createRolloutPool,
  openRolloutStore,
  type RolloutFile,
  type RolloutProgress,
  type RolloutRecord,
  type RolloutSpec,
} from "../../src/index.ts";
import { forgetfulModel, keyWorld } from "../support/key-world.ts";

let dir: string;
let path: string;
const opened: RolloutFile[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "aegis-store-"));
  path = join(dir, "rollouts.jsonl");
});
afterEach(async () => {
  for (const store of opened.splice(0)) store.close();
  await rm(dir, { recursive: true, force: true });
});
const open = (run?: string): RolloutFile => {
  const store = openRolloutStore(path, run === undefined ? {} : { run });
  opened.push(store);
  return store;
};

const idOf = (n: number): string => n.toString(16).padStart(64, "0");
const outcome = (n: number, rest: Partial<RolloutRecord> = {}): RolloutRecord => ({
  id: idOf(n),
  suite: "s",
  task: `t${n}`,
  family: "f",
  cluster: "c",
  split: "train",
  harness: "h",
  repetition: 0,
  seed: 1,
  model: "m",
  policy: "rule",
  passed: true,
  score: 1,
  reason: "ü\n",
  steps: 1,
  tokens: 2,
  costUsd: 0,
  ms: 1.5,
  ...rest,
});

describe("openRolloutStore", () => {
  it("gives back what was added, also after it was opened again", () => {
    const store = open("a");
    expect(store.size).toBe(0);
    const records = [1, 2, 3].map((n) => outcome(n));
    for (const record of records) store.add(record);
    const again = open("a");
    for (const one of [store, again]) {
      expect(one.size).toBe(3);
      expect(records.map(({ id }) => one.get(id, { own: true }))).toEqual(records);
      expect(one.get(idOf(9))).toBeUndefined();
    }
  });

  test.prop([fc.integer({ min: 1, max: 4 }), fc.double({ min: 0, max: 1, noNaN: true })], {
    numRuns: 20,
  })("keeps every whole line of a file that is cut off anywhere", async (count, at) => {
    await rm(path, { force: true });
    const store = open("a");
    for (let n = 1; n <= count; n += 1) store.add(outcome(n));
    const bytes = await readFile(path);
    const cut = bytes.subarray(0, Math.floor(at * bytes.length));
    await writeFile(path, cut);
    const whole = cut.filter((byte) => byte === 10).length;
    const again = open("a");
    expect(again.size).toBe(whole);
    again.add(outcome(7));
    expect(open("a").size).toBe(whole + 1);
  });

  it("refuses a corrupt line with its number, and then cuts nothing off", async () => {
    const store = open();
    store.add(outcome(1));
    store.add(outcome(2));
    const text = await readFile(path, "utf8");
    for (const [bad, line] of [
      [text.replace('"task":"t2"', '"task":'), 2],
      [text.replace('"score":1', '"score":2'), 1],
      [text.replace('"passed":true', '"passed":true,"extra":1'), 1],
      [`${text}\n`, 3],
    ] as const) {
      await writeFile(path, `${bad}torn`);
      expect(() => open()).toThrow(
        expect.objectContaining({
          code: "HX_AEGIS_ROLLOUTS_CORRUPT",
          details: expect.objectContaining({ line }),
        }),
      );
      expect(await readFile(path, "utf8")).toBe(`${bad}torn`);
    }
    await rm(path);
    await mkdir(path);
    expect(() => open()).toThrow(expect.objectContaining({ code: "HX_AEGIS_ROLLOUTS_CORRUPT" }));
  });

  it("tells a run's own outcomes from those of others, which are lent when they are fair", () => {
    const a = open("a");
    a.add(outcome(1));
    a.add(outcome(2, { infra: "environment", error: "no room left", passed: false }));
    const b = open("b");
    expect(b.get(idOf(1))).toEqual(outcome(1));
    expect(b.get(idOf(1), { own: true })).toBeUndefined();
    expect(b.get(idOf(2))).toBeUndefined();
    expect(open("a").get(idOf(2), { own: true })).toMatchObject({ infra: "environment" });
    b.add(outcome(1, { passed: false, score: 0 }));
    expect(open("b").get(idOf(1), { own: true })).toMatchObject({ passed: false });
    expect(open("a").get(idOf(1))).toMatchObject({ passed: true });
    expect(open("c").get(idOf(1))).toMatchObject({ passed: true });
    // Nobody knows whose outcomes without a label are.
    open().add(outcome(3));
    expect(open().get(idOf(3), { own: true })).toBeUndefined();
  });

  it("keeps the paths of traces relative to its folder", async () => {
    open("a").add(outcome(1, { trace: join(dir, "1", "traces", "x.jsonl") }));
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({
      trace: "1/traces/x.jsonl",
      run: "a",
    });
    const moved = `${dir}-moved`;
    await rename(dir, moved);
    try {
      const store = openRolloutStore(join(moved, "rollouts.jsonl"), { run: "a" });
      expect(store.get(idOf(1))!.trace).toBe(join(moved, "1", "traces", "x.jsonl"));
    } finally {
      await rename(moved, dir);
    }
  });

  it("throws when it cannot write, and keeps nothing of it", async () => {
    const store = open("a");
    await symlink("/dev/full", path);
    const refused = expect.objectContaining({ code: "HX_AEGIS_ROLLOUTS_WRITE" });
    expect(() => store.add(outcome(1))).toThrow(refused);
    expect(store.get(idOf(1))).toBeUndefined();
    expect(() => store.add(outcome(2))).toThrow(refused);
  });
});

describe("a pool with a store", () => {
  const specs = async (rest: Partial<RolloutSpec> = {}): Promise<RolloutSpec[]> => {
    const suite = keyWorld();
    const harness = await defineHarness({ name: "plain", limits: { maxSteps: 9 } });
    return (suite.tasks() as SuiteTask[]).slice(0, 4).map((task) => ({
      suite,
      task,
      harness,
      models: { main: forgetfulModel() },
      seed: 1,
      repetition: 0,
      ...rest,
    }));
  };
  const play = async (run: string, wanted: readonly RolloutSpec[]) => {
    let played = 0;
    const store = open(run);
    const pool = createRolloutPool({
      store,
      onRecord: ({ id }) => {
        expect(store.get(id, { own: true })).toBeDefined();
        played += 1;
      },
    });
    return { records: await pool.run(wanted), played };
  };

  it("plays nothing twice over processes", async () => {
    const wanted = await specs();
    const first = await play("a", wanted.slice(0, 2));
    const second = await play("a", [...wanted, ...wanted]);
    expect([first.played, second.played]).toEqual([2, 2]);
    expect(second.records.slice(0, 2)).toEqual(first.records);
    expect(second.records.slice(4)).toEqual(second.records.slice(0, 4));
  });

  it("plays fresh what another run has played, but not what this run has", async () => {
    const wanted = await specs();
    await play("a", wanted);
    const fresh = await specs({ fresh: true });
    expect((await play("b", wanted)).played).toBe(0);
    expect((await play("b", fresh)).played).toBe(4);
    expect((await play("b", fresh)).played).toBe(0);
  });

  it("plays again what lacks the trace or the watch that is asked for", async () => {
    const bare = await specs();
    const traced = await specs({ traceDir: join(dir, "traces") });
    await play("a", bare);
    const first = await play("a", traced);
    expect(first.played).toBe(4);
    for (const { trace } of first.records)
      expect((await readTrace(trace!)).events.at(-1)!.type).toBe("run.end");
    expect(await play("a", traced)).toEqual({ records: first.records, played: 0 });
    await rm(first.records[1]!.trace!);
    expect((await play("a", traced)).played).toBe(1);
    expect((await play("a", bare)).played).toBe(0);
    const watched = await play("a", await specs({ watch: true }));
    expect(watched.played).toBe(4);
    expect((await play("a", await specs({ watch: true }))).played).toBe(0);
  });

  it("keeps what never began, though it left no trace", async () => {
    const broken = keyWorld({ brokenEvery: 1 });
    const wanted = await specs({ suite: broken, traceDir: join(dir, "traces") });
    expect((await play("a", wanted)).played).toBe(4);
    expect((await play("a", wanted)).played).toBe(0);
    expect((await play("b", wanted)).played).toBe(4);
  });

  it("rejects when the store takes no more, and tells nobody of the rollout", async () => {
    const store = open("a");
    await symlink("/dev/full", path);
    const told: RolloutRecord[] = [];
    const pool = createRolloutPool({ store, onRecord: (record) => told.push(record) });
    await expect(pool.run(await specs())).rejects.toMatchObject({
      code: "HX_AEGIS_ROLLOUTS_WRITE",
    });
    expect(told).toEqual([]);
  });

  it("says how far it is", async () => {
    const wanted = await specs();
    await play("a", wanted.slice(0, 1));
    const seen: RolloutProgress[] = [];
    const pool = createRolloutPool({
      store: open("a"),
      concurrency: 1,
      onProgress: (at) => seen.push(at),
    });
    const records = await pool.run(wanted);
    await pool.run(wanted.slice(0, 2));
    expect(seen.map(({ done, total }) => [done, total])).toEqual([
      [1, 4],
      [2, 4],
      [3, 4],
      [4, 4],
      [5, 6],
      [6, 6],
    ]);
    expect(seen[0]).toMatchObject({ perSecond: 0, etaMs: Infinity, tokens: 0 });
    expect(seen[2]!.etaMs).toBeGreaterThan(0);
    expect(seen[5]!.etaMs).toBe(0);
    expect(seen[5]!.tokens).toBe(records.slice(1).reduce((sum, { tokens }) => sum + tokens, 0));
  });
});
