/**
 * What it costs to play rollouts in this process and in worker processes, and to keep their outcomes.
 *
 *   npm run bench:rollout [-- --out results.json]
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import {
  createRolloutPool,
  createWorkerPool,
  openRolloutStore,
  type RolloutPool,
  type RolloutRecord,
  type RolloutSpec,
} from "@harnessx/aegis";
import { loadHarness, loadModels, loadPlugin, resolveOptions } from "@harnessx/core";
import type { SuiteDefinition } from "@harnessx/core/plugin";

const root = process.cwd();
const household = "@harnessx/adapter-household";
const modelsFile = { roles: { main: { use: "@harnessx/adapter-tiny-policy" } } };
const dir = mkdtempSync(join(tmpdir(), "harnessx-rollout-"));

async function specs(seed: number): Promise<RolloutSpec[]> {
  const plugin = await loadPlugin(household, root);
  const suite = await (plugin.definition as SuiteDefinition).create(
    resolveOptions(plugin, "suite"),
    { root },
  );
  const processors = ["notes", "loop-guard"].map((name) => ({
    id: name,
    use: `@harnessx/processor-${name}`,
  }));
  const harness = await loadHarness({ name: "bench", version: "1", processors }, { root });
  const models = await loadModels(modelsFile, { root });
  const tasks = (await suite.tasks()).filter((task) => task.split === "train").slice(0, 40);
  const traceDir = join(dir, "traces");
  return tasks.map((task) => ({ suite, task, harness, models, seed, repetition: 0, traceDir }));
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** Rollouts a second, once warm. */
async function speed(pool: RolloutPool): Promise<number> {
  await pool.run(await specs(1));
  const wanted = await specs(2);
  const began = performance.now();
  await pool.run(wanted);
  return round((1000 * wanted.length) / (performance.now() - began));
}

async function inWorkers(workers: number): Promise<number> {
  const recipe = { root, suite: { use: household }, models: modelsFile };
  const pool = createWorkerPool({ recipe, workers });
  try {
    return await speed(pool);
  } finally {
    await pool.close();
  }
}

/** Outcomes a second that a store takes, and that it reads when it is opened. */
function storing(record: RolloutRecord, count: number) {
  const path = join(dir, "many.jsonl");
  const store = openRolloutStore(path, { run: "bench" });
  let began = performance.now();
  for (let n = 0; n < count; n += 1) store.add({ ...record, id: n.toString(16).padStart(64, "0") });
  const added = round((1000 * count) / (performance.now() - began));
  store.close();
  began = performance.now();
  openRolloutStore(path, { run: "bench" });
  return { added, opened: round((1000 * count) / (performance.now() - began)) };
}

try {
  const kept = createRolloutPool({ store: openRolloutStore(join(dir, "a.jsonl"), { run: "a" }) });
  const rates = {
    "this process": await speed(createRolloutPool()),
    "this process, outcomes kept in a file": await speed(kept),
    "1 worker": await inWorkers(1),
    "2 workers": await inWorkers(2),
  };
  const [record] = await createRolloutPool().run((await specs(3)).slice(0, 1));
  const results = {
    machine: {
      node: process.version,
      cpu: cpus()[0]?.model ?? "unknown",
      cpus: cpus().length,
      load: loadavg()[0],
    },
    policy: record!.policy,
    "rollouts a second": rates,
    "outcomes a second in a store of 20,000": storing(record!, 20_000),
  };
  const text = `${JSON.stringify(results, null, 2)}\n`;
  const out = process.argv.indexOf("--out");
  if (out > 0) writeFileSync(process.argv[out + 1]!, text);
  process.stdout.write(text);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
