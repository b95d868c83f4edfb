export type { LossBatch } from "./batch.ts";
export { referenceLoss, type Loss, type LossStats } from "./loss.ts";
export { lossBatch, lossRecordSchema, parseLossLine, type LossRecord } from "./loss-lines.ts";
export type {
  Aggregation,
  Correction,
  KlTerm,
  LossOptions,
  RatioLevel,
  Surrogate,
} from "./options.ts";
export { tokenWeights } from "./weights.ts";
