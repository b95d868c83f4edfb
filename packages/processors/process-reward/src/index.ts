import { defineProcessor, replace, type JsonObject } from "@harnessx/core/plugin";
import type { ProcessRewardOptions } from "./options.ts";
import {
  addReward,
  returnsOf,
  rewardOf,
  rounded,
  terminalReward,
  type Rewards,
} from "./rewards.ts";

export type { ProcessRewardOptions } from "./options.ts";

/** Rewards every step by what its tool calls came to, and adds the score of the task at its end. */
export default defineProcessor<ProcessRewardOptions>((run, options) => {
  const cell = run.cell<Rewards>("rewards", { sum: 0, steps: [], recent: [] });

  run.hooks.stepEnd.tap("reward", (event) => {
    const rewards = cell.value;
    const { reward, successes, failures, repeats } = rewardOf(event, rewards.recent, options);
    const counted = addReward(rewards, event.step, reward, options);
    const { step } = event;
    const { sum } = rewards;
    run.log(options.name, { step, reward: counted, sum, successes, failures, repeats });
  });

  run.hooks.taskEnd.tap("report", (event) => {
    const { sum, steps } = cell.value;
    const terminal = terminalReward(event.evaluations, options);
    const weighted = rounded((terminal?.score ?? 0) * options.terminalWeight);
    const details: JsonObject = {
      process: sum,
      // Without an evaluation there is no terminal reward, which is not a terminal reward of 0.
      terminal: terminal ? weighted : null,
      from: terminal?.from ?? [],
      discount: options.discount,
      steps: returnsOf(steps, weighted, options.discount),
    };
    const score = rounded(sum + weighted);
    return replace(event.withEvaluation({ name: options.name, score, details }));
  });
});
