export { createRolloutPool } from "./pool.ts";
export type { RolloutProgress } from "./progress.ts";
export type { RolloutPool, RolloutPoolOptions } from "./schedule.ts";
export { episodeSeed, modelName, policyOf, rolloutKey, type RolloutIdentity } from "./key.ts";
export {
  openRolloutStore,
  type RolloutFile,
  type RolloutStore,
  type RolloutStoreOptions,
} from "./store.ts";
export { keyOf, runRollout, type RolloutSpec } from "./run.ts";
export { rolloutRecordSchema, type InfraKind, type RolloutRecord } from "./record.ts";
export { tasksOf } from "./tasks.ts";
export type { RolloutRecipe } from "./recipe.ts";
export { createWorkerPool, type WorkerPool, type WorkerPoolOptions } from "./worker-pool.ts";
