import { logFutile, reaches } from "./e-value.ts";
import type { GatePolicy } from "./policy.ts";
import type { Protection } from "./protect.ts";
import { estimate } from "./tally.ts";
import type { ClusterVerdict } from "./types.ts";

/** What a fork is judged by. */
export interface ForkInput {
  readonly policy: GatePolicy;
  readonly clusters: readonly ClusterVerdict[];
  readonly protection: readonly Protection[];
  /** Share of the tasks in each cluster. */
  readonly share: ReadonlyMap<string, number>;
  /** Clusters that may have further trials of their own, for the sake of a fork. */
  readonly extendable: (cluster: string) => boolean;
  readonly challengesLeft: boolean;
}

/** A fork, the trials that would show whether there is one, or none. */
export type ForkPlan =
  | { readonly type: "none" }
  | { readonly type: "pursue"; readonly clusters: readonly string[] }
  | { readonly type: "challenge"; readonly tasks: readonly number[] }
  | { readonly type: "fork"; readonly scope: readonly string[] };

/**
 * Whether the candidate is to be used for some clusters alone: those with a certified gain and no
 * solved task lost or in doubt, together worth a variant. Where harm elsewhere rules out everything
 * else, clusters that may still come to that have their own trials first; a cluster's evidence stays
 * valid however its trials were chosen.
 */
export function planFork(input: ForkInput): ForkPlan {
  const { policy, clusters, protection, share, extendable } = input;
  const within = (state: Protection["state"]): Set<string> =>
    new Set(protection.filter((one) => one.state === state).map(({ cluster }) => cluster));
  const lost = within("collapsed");
  const gained = clusters.filter(({ id, state }) => state === "GAIN" && !lost.has(id));
  const worth = (list: readonly ClusterVerdict[]): number =>
    list.reduce((sum, one) => sum + share.get(one.id)! * estimate(one), 0);

  const harmed = lost.size > 0 || clusters.some(({ state }) => state === "HARM");
  const promising = clusters.filter(
    (one) =>
      harmed &&
      (one.state === "OPEN" || one.state === "CLEAR") &&
      !lost.has(one.id) &&
      estimate(one) > 0 &&
      extendable(one.id) &&
      !reaches(logFutile(needed(policy, share.get(one.id)!), one), policy.futility),
  );
  if (promising.length > 0 && worth([...gained, ...promising]) >= policy.forkGain)
    return { type: "pursue", clusters: promising.map(({ id }) => id) };

  const candidates = new Set(gained.map(({ id }) => id));
  const doubtful = protection.filter(
    ({ cluster, state }) => state === "open" && candidates.has(cluster),
  );
  if (worth(gained) < policy.forkGain || gained.length === clusters.length) return { type: "none" };
  if (doubtful.length > 0 && input.challengesLeft)
    return { type: "challenge", tasks: doubtful.map(({ task }) => task) };
  const open = within("open");
  const clean = gained.filter(({ id }) => !open.has(id));
  return clean.length > 0 && worth(clean) >= policy.forkGain
    ? { type: "fork", scope: clean.map(({ id }) => id) }
    : { type: "none" };
}

/** The gain that a cluster needs to be worth a fork by itself. */
const needed = (policy: GatePolicy, share: number): number =>
  Math.min(0.95, policy.forkGain / share);
