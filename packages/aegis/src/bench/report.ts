import type { ExitReason, PolicyKind } from "@harnessx/core/plugin";
import type { RolloutRecord } from "../rollout/index.ts";
import type { Interval } from "../statistics/index.ts";

/** Results of one cluster of tasks. */
export interface ClusterResult {
  readonly cluster: string;
  readonly tasks: number;
  readonly trials: number;
  readonly passed: number;
  readonly passRate: number;
  readonly interval: Interval;
}

/** Results of one arm. Infra failures count as trials that did not pass; `infra` says how many. */
export interface ArmResult {
  readonly name: string;
  /** Hash of the harness. */
  readonly harness: string;
  readonly tasks: number;
  readonly trials: number;
  readonly passed: number;
  readonly passRate: number;
  /** 95 %: Wilson's for one repetition, else the wider of Wilson's and a bootstrap over tasks. */
  readonly interval: Interval;
  readonly meanSteps: number;
  readonly tokens: number;
  readonly costUsd: number;
  /** How often each exit reason occurred; `not_opened` where no run began. */
  readonly exits: Readonly<Partial<Record<ExitReason | "not_opened", number>>>;
  readonly infra: number;
  readonly clusters: readonly ClusterResult[];
}

/** Second arm minus first arm. Pairs with an infra failure on either side are left out. */
export interface Comparison {
  /** Mean over tasks of the mean difference, in [−1, 1]. */
  readonly delta: number;
  /** 95 %, bootstrap over tasks. */
  readonly interval: Interval;
  /** Pairs that only the second arm passed. */
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
}

/** What a trivial policy would have scored on the tasks that were measured. */
export interface FloorResult {
  /** The policy, such as `no-op`. */
  readonly name: string;
  /** Of the measured tasks. */
  readonly passed: number;
  readonly tasks: number;
  readonly passRate: number;
  readonly note?: string;
}

/** What a measurement came to. */
export interface BenchReport {
  readonly suite: string;
  /** Where the tasks come from, in the suite's words. */
  readonly data: string;
  readonly policy: PolicyKind;
  readonly model: string;
  readonly seed: number;
  /** Ids. */
  readonly tasks: readonly string[];
  readonly reps: number;
  readonly arms: readonly ArmResult[];
  /** Where the suite knows one. */
  readonly floor?: FloorResult;
  readonly comparison?: Comparison;
  /**
   * Half the width of the 95 % interval of the first arm against itself under fresh seeds, measured
   * on the same tasks with as many repetitions: a `delta` below it means nothing.
   */
  readonly noiseFloor: number;
  /** Every rollout of the arms (not those of the noise measurement), by repetition, task and arm. */
  readonly outcomes: readonly RolloutRecord[];
  /** Wall time. */
  readonly ms: number;
}
