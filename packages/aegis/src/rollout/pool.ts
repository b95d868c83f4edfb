import { runRollout } from "./run.ts";
import { schedule, type RolloutPool, type RolloutPoolOptions } from "./schedule.ts";

/** Makes a pool that plays in this process. */
export function createRolloutPool(options: RolloutPoolOptions = {}): RolloutPool {
  return schedule(runRollout, options);
}
