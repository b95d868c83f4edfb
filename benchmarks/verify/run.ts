/**
 * How long the verification of a generated package takes, check by check.
 *
 *   npm run bench:verify [-- --out results.json]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import {
  createLeakIndex,
  createRolloutPool,
  digestRollouts,
  plan,
  propose,
  verifyPackage,
  type GeneratedPackage,
  type VerificationCheck,
} from "@harnessx/aegis";
import { defineHarness, loadPlugin, resolveOptions } from "@harnessx/core";
import type { ModelDefinition, SuiteDefinition, SuiteTask } from "@harnessx/core/plugin";

const ROUNDS = 3;
const TRAIN = 60;
const root = process.cwd();

const suitePlugin = await loadPlugin("@harnessx/adapter-household", root);
const suite = await (suitePlugin.definition as SuiteDefinition).create(
  resolveOptions(suitePlugin, "suite"),
  { root } as never,
);
const modelPlugin = await loadPlugin("@harnessx/adapter-tiny-policy", root);
const model = await (modelPlugin.definition as ModelDefinition).create(
  resolveOptions(modelPlugin, "model"),
);
const tasks = (await suite.tasks()) as readonly SuiteTask[];
const train = tasks.filter(({ split }) => split === "train").slice(0, TRAIN);
const held = tasks.filter(({ split }) => split !== "train");

const dir = await mkdtemp(join(tmpdir(), "bench-verify-"));
const harness = await defineHarness({ name: "bench" });
const records = await createRolloutPool().run(
  [0, 1].flatMap((repetition) =>
    train.map((task) => ({
      suite,
      task,
      harness,
      models: { main: model },
      seed: 1,
      repetition,
      traceDir: join(dir, "traces"),
    })),
  ),
);
const digest = await digestRollouts(records, train);
const candidates = propose(
  digest,
  plan(digest, harness.manifest, [], 1),
  {
    round: 1,
    parent: harness.hash,
    manifest: harness.manifest,
    catalogue: [],
    options: {},
    exclude: new Set<string>(),
  },
  20,
);
const packages: GeneratedPackage[] = candidates.flatMap((candidate) => candidate.packages);
const traces = records.flatMap(({ trace }) => (trace === undefined ? [] : [trace])).slice(0, 3);

const indexing = performance.now();
const heldOut = createLeakIndex({
  texts: held.map(({ text }) => text),
  ids: held.map(({ id }) => id),
  known: train.map(({ text }) => text),
});
const indexMs = performance.now() - indexing;

interface Timed {
  readonly ms: number;
  /** Of all threads: what it costs, whatever else the machine does. */
  readonly cpuMs: number;
  readonly checks: Partial<Record<VerificationCheck, number>>;
}

/** The same package with another comment: the compiler has seen nothing of it before. */
const fresh = (generated: GeneratedPackage, round: number): GeneratedPackage => ({
  ...generated,
  files: Object.fromEntries(
    Object.entries(generated.files).map(([path, text]) => [
      path,
      path.endsWith(".ts") ? `${text}\n// Round ${round}.\n` : text,
    ]),
  ),
});

async function timed(generated: GeneratedPackage): Promise<Timed> {
  const checks: Partial<Record<VerificationCheck, number>> = {};
  const cpu = process.cpuUsage();
  const began = performance.now();
  const { report } = await verifyPackage(generated, {
    traces,
    heldOut,
    onCheck: ({ check }, ms) => void (checks[check] = ms),
  });
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  if (!report.ok) {
    const { findings, check } = report.checks.at(-1)!;
    throw new Error(`${generated.name} was refused: ${check}: ${findings.join("; ")}`);
  }
  return { ms, cpuMs: (user + system) / 1_000, checks };
}

const median = (values: readonly number[]): number =>
  Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]! * 10) / 10;

const first = await timed(fresh(packages[0]!, -1));
const rows: Record<string, Timed[]> = {};
for (let round = 0; round < ROUNDS; round += 1)
  for (const generated of packages)
    (rows[generated.name] ??= []).push(await timed(fresh(generated, round)));

const perCheck = (list: readonly Timed[]): Record<string, number> =>
  Object.fromEntries(
    Object.keys(list[0]!.checks).map((check) => [
      check,
      median(list.map(({ checks }) => checks[check as VerificationCheck] ?? 0)),
    ]),
  );
const all = Object.values(rows).flat();
const results = {
  machine: {
    node: process.version,
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    load: Math.round(loadavg()[0]! * 10) / 10,
  },
  data: suite.data,
  traces: traces.length,
  heldOut: { tasks: held.length, hashes: heldOut.size, indexMs: Math.round(indexMs) },
  firstMs: Math.round(first.ms),
  medianMs: median(all.map(({ ms }) => ms)),
  medianCpuMs: median(all.map(({ cpuMs }) => cpuMs)),
  slowestMs: Math.round(Math.max(...all.map(({ ms }) => ms))),
  medianPerCheck: perCheck(all),
  packages: Object.fromEntries(
    Object.entries(rows).map(([name, list]) => [
      name,
      { medianMs: median(list.map(({ ms }) => ms)), perCheck: perCheck(list) },
    ]),
  ),
};
await rm(dir, { recursive: true, force: true });
const text = `${JSON.stringify(results, null, 2)}\n`;
const out = process.argv.indexOf("--out");
if (out > 0) writeFileSync(process.argv[out + 1]!, text);
process.stdout.write(text);
process.exit(0);
