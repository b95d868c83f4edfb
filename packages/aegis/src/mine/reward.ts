import type { RolloutRecord } from "../rollout/index.ts";
import { mean } from "../statistics/interval.ts";

/** How reward and success go apart: failures that came near. */
export interface RewardFinding {
  /** Over all rollouts, in [0, 1]. */
  readonly mean: number;
  /** Failed rollouts that were given part of the reward, and how much on average. */
  readonly partial: { readonly rollouts: number; readonly mean: number };
}

/** Undefined where every failure has the score 0: the score then says no more than pass or fail. */
export function mineReward(records: readonly RolloutRecord[]): RewardFinding | undefined {
  const scored = records.filter(({ infra }) => infra === undefined);
  const partial = scored.filter(({ passed, score }) => !passed && score > 0);
  if (partial.length === 0) return undefined;
  return {
    mean: mean(scored.map(({ score }) => score)),
    partial: { rollouts: partial.length, mean: mean(partial.map(({ score }) => score)) },
  };
}
