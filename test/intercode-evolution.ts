import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createGate,
  createRolloutPool,
  evolve,
  readCatalogue,
  type EvolutionReport,
  type EvolveOptions,
  type GatePolicy,
  type GateVerdict,
  type RolloutRecord,
} from "@harnessx/aegis";
import { loadHarness, serializeManifest } from "@harnessx/core";
import type { LoadedHarness, Manifest } from "@harnessx/core";
import type { Suite, SuiteTask } from "@harnessx/core/plugin";
import { createRecordedModel, suiteTaskId } from "@harnessx/adapter-intercode-recorded";
import intercode, { loadData } from "@harnessx/adapter-intercode-sql";
import { folder, root } from "./intercode.ts";

const require = createRequire(import.meta.url);

/** The published prompts, as the suite's package lists them. */
export const catalogue = await readCatalogue(
  require.resolve("@harnessx/adapter-intercode-sql/catalogue.json"),
);

/** Where evolution begins: one query, and nothing but that is known. */
export const oneTurn: Manifest = manifestOf("Answer with SQL. You have one turn.", 1);

export function manifestOf(text: string, maxSteps: number): Manifest {
  const use = "@harnessx/processor-system-prompt";
  return {
    name: "sql",
    version: "1",
    limits: { maxSteps },
    processors: [{ id: "prompt", use, options: { text } }],
  };
}

/** What a published prompt makes of a harness. */
export function published(id: string): Manifest {
  const { defaultOptions, limits } = catalogue.find((entry) => entry.id === id)!;
  return manifestOf(defaultOptions!["text"] as string, limits!.maxSteps!);
}

/**
 * The model gives the same answer every time, so that a second block would count the same evidence
 * twice: every pair is played once.
 */
export const once: Partial<GatePolicy> = { minBlocks: 1, maxBlocks: 1, guardBlocks: 0 };

export interface World {
  readonly suite: Suite;
  readonly models: EvolveOptions["models"];
}

export const openWorld = async (): Promise<World> => ({
  suite: await intercode.create({ data: folder }, { root }),
  models: { main: createRecordedModel({ data: folder }) },
});

export const tasksOf = async ({ suite }: World, split: SuiteTask["split"]): Promise<SuiteTask[]> =>
  (await suite.tasks()).filter((task) => task.split === split);

/** A folder with a harness, gone when `use` is done. */
export async function inWorkspace<Value>(
  manifest: Manifest,
  use: (dir: string) => Promise<Value>,
): Promise<Value> {
  const dir = await mkdtemp(join(tmpdir(), "intercode-"));
  try {
    await writeFile(join(dir, "harness.json"), serializeManifest(manifest));
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Evolution with the published prompts as its catalogue. */
export const evolveSql = (
  { suite, models }: World,
  dir: string,
  more: Partial<EvolveOptions>,
): Promise<EvolutionReport> => evolve({ dir, suite, models, seed: 1, catalogue, ...more });

export const load = (manifest: Manifest, dir = root): Promise<LoadedHarness> =>
  loadHarness(manifest, { root: dir, lock: false });

export const passRate = (records: readonly RolloutRecord[]): number =>
  records.filter(({ passed }) => passed).length / records.length;

/** A certification on its own: fresh pairs on these tasks until the gate decides. */
export async function certifyPair(
  world: World,
  incumbent: LoadedHarness,
  candidate: LoadedHarness,
  tasks: readonly SuiteTask[],
  policy: Partial<GatePolicy> = once,
): Promise<GateVerdict> {
  const gate = createGate(
    policy,
    tasks.map(({ id, cluster }) => ({ id, cluster })),
  );
  const pool = createRolloutPool();
  for (;;) {
    const step = gate.next();
    if (step.type === "verdict") return step;
    const records = await pool.run(
      step.trials.map(({ arm, task, rep }) => ({
        ...world,
        task: tasks[task]!,
        harness: arm === "cand" ? candidate : incumbent,
        seed: 1,
        repetition: rep,
      })),
    );
    gate.observe(
      step.trials.map((trial, index) => {
        const { passed, audit, infra } = records[index]!;
        return {
          ...trial,
          pass: passed ? 1 : 0,
          ...(audit === undefined ? {} : { audit: audit ? 1 : 0 }),
          ...(infra ? { infra: true } : {}),
        };
      }),
    );
  }
}

/** Pass rate of every recording on some tasks, as re-executed when the data were made. */
export async function recordedRates(
  tasks: readonly SuiteTask[],
): Promise<Readonly<Record<string, number>>> {
  const { arms } = JSON.parse(readFileSync(join(folder, "reference-outcomes.json"), "utf8")) as {
    readonly arms: Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>>;
  };
  const wanted = new Set(tasks.map(({ id }) => id));
  const ids = loadData(folder)
    .tasks.filter(({ db, question, goldSql }) => wanted.has(suiteTaskId(db, question, goldSql)))
    .map(({ id }) => id);
  return Object.fromEntries(
    Object.entries(arms)
      .filter(([arm]) => arm.startsWith("gpt-3.5"))
      .map(([arm, outcomes]) => [
        arm.replace("gpt-3.5.", ""),
        ids.filter((id) => outcomes[id]?.[1] === 1).length / ids.length,
      ]),
  );
}

/** A verdict in a few numbers, for people who read the output of the tests. */
export function show(title: string, { decision, reason, effect, interval, ...rest }: GateVerdict) {
  const points = (value: number): string => (100 * value).toFixed(1);
  console.log(
    `${title}: ${decision}, ${points(effect)} points [${interval.map(points).join(", ")}], ${rest.trials} trials: ${reason}`,
  );
  console.table(Object.fromEntries(rest.clusters.map(({ id, ...counts }) => [id, counts])));
}

/** An evolution in a few numbers. */
export function showEvolution({ rounds, decisions, sealed, rollouts, ms }: EvolutionReport): void {
  const candidates = rounds.flatMap(({ round, candidates: own }) =>
    own.map(({ operator, outcome, screened }) => ({
      round,
      operator,
      outcome,
      points: screened?.mean.toFixed(1),
    })),
  );
  console.table(candidates);
  console.table(
    sealed?.arms.map(({ name, passRate, tokens }) => ({
      name,
      passRate: passRate.toFixed(3),
      tokens: Math.round(tokens),
    })),
  );
  console.log(
    `${rollouts} rollouts in ${Math.round(ms / 1000)} s`,
    decisions.map(({ decision, effect, interval, trials }) => ({
      decision,
      effect,
      interval,
      trials,
    })),
    sealed?.gains,
  );
}
