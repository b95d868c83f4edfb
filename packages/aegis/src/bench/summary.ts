import type { SuiteFloor, SuiteTask } from "@harnessx/core/plugin";
import type { RolloutRecord } from "../rollout/index.ts";
import { groupBy } from "../statistics/group.ts";
import { bootstrapMean, wilson, type Interval, type PairedTask } from "../statistics/index.ts";
import type { ArmResult, ClusterResult, FloorResult } from "./report.ts";

/** Summarises the rollouts of one arm. */
export function summarize(
  name: string,
  harness: string,
  records: readonly RolloutRecord[],
  seed: number,
): ArmResult {
  const exits: Record<string, number> = {};
  for (const { exit = "not_opened" } of records) exits[exit] = (exits[exit] ?? 0) + 1;
  const sum = (of: (record: RolloutRecord) => number): number =>
    records.reduce((total, record) => total + of(record), 0);
  return {
    name,
    harness,
    ...rates(records, seed),
    meanSteps: records.length === 0 ? 0 : sum((record) => record.steps) / records.length,
    tokens: sum((record) => record.tokens),
    costUsd: sum((record) => record.costUsd),
    exits,
    infra: sum((record) => (record.infra === undefined ? 0 : 1)),
    clusters: clustersOf(records, seed),
  };
}

/** The suite's floor on the tasks that were measured. */
export function floorOf(floor: SuiteFloor, tasks: readonly SuiteTask[]): FloorResult {
  const ids = new Set(floor.passed);
  const passed = tasks.filter(({ id }) => ids.has(id)).length;
  return {
    name: floor.name,
    passed,
    tasks: tasks.length,
    passRate: passed / tasks.length,
    ...(floor.note === undefined ? {} : { note: floor.note }),
  };
}

function clustersOf(records: readonly RolloutRecord[], seed: number): ClusterResult[] {
  const groups = groupBy(records, (record) => record.cluster);
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([cluster, group]) => ({ cluster, ...rates(group, seed) }));
}

function rates(records: readonly RolloutRecord[], seed: number): Omit<ClusterResult, "cluster"> {
  const byTask = groupBy(records, (record) => record.task);
  const passed = records.filter((record) => record.passed).length;
  const groups = [...byTask.values()].map((group) => group.map((record) => Number(record.passed)));
  return {
    tasks: byTask.size,
    trials: records.length,
    passed,
    passRate: records.length === 0 ? 0 : passed / records.length,
    interval: passInterval(groups, passed, records.length, seed),
  };
}

/**
 * Repetitions of a task resemble each other, so Wilson's interval is too narrow for them; the
 * bootstrap in turn has no width when all tasks agree. The wider of both errs on the safe side.
 */
export function passInterval(
  groups: readonly number[][],
  passed: number,
  trials: number,
  seed: number,
): Interval {
  const plain = wilson(passed, trials);
  if (groups.length === trials || groups.length < 2) return plain;
  const resampled = bootstrapMean(groups, { seed });
  return [Math.min(plain[0], resampled[0]), Math.max(plain[1], resampled[1])];
}

/** Differences second − first, task by task; pairs with an infra failure on either side are dropped. */
export function pairUp(
  first: readonly RolloutRecord[],
  second: readonly RolloutRecord[],
): PairedTask[] {
  const tasks = new Map<string, { cluster: string; differences: number[] }>();
  first.forEach((record, index) => {
    const other = second[index];
    if (!other || record.infra || other.infra) return;
    const task = tasks.get(record.task) ?? { cluster: record.cluster, differences: [] };
    task.differences.push(Number(other.passed) - Number(record.passed));
    tasks.set(record.task, task);
  });
  return [...tasks].map(([task, { cluster, differences }]) => ({ task, cluster, differences }));
}
