export { createRolloutPool, type RolloutPool, type RolloutPoolOptions } from "./pool.ts";
export { episodeSeed, modelName, policyOf, rolloutKey, type RolloutIdentity } from "./key.ts";
export { keyOf, runRollout, type RolloutSpec } from "./run.ts";
export { rolloutRecordSchema, type InfraKind, type RolloutRecord } from "./record.ts";
