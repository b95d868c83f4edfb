import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { serializeManifest } from "@harnessx/core";
import type { Limits, Manifest, ModelsInput } from "@harnessx/core";
import type { PolicyKind, Suite } from "@harnessx/core/plugin";
import { aegisError } from "../errors.ts";
import type { CatalogueEntry } from "../evolve/index.ts";
import type { SealResult } from "../journal/index.ts";
import { evolve } from "./evolve.ts";
import type { EvolutionStage } from "./types.ts";

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
  /** Folder of the signing key; see `keysFolder`. */
  readonly keys?: string;
  readonly onProgress?: (progress: {
    readonly stage: EvolutionStage;
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
  /** All arms: retries of the beginning beside the evolved harness. */
  readonly sealed: SealResult;
  /** Installed generated packages, relative to the workspace. */
  readonly packages: readonly string[];
  readonly harness: { readonly before: string; readonly after: string };
  readonly rollouts: number;
  readonly ms: number;
}

const BARE: Manifest = { name: "demo", version: "1" };

/**
 * Evolves a bare harness and measures it before and after on sealed tasks, which no stage has seen,
 * in pairs under one seed. Throws what `evolve` throws, and HX_AEGIS_NO_SEALED_TASKS.
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
  const evolution = await evolve({
    suite,
    models,
    seed,
    dir,
    rounds: options.rounds ?? 2,
    trainTasks: train,
    validationTasks: validation,
    sealedTasks: sealed,
    catalogue: options.catalogue ?? [],
    onProgress: ({ stage, message }) => options.onProgress?.({ stage, message }),
    ...(options.keys === undefined ? {} : { keys: options.keys }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(signal === undefined ? {} : { signal }),
  });
  const result = evolution.sealed;
  if (!result) throw aegisError("HX_AEGIS_NO_SEALED_TASKS", { suite: suite.name });
  const rate = (name: string): DemoRate => {
    const { passRate, interval, rollouts } = result.arms.find((arm) => arm.name === name)!;
    return { passRate, interval, n: rollouts };
  };
  return {
    seed,
    data: suite.data,
    policy: evolution.policy,
    before: rate("seed"),
    after: rate("evolved"),
    noiseFloor: result.noiseFloor,
    sealed: result,
    packages: evolution.packages,
    harness: { before: evolution.before, after: evolution.after },
    rollouts: evolution.rollouts,
    ms: performance.now() - started,
  };
}
