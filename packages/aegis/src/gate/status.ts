import type { TaskStatus } from "../digest/types.ts";
import { logGamma, betaCdf } from "../statistics/beta.ts";

/**
 * Logarithm of the e-value against "the pass rate is at most θ": the likelihood ratio of p to θ,
 * averaged over p in (θ, 1]. Valid after any number of trials.
 */
export function logSolved(passes: number, fails: number, theta: number): number {
  const beta = { a: passes + 1, b: fails + 1 };
  const upper = 1 - betaCdf(beta, theta);
  if (upper <= 0) return Number.NEGATIVE_INFINITY;
  const logBeta = logGamma(beta.a) + logGamma(beta.b) - logGamma(beta.a + beta.b);
  return (
    logBeta +
    Math.log(upper) -
    Math.log(1 - theta) -
    passes * Math.log(theta) -
    fails * Math.log(1 - theta)
  );
}

/**
 * How a task stands: SOLVED when "the pass rate is at most θ" is refuted at level α, FAILED without
 * any pass, FLAKY in between. At the defaults 5 of 5, 8 of 9 or 11 of 13 make a task SOLVED.
 */
export function taskStatus(
  passes: number,
  fails: number,
  { theta = 0.5, alpha = 0.1 }: { readonly theta?: number; readonly alpha?: number } = {},
): TaskStatus {
  if (passes === 0) return "FAILED";
  return logSolved(passes, fails, theta) >= Math.log(1 / alpha) + 1e-9 ? "SOLVED" : "FLAKY";
}
