import { betaVariance, normalCdf } from "../statistics/beta.ts";

/** Trials of one task on the train split, pooled over blocks. */
export interface TrunkTask {
  readonly cand: { readonly pass: number; readonly n: number };
  readonly inc: { readonly pass: number; readonly n: number };
}

/** What a screening on train says; it never ships anything, it chooses what is certified. */
export interface TrunkDecision {
  readonly decision: "take" | "drop" | "undecided";
  /** Posterior of the gain, in points. */
  readonly mean: number;
  readonly sd: number;
  /** Probability that the gain is above one point. */
  readonly better: number;
}

/** Prior of an edit's gain in points: most edits do little, and slightly harm. */
const PRIOR = { mean: -0.5, sd: 5 };
const TAKE = 0.8;
const DROP = 0.4;

/** Normal posterior of the mean gain over tasks, with Jeffreys-smoothed variances. */
export function trunkDecision(tasks: readonly TrunkTask[]): TrunkDecision {
  const own = tasks.filter(({ cand, inc }) => cand.n > 0 && inc.n > 0);
  if (own.length === 0)
    return { decision: "undecided", ...PRIOR, better: 1 - normalCdf((1 - PRIOR.mean) / PRIOR.sd) };
  let delta = 0;
  let variance = 0;
  for (const { cand, inc } of own) {
    delta += (100 * (cand.pass / cand.n - inc.pass / inc.n)) / own.length;
    variance += (1e4 * (rateVariance(cand) + rateVariance(inc))) / own.length ** 2;
  }
  const precision = 1 / PRIOR.sd ** 2 + 1 / variance;
  const mean = (PRIOR.mean / PRIOR.sd ** 2 + delta / variance) / precision;
  const sd = Math.sqrt(1 / precision);
  const above = (points: number): number => 1 - normalCdf((points - mean) / sd);
  const better = above(1);
  const decision = better >= TAKE ? "take" : above(2) <= DROP ? "drop" : "undecided";
  return { decision, mean, sd, better };
}

/** Variance of an observed rate, with half a pass and half a failure added so that it is never zero. */
function rateVariance({ pass, n }: { readonly pass: number; readonly n: number }): number {
  const posterior = { a: pass + 0.5, b: n - pass + 0.5 };
  // The beta-binomial variance of the rate beyond what the posterior itself is unsure of.
  const p = posterior.a / (posterior.a + posterior.b);
  return (p * (1 - p)) / n + betaVariance(posterior) / (n + 2);
}
