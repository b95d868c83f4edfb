import { bootstrapMean, mean, type Interval } from "./interval.ts";

/** One task of a paired comparison: the differences candidate − incumbent of its repetitions, each −1, 0 or 1. */
export interface PairedTask {
  readonly task: string;
  readonly cluster: string;
  readonly differences: readonly number[];
}

/** A paired comparison of two arms. */
export interface PairedComparison {
  /** Mean over tasks of the mean difference, in [−1, 1]. */
  readonly delta: number;
  readonly interval: Interval;
  /** Pairs that only the candidate passed. */
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
}

/** The wins, losses and delta of a comparison with a bootstrap interval over tasks. */
export function comparePaired(
  tasks: readonly PairedTask[],
  seed: number | string,
): PairedComparison {
  const groups = tasks
    .map((task) => task.differences)
    .filter((differences) => differences.length > 0);
  const all = groups.flat();
  return {
    delta: mean(groups.map(mean)),
    interval: bootstrapMean(groups, { seed }),
    wins: all.filter((difference) => difference > 0).length,
    losses: all.filter((difference) => difference < 0).length,
    ties: all.filter((difference) => difference === 0).length,
  };
}

/** Like `comparePaired` with whole clusters drawn: for claims about clusters that were not measured. */
export function clusterInterval(tasks: readonly PairedTask[], seed: number | string): Interval {
  const clusters = new Map<string, number[]>();
  for (const { cluster, differences } of tasks) {
    clusters.set(cluster, [...(clusters.get(cluster) ?? []), ...differences]);
  }
  return bootstrapMean([...clusters.values()], { seed });
}

/**
 * The noise floor: half the width of the 95 % interval of a comparison of a harness with itself.
 * A difference below it is what two measurements of one and the same harness show.
 */
export function noiseFloor(tasks: readonly PairedTask[], seed: number | string): number {
  const [low, high] = bootstrapMean(
    tasks.map((task) => task.differences),
    { seed },
  );
  return Number.isFinite(high - low) ? (high - low) / 2 : 1;
}
