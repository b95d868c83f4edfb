import { groupBy } from "../statistics/group.ts";
import type { Episode } from "./episode.ts";

/** The first call at which a failing episode of a task left the path of a passing one. */
export interface Contrast {
  readonly passTrace: string;
  readonly failTrace: string;
  /** Number of calls that both made alike. */
  readonly divergeCall: number;
  readonly passCall?: string;
  readonly failCall?: string;
}

/**
 * For a task with both outcomes: the pair of a passing and a failing episode that stay together
 * longest, and where they part. The longer the common path, the more the step after it says.
 */
export function contrastOf(episodes: readonly Episode[]): Contrast | undefined {
  const groups = groupBy(episodes, (episode) => episode.passed);
  let best: Contrast | undefined;
  for (const pass of groups.get(true) ?? []) {
    for (const fail of groups.get(false) ?? []) {
      const divergeCall = commonLength(pass, fail);
      if (best && best.divergeCall >= divergeCall) continue;
      const passCall = pass.calls[divergeCall]?.key;
      const failCall = fail.calls[divergeCall]?.key;
      best = {
        passTrace: pass.trace,
        failTrace: fail.trace,
        divergeCall,
        ...(passCall === undefined ? {} : { passCall }),
        ...(failCall === undefined ? {} : { failCall }),
      };
    }
  }
  return best;
}

function commonLength(a: Episode, b: Episode): number {
  const limit = Math.min(a.calls.length, b.calls.length);
  for (let index = 0; index < limit; index += 1)
    if (a.calls[index]!.key !== b.calls[index]!.key) return index;
  return limit;
}
