import { checkColumns, pairIds, type RewardColumns } from "./columns.ts";
import { flagCode } from "./flags.ts";
import { commonSize, deviations, isFlat, summarizeGroups, type Groups } from "./groups.ts";
import {
  resolveAdvantageOptions,
  type AdvantageOptions,
  type ResolvedAdvantageOptions,
} from "./options.ts";
import { harnessResiduals } from "./residuals.ts";
import { advantageStats, type AdvantageStats } from "./stats.ts";

/** What `computeAdvantages` returns, in the order of the input. */
export interface Advantages {
  readonly advantages: Float64Array;
  /** Codes into `flagNames`. */
  readonly flags: Uint8Array;
  readonly stats: AdvantageStats;
}

/**
 * Advantages of trajectories within their groups.
 *
 * Advantages of a group add up to 0 (`within`: of the task under one harness version). Groups
 * whose rewards do not differ, groups of one and unusable rewards get 0 and a flag. In `hybrid` only
 * the baseline depends on the harness: σ and the mean that `maxrl` divides by are those of the task's
 * rewards (`residual` with `normalize: "std"`: σ of what its baseline left). Linear in the number of trajectories; the input is not changed.
 * Errors: HX_GRPO_OPTIONS_INVALID, HX_GRPO_COLUMNS_INVALID.
 *
 * @example
 * ```ts
 * import { computeAdvantages } from "@harnessx/grpo-bridge";
 * const columns = { rewards: Float64Array.of(1, 0, 0, 1), tasks: new Int32Array(4), harnesses: new Int32Array(4) };
 * [...computeAdvantages(columns, { mode: "cross", estimator: "dr-grpo" }).advantages]; // [0.5, -0.5, -0.5, 0.5]
 * ```
 */
export function computeAdvantages(columns: RewardColumns, options: AdvantageOptions): Advantages {
  const resolved = resolveAdvantageOptions(options);
  checkColumns(columns);
  const { rewards, tasks, harnesses } = columns;
  const flags = new Uint8Array(rewards.length);
  const usable = markUsable(columns, flags);
  const { mode } = resolved;
  const pairs = mode === "within" || mode === "hybrid" ? pairIds(tasks, harnesses) : undefined;
  const groups = summarizeGroups(mode === "within" ? pairs! : tasks, rewards, usable);
  const degenerate = flagGroups(groups, resolved, usable, flags);
  const baseline: Baseline =
    mode === "residual"
      ? residualBaseline(columns, groups, usable)
      : mode === "hybrid"
        ? { values: rewards, groups, own: summarizeGroups(pairs!, rewards, usable) }
        : { values: rewards, groups };
  const scale = scales(groups, resolved, rewards, usable, baseline);
  const advantages = new Float64Array(rewards.length);
  for (let at = 0; at < rewards.length; at += 1) {
    const group = groups.of[at]!;
    if (usable[at] === 1 && degenerate[group] === 0)
      advantages[at] = distance(baseline, resolved, at) * scale[group]!;
  }
  const { currentModelVersion } = resolved;
  return {
    advantages,
    flags,
    stats: advantageStats({
      columns,
      groups,
      degenerate,
      usable,
      advantages,
      flags,
      currentModelVersion,
    }),
  };
}

interface Baseline {
  /** The rewards, or what a harness baseline left of them. */
  readonly values: Float64Array;
  /** The groups with the means of `values`. */
  readonly groups: Groups;
  /** Task × harness, in `hybrid`. */
  readonly own?: Groups;
}

function markUsable({ rewards, missing }: RewardColumns, flags: Uint8Array): Uint8Array {
  const usable = new Uint8Array(rewards.length);
  for (let at = 0; at < rewards.length; at += 1) {
    const reward = rewards[at]!;
    if (missing?.[at] === 1) flags[at] = flagCode.missingReward;
    else if (Number.isNaN(reward)) flags[at] = flagCode.nanReward;
    else if (!Number.isFinite(reward)) flags[at] = flagCode.infiniteReward;
    else usable[at] = 1;
  }
  return usable;
}

/** Marks groups without signal and flags the members of all. Goes by the rewards as they came. */
function flagGroups(
  groups: Groups,
  { estimator, groupSize }: ResolvedAdvantageOptions,
  usable: Uint8Array,
  flags: Uint8Array,
): Uint8Array {
  const degenerate = new Uint8Array(groups.count);
  const flagOf = new Uint8Array(groups.count);
  const common = commonSize(groups.n);
  for (let group = 0; group < groups.count; group += 1) {
    const n = groups.n[group]!;
    let flag: number = flagCode.none;
    if (n <= 1) flag = flagCode.singleMember;
    else if (isFlat(groups, group)) flag = flagCode.zeroVariance;
    else if (estimator === "maxrl" && groups.mean[group]! <= 0) flag = flagCode.meanNotPositive;
    if (flag !== flagCode.none) degenerate[group] = 1;
    else if (groupSize !== undefined && groups.size[group] !== groupSize)
      flag = flagCode.wrongCardinality;
    else if (n !== common) flag = flagCode.unevenGroup;
    flagOf[group] = flag;
  }
  for (let at = 0; at < flags.length; at += 1)
    if (usable[at] === 1) flags[at] = flagOf[groups.of[at]!]!;
  return degenerate;
}

function residualBaseline(columns: RewardColumns, groups: Groups, usable: Uint8Array): Baseline {
  const values = harnessResiduals(columns, usable);
  return { values, groups: summarizeGroups(groups.of, values, usable) };
}

/** What the differences of each group are multiplied by. */
function scales(
  groups: Groups,
  { estimator, normalize, epsilon }: ResolvedAdvantageOptions,
  rewards: Float64Array,
  usable: Uint8Array,
  baseline: Baseline,
): Float64Array {
  const scale = new Float64Array(groups.count).fill(1);
  if (normalize === "std") {
    const source = baseline.values === rewards ? groups : baseline.groups;
    const deviation = deviations(source, baseline.values, usable);
    for (let group = 0; group < scale.length; group += 1) {
      const divisor = deviation[group]! + epsilon;
      scale[group] = divisor === 0 ? 0 : 1 / divisor;
    }
  } else if (estimator === "maxrl") {
    for (let group = 0; group < scale.length; group += 1) scale[group] = 1 / groups.mean[group]!;
  }
  return scale;
}

/** The difference to the baseline. For `rloo` each mean leaves the trajectory itself out. */
function distance(
  { values, groups, own }: Baseline,
  { estimator, lambda }: ResolvedAdvantageOptions,
  at: number,
): number {
  const leaveOut = estimator === "rloo";
  const toTask = distanceTo(groups, values, at, leaveOut);
  if (!own) return toTask;
  return lambda * distanceTo(own, values, at, leaveOut) + (1 - lambda) * toTask;
}

function distanceTo(groups: Groups, values: Float64Array, at: number, leaveOut: boolean): number {
  const group = groups.of[at]!;
  const apart = values[at]! - groups.mean[group]!;
  const n = groups.n[group]!;
  return leaveOut && n > 1 ? (n / (n - 1)) * apart : apart;
}
