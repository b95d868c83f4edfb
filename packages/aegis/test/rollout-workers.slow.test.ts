import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { loadHarness } from "@harnessx/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createRandom,
  createRolloutPool,
  createTrustedIsolation,
  createWasmIsolation,
  openIsolated,
  openRolloutStore,
  STORE,
} from "../src/index.ts";
import {
  keySpecs,
  recipeOf,
  root,
  stuckHarness,
  timeless,
  workersFor,
} from "./support/worker-pool.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "aegis-workers-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe("a worker that is killed", () => {
  it("costs nothing: 30 kills, the same records, each added once", async () => {
    const world = { tasks: 20 };
    const specs = await keySpecs(world, { reps: 12, traceDir: join(dir, "killed") });
    const wanted = await createRolloutPool().run(
      specs.map((spec) => ({ ...spec, traceDir: join(dir, "undisturbed") })),
    );
    const random = createRandom("kills");
    const store = openRolloutStore(join(dir, "rollouts.jsonl"), { run: "a" });
    const told: string[] = [];
    const pool = workersFor(recipeOf({ ...world, slow: true }), {
      workers: 2,
      store,
      onRecord: ({ id }) => told.push(id),
    });
    const run = pool.run(specs);
    let kills = 0;
    let over = false;
    const chaos = async (): Promise<void> => {
      while (!over && kills < 30) {
        const target = told.length + 1 + random.int(6);
        while (!over && told.length < target) await wait(2);
        await wait(random.int(60));
        const { pids } = pool;
        if (over || pids.length === 0) continue;
        process.kill(pids[random.int(pids.length)]!, "SIGKILL");
        kills += 1;
      }
    };
    const [records] = await Promise.all([run.finally(() => (over = true)), chaos()]);
    expect(kills).toBe(30);
    const bare = (list: typeof records) =>
      timeless(list).map(({ trace, ...record }) => ({ ...record, traced: trace !== undefined }));
    expect(bare(records)).toEqual(bare(wanted));
    expect(told.length).toBe(specs.length);
    expect(new Set(told).size).toBe(specs.length);
    store.close();
    expect(openRolloutStore(join(dir, "rollouts.jsonl"), { run: "a" }).size).toBe(specs.length);
    await pool.close();
  });

  it("takes nobody with it when it never starts", async () => {
    const pool = workersFor(recipeOf(), { execArgv: ["--no-such-option"] });
    await expect(pool.run(await keySpecs({ tasks: 1 }))).rejects.toMatchObject({
      code: "HX_ROLLOUT_WORKER_UNFIT",
      message: expect.stringContaining("no-such-option"),
    });
    await pool.close();
  });
});

describe("a rollout that takes its worker down", () => {
  const play = async (
    harness: Awaited<ReturnType<typeof stuckHarness>> | undefined,
    model = {},
  ) => {
    const specs = await keySpecs({ tasks: 1 }, harness ? { harness, watch: true } : {});
    const pool = workersFor(recipeOf({ tasks: 1 }, model), { workers: 1, silenceMs: 5000 });
    const [record] = await pool.run(specs);
    await pool.close();
    return record;
  };

  it("is the harness's fault when its code hung twice", async () => {
    expect(await play(await stuckHarness("loop"))).toMatchObject({
      passed: false,
      infra: "candidate",
      fired: [],
      error: expect.stringContaining("hung"),
    });
  });

  it("is the harness's fault when its code ended the process again and again", async () => {
    expect(await play(await stuckHarness("exit"))).toMatchObject({
      infra: "candidate",
      error: expect.stringContaining("exit code 7"),
    });
  });

  it("is nobody's known fault when the model hung", async () => {
    expect(await play(undefined, { hang: true })).toMatchObject({ infra: "unknown" });
  });

  it("is given up at the deadline although it lives", async () => {
    const specs = await keySpecs({ tasks: 1 });
    const pool = workersFor(recipeOf({ tasks: 1 }), { workers: 1, deadlineMs: 1 });
    // Not even the start of a worker takes so little.
    await expect(pool.run(specs)).rejects.toMatchObject({ code: "HX_ROLLOUT_WORKER_UNFIT" });
    await pool.close();
  });

  it("ends with its pool's signal", async () => {
    const controller = new AbortController();
    const pool = workersFor(recipeOf({ tasks: 1 }), { workers: 1, signal: controller.signal });
    const run = pool.run(await keySpecs({ tasks: 1 }, { harness: await stuckHarness("loop") }));
    await wait(3000);
    const { pids } = pool;
    controller.abort();
    await expect(run).rejects.toMatchObject({ code: "HX_ROLLOUT_ABORTED" });
    await pool.close();
    expect(pids.some(lives)).toBe(false);
  });
});

describe("a generated package", () => {
  const code = `
    import { defineProcessor, replace } from "@harnessx/core/plugin";
    export default defineProcessor((run) => {
      run.hooks.beforeModel.tap("note", (event) =>
        replace(event.withLastUser((text) => text + " (" + typeof process + ")")));
    });`;

  it("plays behind the wall in a worker as it does here", async () => {
    const place = join(dir, "workspace");
    const own = join(place, STORE, "note");
    await mkdir(own, { recursive: true });
    await mkdir(join(place, "node_modules", "@harnessx"), { recursive: true });
    await symlink(
      fileURLToPath(new URL("../../core", import.meta.url)),
      join(place, "node_modules", "@harnessx", "core"),
    );
    await writeFile(join(own, "index.js"), code);
    await writeFile(
      join(own, "package.json"),
      JSON.stringify({
        name: "note",
        version: "1.0.0",
        type: "module",
        exports: "./index.js",
        harnessx: {
          api: 1,
          kind: "processor",
          dimension: "context",
          hooks: ["beforeModel"],
          capabilities: {},
        },
      }),
    );
    const manifest = {
      name: "noting",
      version: "1",
      limits: { maxSteps: 9 },
      processors: [{ id: "note", use: `./${STORE}/note` }],
    };
    const world = { tasks: 3 };
    const seen: string[] = [];
    for (const isolation of ["wasm", "trusted"] as const) {
      const wall = isolation === "wasm" ? createWasmIsolation() : createTrustedIsolation();
      const harness = await loadHarness(manifest, {
        root: place,
        lock: false,
        open: openIsolated(wall),
      });
      const specs = await keySpecs(world, { harness, watch: true });
      const local = await createRolloutPool().run(specs);
      const pool = workersFor({ ...recipeOf(world), root, isolation }, { workers: 1 });
      expect(timeless(await pool.run(specs))).toEqual(timeless(local));
      expect(local[0]).toMatchObject({ fired: ["note"] });
      seen.push(String(local[0]!.tokens));
      await pool.close();
      await wall.dispose();
    }
    // "(undefined)" behind the wall, "(object)" without one.
    expect(seen[0]).not.toBe(seen[1]);
  });
});
