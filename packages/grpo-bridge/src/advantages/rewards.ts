import { grpoError } from "../errors.ts";
import { internIds, type RewardColumns } from "./columns.ts";
import { computeAdvantages } from "./compute.ts";
import { flagNames, type TrajectoryFlag } from "./flags.ts";
import type { AdvantageOptions } from "./options.ts";
import type { AdvantageStats } from "./stats.ts";

/** The reward of one trajectory, as a line of JSON holds it. Other keys are allowed and ignored. */
export interface RewardRecord {
  /** Hash of the task's content. */
  readonly taskId: string;
  /** A name, or lineage and version. Needed by every mode but `cross`. */
  readonly harness?: string | { readonly lineage: string; readonly version?: string | number };
  /** `null` stands for NaN, which JSON cannot say. */
  readonly reward?: number | null;
  /** Trajectories of different task sets, reward specifications or tokenizers are never compared. */
  readonly taskSetId?: string;
  readonly rewardSpec?: string;
  readonly tokenizer?: string;
  /** Oldest model version that sampled in the trajectory. */
  readonly modelVersion?: number;
}

/** Advantages as JSON, in the order of the records. */
export interface RewardAdvantages {
  readonly advantages: readonly number[];
  readonly flags: readonly (TrajectoryFlag | null)[];
  readonly stats: Omit<AdvantageStats, "meanAdvantageByHarness"> & {
    readonly meanAdvantageByHarness: Readonly<Record<string, number>>;
  };
}

/**
 * Advantages of records; what `hx grpo advantages --json` prints.
 * Errors: HX_GRPO_OPTIONS_INVALID, HX_GRPO_COLUMNS_INVALID (a harness is missing).
 *
 * @example
 * ```ts
 * import { advantagesOf } from "@harnessx/grpo-bridge";
 * const records = [1, 0, null].map((reward) => ({ taskId: "a", harness: "h1", reward }));
 * advantagesOf(records, { mode: "within", estimator: "rloo" }).advantages; // [1, -1, 0]
 * ```
 */
export function advantagesOf(
  records: readonly RewardRecord[],
  options: AdvantageOptions,
): RewardAdvantages {
  if (options.mode !== "cross") {
    const without = records.findIndex(({ harness }) => harness === undefined);
    if (without >= 0)
      throw grpoError("HX_GRPO_COLUMNS_INVALID", {
        problem: `record ${without + 1} has no harness, which mode ${options.mode} needs`,
      });
  }
  const { columns, harnesses } = rewardColumns(records);
  const { advantages, flags, stats } = computeAdvantages(columns, options);
  const means = stats.meanAdvantageByHarness.map((mean, id) => [harnesses[id]!, mean] as const);
  return {
    advantages: Array.from(advantages),
    flags: Array.from(flags, (code) => flagNames[code]!),
    stats: { ...stats, meanAdvantageByHarness: Object.fromEntries(means) },
  };
}

/**
 * Records as columns, and the name of each harness id.
 *
 * @example
 * ```ts
 * import { rewardColumns } from "@harnessx/grpo-bridge";
 * const { columns } = rewardColumns([{ taskId: "a", reward: 1 }, { taskId: "b", reward: 0 }]);
 * [...columns.tasks]; // [0, 1]
 * ```
 */
export function rewardColumns(records: readonly RewardRecord[]): {
  readonly columns: RewardColumns;
  readonly harnesses: readonly string[];
} {
  const rewards = new Float64Array(records.length);
  const missing = new Uint8Array(records.length);
  for (const [at, { reward }] of records.entries()) {
    if (reward === undefined) missing[at] = 1;
    rewards[at] = reward ?? NaN;
  }
  const tasks = internIds(
    records.map((record) => key([record.taskId, record.taskSetId, ...unit(record)])),
  );
  const harnesses = internIds(
    records.map((record) => key([harnessName(record.harness), ...unit(record)])),
  );
  const versions = records.every(({ modelVersion }) => modelVersion !== undefined)
    ? Int32Array.from(records, ({ modelVersion }) => modelVersion!)
    : undefined;
  return {
    columns: {
      rewards,
      tasks: tasks.ids,
      harnesses: harnesses.ids,
      missing,
      ...(versions ? { modelVersions: versions } : {}),
    },
    harnesses: harnesses.names,
  };
}

/** Rewards of different specifications have different units, and so has the mean of a harness. */
const unit = ({ rewardSpec, tokenizer }: RewardRecord): readonly (string | undefined)[] => [
  rewardSpec,
  tokenizer,
];

/** A name alone where nothing else is said, so that it can be read. */
const key = (parts: readonly (string | undefined)[]): string =>
  parts.slice(1).every((part) => part === undefined) ? parts[0]! : JSON.stringify(parts);

/**
 * The name under which a harness is grouped.
 *
 * @example
 * ```ts
 * import { harnessName } from "@harnessx/grpo-bridge";
 * harnessName({ lineage: "shopper", version: 3 }); // "shopper@3"
 * ```
 */
export function harnessName(harness: RewardRecord["harness"]): string {
  if (harness === undefined) return "";
  if (typeof harness === "string") return harness;
  return harness.version === undefined ? harness.lineage : `${harness.lineage}@${harness.version}`;
}
