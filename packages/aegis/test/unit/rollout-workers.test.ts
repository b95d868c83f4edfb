import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineHarness, inline, readTrace, sameEvent } from "@harnessx/core";
import { defineProcessor } from "@harnessx/core/plugin";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRolloutPool, type RolloutProgress } from "../../src/index.ts";
import { keySpecs, recipeOf, timeless, workersFor } from "../support/worker-pool.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "aegis-workers-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe("createWorkerPool", () => {
  it("plays what a pool in this process plays", async () => {
    const world = { tasks: 12, brokenEvery: 5 };
    const here = await keySpecs(world, { traceDir: join(dir, "here"), watch: true });
    const there = here.map((spec) => ({ ...spec, traceDir: join(dir, "there") }));
    const local = await createRolloutPool().run(here);
    const progress: RolloutProgress[] = [];
    const pool = workersFor(recipeOf(world), {
      workers: 1,
      onProgress: (at) => progress.push(at),
    });
    const remote = await pool.run([...there, there[0]!]);
    expect(remote.at(-1)).toBe(remote[0]);
    expect(pool.pids).toHaveLength(1);
    expect(progress.at(-1)).toMatchObject({ done: 13, total: 13, etaMs: 0 });
    const placed = timeless(remote.slice(0, -1)).map((record) =>
      record.trace === undefined
        ? record
        : { ...record, trace: record.trace.replace(join(dir, "there"), join(dir, "here")) },
    );
    expect(placed).toEqual(timeless(local));
    expect(local.filter(({ infra }) => infra === "environment")).toHaveLength(3);
    for (const [index, record] of local.entries()) {
      if (record.trace === undefined) continue;
      const [one, other] = await Promise.all(
        [record.trace, remote[index]!.trace!].map(async (path) => (await readTrace(path)).events),
      );
      expect(one!.length).toBe(other!.length);
      for (const [at, event] of one!.entries()) expect(sameEvent(event, other![at]!)).toBe(true);
    }

    // What a worker would play must be what was asked for.
    const unfit = { code: "HX_ROLLOUT_WORKER_UNFIT" };
    const [other] = await keySpecs(world, { seed: 2 });
    const otherVerifier = { ...other!, suite: { ...other!.suite, verifier: "stricter" } };
    await expect(pool.run([otherVerifier])).rejects.toMatchObject(unfit);
    const inCode = await defineHarness({
      name: "in-code",
      inline: [
        inline(
          { name: "none", dimension: "context", hooks: [] },
          defineProcessor(() => undefined),
        ),
      ],
    });
    await expect(pool.run([{ ...other!, harness: inCode }])).rejects.toMatchObject(unfit);
    await pool.close();
    expect(pool.pids).toEqual([]);
    await expect(pool.run([other!])).rejects.toMatchObject(unfit);
  });
});
