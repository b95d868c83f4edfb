import { fileURLToPath } from "node:url";
import { defineHarness, loadModels, type LoadedHarness } from "@harnessx/core";
import type { JsonObject, SuiteTask } from "@harnessx/core/plugin";
import {
  createWorkerPool,
  type RolloutRecipe,
  type RolloutRecord,
  type RolloutSpec,
  type WorkerPool,
  type WorkerPoolOptions,
} from "../../src/index.ts";
import { keyWorld, type KeyWorldOptions } from "./key-world.ts";

/** The folder with the packages of the key world. */
export const root = fileURLToPath(new URL("./worker", import.meta.url));

export const recipeOf = (suite: JsonObject = {}, model: JsonObject = {}): RolloutRecipe => ({
  root,
  suite: { use: "./suite", options: suite },
  models: { roles: { main: { use: "./model", options: model } } },
});

/** Workers that run from the sources, as tests do. */
export const workersFor = (
  recipe: RolloutRecipe,
  options: Omit<WorkerPoolOptions, "recipe"> = {},
): WorkerPool =>
  createWorkerPool({
    recipe,
    execArgv: ["--conditions=@harnessx/source", "--import", "tsx"],
    ...options,
  });

export const plainHarness = (): Promise<LoadedHarness> =>
  defineHarness({ name: "plain", limits: { maxSteps: 9 }, root });

/** A harness whose only processor hangs or kills its process. */
export const stuckHarness = (how: "loop" | "exit"): Promise<LoadedHarness> =>
  defineHarness({
    name: how,
    root,
    processors: [{ id: "stuck", use: "./stuck", options: { how } }],
  });

/** Rollouts of the key world; `models` only name what the workers make. */
export async function keySpecs(
  world: KeyWorldOptions,
  rest: Partial<RolloutSpec> & { readonly reps?: number } = {},
): Promise<RolloutSpec[]> {
  const suite = keyWorld(world);
  const models = await loadModels({ roles: { main: { use: "./model" } } }, { root });
  const { reps = 1, harness = await plainHarness(), ...more } = rest;
  return Array.from({ length: reps }).flatMap((_, repetition) =>
    (suite.tasks() as SuiteTask[]).map((task) => ({
      suite,
      task,
      harness,
      models,
      seed: 1,
      repetition,
      ...more,
    })),
  );
}

/** Records without what may differ between two runs. */
export const timeless = (records: readonly RolloutRecord[]): RolloutRecord[] =>
  records.map((record) => ({ ...record, ms: 0 }));
