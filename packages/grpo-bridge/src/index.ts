/** The GRPO bridge: traces become trajectories, rewards become advantages, both become training signal. */
export * from "./advantages/index.ts";
export { grpoErrorTable, type GrpoErrorCode } from "./errors.ts";
export * from "./loss/index.ts";
export * from "./records/index.ts";
export * from "./assembler/index.ts";
export { exportBatch, type ExportedBatch, type ExportOptions } from "./export/batch.ts";
