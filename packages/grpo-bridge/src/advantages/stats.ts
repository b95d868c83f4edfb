import { flagNames, lastDegenerate, type TrajectoryFlag } from "./flags.ts";
import { countIds, type RewardColumns } from "./columns.ts";
import type { Groups } from "./groups.ts";

/** What a batch is worth, and what is wrong with it. */
export interface AdvantageStats {
  readonly trajectories: number;
  readonly groups: number;
  /** Groups without signal: one member, equal rewards, or no usable reward. */
  readonly degenerateGroups: number;
  /** The same as a share of all groups; 0 without groups. */
  readonly degenerateShare: number;
  /** Trajectories by flag; only flags that occur. */
  readonly flagged: Readonly<Partial<Record<TrajectoryFlag, number>>>;
  /** Over usable rewards; null without any. */
  readonly meanReward: number | null;
  /** Share of the variance of advantages that lies between harnesses: what a trainer could learn about them. */
  readonly leakage: number;
  /** (Σ|A|)² / ΣA²: how many trajectories of equal weight carry as much. */
  readonly effectiveSampleSize: number;
  /** Mean advantage by harness id. */
  readonly meanAdvantageByHarness: readonly number[];
  /** Trajectories by lag behind the current model version; only when versions are known. */
  readonly staleness?: Readonly<Record<string, number>>;
}

interface Known {
  readonly columns: RewardColumns;
  readonly groups: Groups;
  readonly degenerate: Uint8Array;
  readonly usable: Uint8Array;
  readonly advantages: Float64Array;
  readonly flags: Uint8Array;
  readonly currentModelVersion: number | undefined;
}

/** Sums up a batch. */
export function advantageStats(known: Known): AdvantageStats {
  const { columns, groups, degenerate, usable, advantages, flags, currentModelVersion } = known;
  const counts = new Array<number>(flagNames.length).fill(0);
  let rewards = 0;
  let usableCount = 0;
  let absolute = 0;
  let squares = 0;
  for (let at = 0; at < advantages.length; at += 1) {
    counts[flags[at]!]! += 1;
    absolute += Math.abs(advantages[at]!);
    squares += advantages[at]! ** 2;
    if (usable[at] === 0) continue;
    usableCount += 1;
    rewards += columns.rewards[at]!;
  }
  let degenerateGroups = 0;
  let present = 0;
  for (let group = 0; group < groups.count; group += 1) {
    if (groups.size[group] === 0) continue;
    present += 1;
    degenerateGroups += degenerate[group]!;
  }
  const staleness =
    columns.modelVersions && currentModelVersion !== undefined
      ? lags(columns.modelVersions, currentModelVersion)
      : undefined;
  return {
    trajectories: advantages.length,
    groups: present,
    degenerateGroups,
    degenerateShare: present === 0 ? 0 : degenerateGroups / present,
    flagged: Object.fromEntries(
      flagNames.flatMap((name, code) =>
        name !== null && counts[code]! > 0 ? [[name, counts[code]!]] : [],
      ),
    ),
    meanReward: usableCount === 0 ? null : rewards / usableCount,
    effectiveSampleSize: squares === 0 ? 0 : absolute ** 2 / squares,
    ...betweenHarnesses(columns.harnesses, advantages, flags),
    ...(staleness ? { staleness } : {}),
  };
}

/** Of trajectories that carry signal, the share of the variance that harness means explain. */
function betweenHarnesses(
  harnesses: Int32Array,
  advantages: Float64Array,
  flags: Uint8Array,
): { readonly leakage: number; readonly meanAdvantageByHarness: readonly number[] } {
  const count = countIds(harnesses);
  const sum = new Float64Array(count);
  const n = new Int32Array(count);
  let total = 0;
  let all = 0;
  const carries = (at: number): boolean => flags[at] === 0 || flags[at]! > lastDegenerate;
  for (let at = 0; at < advantages.length; at += 1) {
    if (!carries(at)) continue;
    sum[harnesses[at]!]! += advantages[at]!;
    n[harnesses[at]!]! += 1;
    total += advantages[at]!;
    all += 1;
  }
  const mean = all === 0 ? 0 : total / all;
  let variance = 0;
  for (let at = 0; at < advantages.length; at += 1)
    if (carries(at)) variance += (advantages[at]! - mean) ** 2;
  let between = 0;
  for (let id = 0; id < count; id += 1)
    if (n[id]! > 0) between += n[id]! * (sum[id]! / n[id]! - mean) ** 2;
  return {
    leakage: variance === 0 ? 0 : Math.min(1, between / variance),
    meanAdvantageByHarness: Array.from(sum, (value, id) => (n[id] === 0 ? 0 : value / n[id]!)),
  };
}

function lags(versions: Int32Array, current: number): Record<string, number> {
  const counts = new Map<number, number>();
  for (const version of versions)
    counts.set(current - version, (counts.get(current - version) ?? 0) + 1);
  return Object.fromEntries(
    [...counts].toSorted(([a], [b]) => a - b).map(([lag, count]) => [String(lag), count]),
  );
}
