import { callKey, textOf, type Evaluation, type StepEndEvent } from "@harnessx/core/plugin";
import { fingerprint } from "./fingerprint.ts";
import type { ProcessRewardOptions } from "./options.ts";

/** What all steps came to so far; survives a swap. */
export type Rewards = {
  /** Of the steps, within the caps. */
  sum: number;
  /** One row a step. */
  steps: [step: number, reward: number][];
  /** Fingerprints of the newest calls. */
  recent: string[];
};

/** What one step came to. */
export interface StepReward {
  readonly reward: number;
  readonly successes: number;
  readonly failures: number;
  readonly repeats: number;
}

/** The reward of one step, before any cap. Remembers its calls. */
export function rewardOf(
  { calls }: Pick<StepEndEvent, "calls">,
  recent: string[],
  options: ProcessRewardOptions,
): StepReward {
  let [successes, failures, repeats] = [0, 0, 0];
  for (const { call, result } of calls) {
    // A call that the end of the run cut off says nothing about the agent.
    if (result.status === "cancelled") continue;
    const shown = options.repeatOf === "call" ? "" : `${result.status} ${textOf(result.content)}`;
    const key = fingerprint(`${callKey(call)} ${shown}`);
    const isRepeated = recent.includes(key);
    recent.push(key);
    if (recent.length > options.window) recent.shift();
    if (isRepeated) repeats += 1;
    else if (result.status === "ok") successes += 1;
    else failures += 1;
  }
  const reward =
    successes * options.success + failures * options.failure + repeats * options.repeat;
  return { reward: rounded(reward), successes, failures, repeats };
}

/** Adds a step; what would lead out of the caps is cut off. Returns what the step counts. */
export function addReward(
  rewards: Rewards,
  step: number,
  reward: number,
  { least, most }: Pick<ProcessRewardOptions, "least" | "most">,
): number {
  const sum = Math.min(most, Math.max(least, rewards.sum + reward));
  const counted = rounded(sum - rewards.sum);
  rewards.sum = rounded(sum);
  rewards.steps.push([step, counted]);
  return counted;
}

/** The mean score of the evaluations that decide, and their names; nothing where none is there. */
export function terminalReward(
  evaluations: readonly Evaluation[],
  { name, terminal }: Pick<ProcessRewardOptions, "name" | "terminal">,
): { readonly score: number; readonly from: readonly string[] } | undefined {
  const deciding = evaluations.filter((evaluation) =>
    terminal.length > 0
      ? terminal.includes(evaluation.name)
      : // An evaluation without a verdict is a report: its score is no judgement.
        evaluation.passed !== undefined && evaluation.name !== name,
  );
  if (deciding.length === 0) return undefined;
  const sum = deciding.reduce((total, { score }) => total + score, 0);
  return { score: sum / deciding.length, from: deciding.map((evaluation) => evaluation.name) };
}

/** Each step with its reward and its return; the terminal reward belongs to the last step. */
export function returnsOf(
  steps: Rewards["steps"],
  terminal: number,
  discount: number,
): (readonly [step: number, reward: number, value: number])[] {
  let value = 0;
  const rows = steps.map(([step, reward], index) => {
    const isLast = index === steps.length - 1;
    return [step, rounded(reward + (isLast ? terminal : 0))] as const;
  });
  return rows
    .reverse()
    .map(([step, reward]) => {
      value = reward + discount * value;
      return [step, reward, rounded(value)] as const;
    })
    .reverse();
}

/** Sums of hundredths stay hundredths. */
export function rounded(value: number): number {
  // No negative zero: it is not the same in JSON.
  return Math.round(value * 1e9) / 1e9 + 0;
}
