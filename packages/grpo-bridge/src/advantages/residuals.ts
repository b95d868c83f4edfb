import { countIds, pairIds, type RewardColumns } from "./columns.ts";

/**
 * Rewards less what their harness gets on other tasks: the mean over all its trajectories except
 * those of the same task. A harness that played no other task is taken for an average one of those
 * that met this task. What is left is comparable between harnesses of different strength.
 */
export function harnessResiduals(columns: RewardColumns, usable: Uint8Array): Float64Array {
  const { rewards, tasks, harnesses } = columns;
  const pairs = pairIds(tasks, harnesses);
  const ofHarness = sums(harnesses, rewards, usable);
  const ofPair = sums(pairs, rewards, usable);
  const offsets = new Float64Array(rewards.length);
  const known = new Uint8Array(rewards.length);
  for (let at = 0; at < rewards.length; at += 1) {
    if (usable[at] === 0) continue;
    const others = ofHarness.n[harnesses[at]!]! - ofPair.n[pairs[at]!]!;
    if (others === 0) continue;
    known[at] = 1;
    offsets[at] = (ofHarness.sum[harnesses[at]!]! - ofPair.sum[pairs[at]!]!) / others;
  }
  const ofTask = sums(tasks, offsets, known);
  const residuals = new Float64Array(rewards.length);
  for (let at = 0; at < rewards.length; at += 1) {
    const task = tasks[at]!;
    const average = ofTask.n[task]! > 0 ? ofTask.sum[task]! / ofTask.n[task]! : 0;
    residuals[at] = rewards[at]! - (known[at] === 1 ? offsets[at]! : average);
  }
  return residuals;
}

function sums(
  ids: Int32Array,
  values: Float64Array,
  usable: Uint8Array,
): { readonly sum: Float64Array; readonly n: Int32Array } {
  const count = countIds(ids);
  const sum = new Float64Array(count);
  const n = new Int32Array(count);
  for (let at = 0; at < ids.length; at += 1) {
    if (usable[at] === 0) continue;
    sum[ids[at]!]! += values[at]!;
    n[ids[at]!]! += 1;
  }
  return { sum, n };
}
