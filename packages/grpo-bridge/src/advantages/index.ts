export { internIds, type InternedIds, type RewardColumns } from "./columns.ts";
export { computeAdvantages, type Advantages } from "./compute.ts";
export { flagNames, isInformative, type TrajectoryFlag } from "./flags.ts";
export {
  estimators,
  groupingModes,
  resolveAdvantageOptions,
  type AdvantageOptions,
  type Estimator,
  type GroupingMode,
  type Normalization,
  type ResolvedAdvantageOptions,
} from "./options.ts";
export { parseRewardLine, rewardRecordSchema } from "./reward-lines.ts";
export {
  advantagesOf,
  harnessName,
  rewardColumns,
  type RewardAdvantages,
  type RewardRecord,
} from "./rewards.ts";
export type { AdvantageStats } from "./stats.ts";
