import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadHarness, serializeManifest } from "@harnessx/core";
import type { Limits, Manifest, ModelsInput } from "@harnessx/core";
import type { PolicyKind, Suite } from "@harnessx/core/plugin";
import { bench } from "../bench/index.ts";
import type { CatalogueEntry } from "../evolve/index.ts";
import { evolve } from "./evolve.ts";
import type { EvolutionStage } from "./types.ts";
import { chooseTasks } from "./tasks.ts";

export interface DemoOptions {
  readonly suite: Suite | (() => Suite | Promise<Suite>);
  readonly models: ModelsInput;
  /** The workspace; gets a bare harness.json when it has none. */
  readonly dir: string;
  readonly seed: number;
  readonly catalogue?: readonly CatalogueEntry[];
  /** (2) */
  readonly rounds?: number;
  /** Tasks of each split (60, 60, 100). */
  readonly tasks?: {
    readonly train?: number;
    readonly validation?: number;
    readonly sealed?: number;
  };
  readonly limits?: Limits;
  readonly concurrency?: number;
  readonly onProgress?: (progress: {
    readonly stage: EvolutionStage | "measure";
    readonly message: string;
  }) => void;
  readonly signal?: AbortSignal;
}

/** A pass rate on sealed tasks. */
export interface DemoRate {
  readonly passRate: number;
  readonly interval: readonly [number, number];
  /** Rollouts. */
  readonly n: number;
}

/** What a demonstration came to. */
export interface DemoReport {
  readonly seed: number;
  readonly data: string;
  readonly policy: PolicyKind;
  readonly before: DemoRate;
  readonly after: DemoRate;
  readonly noiseFloor: number;
  /** Installed generated packages, relative to the workspace. */
  readonly packages: readonly string[];
  readonly harness: { readonly before: string; readonly after: string };
  readonly rollouts: number;
  readonly ms: number;
}

const BARE: Manifest = { name: "demo", version: "1" };

/**
 * Evolves a bare harness and measures it before and after on sealed tasks, which no stage has seen,
 * in pairs under one seed.
 */
export async function runDemo(options: DemoOptions): Promise<DemoReport> {
  const started = performance.now();
  const { dir, models, seed, signal, concurrency } = options;
  const suite = typeof options.suite === "function" ? await options.suite() : options.suite;
  const { train = 60, validation = 60, sealed = 100 } = options.tasks ?? {};
  const file = join(dir, "harness.json");
  await mkdir(dir, { recursive: true });
  const there = await access(file).then(
    () => true,
    () => false,
  );
  if (!there)
    await writeFile(
      file,
      serializeManifest({ ...BARE, ...(options.limits ? { limits: options.limits } : {}) }),
    );
  const before = await loadHarness(file);
  const shared = {
    suite,
    models,
    seed,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(signal === undefined ? {} : { signal }),
  };
  const evolution = await evolve({
    ...shared,
    dir,
    rounds: options.rounds ?? 2,
    trainTasks: train,
    validationTasks: validation,
    catalogue: options.catalogue ?? [],
    onProgress: ({ stage, message }) => options.onProgress?.({ stage, message }),
  });
  const after = await loadHarness(file);
  const tasks = (await chooseTasks(suite, "sealed", sealed, seed)).map(({ id }) => id);
  const report = await bench({
    ...shared,
    arms: [
      { name: "before", harness: before },
      { name: "after", harness: after },
    ],
    tasks,
    reps: 1,
    onProgress: ({ done, total }) => {
      if (done === total)
        options.onProgress?.({ stage: "measure", message: `${total} sealed rollouts` });
    },
  });
  const rate = (arm: number): DemoRate => {
    const { passRate, interval, trials } = report.arms[arm]!;
    return { passRate, interval, n: trials };
  };
  return {
    seed,
    data: suite.data,
    policy: report.policy,
    before: rate(0),
    after: rate(1),
    noiseFloor: report.noiseFloor,
    packages: evolution.packages,
    harness: { before: evolution.before, after: evolution.after },
    rollouts: evolution.rollouts + tasks.length * 3,
    ms: performance.now() - started,
  };
}
