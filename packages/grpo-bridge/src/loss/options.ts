import { grpoError } from "../errors.ts";
import type { LossBatch } from "./batch.ts";

/**
 * What is minimised for each token, with r the ratio π_θ / π_anchor and A the advantage. The anchor
 * is `proximal` where the batch has it, else `behaviour`.
 *
 * | surrogate | loss of a token | source |
 * |---|---|---|
 * | `clip` | −min(r·A, clip(r, 1−low, 1+high)·A) | PPO, arXiv 1707.06347; asymmetric bounds: DAPO, arXiv 2503.14476 |
 * | `cispo` | −stop(clip(r))·A·log π_θ: clipped tokens still learn | MiniMax-M1, arXiv 2506.13585 |
 * | `ratio` | −r·A | importance sampling without a bound |
 *
 * `dualClip` C bounds `clip` for A < 0: −max(min(r·A, clip(r)·A), C·A) (arXiv 1912.09729).
 */
export type Surrogate = "clip" | "cispo" | "ratio";

/** One ratio per token, or per row: exp of the mean log-ratio over its trained tokens (GSPO, arXiv 2507.18071). */
export type RatioLevel = "token" | "sequence";

/**
 * How the losses of tokens become one number. Every trained token of a trajectory weighs the same, so
 * that a trajectory gains no weight by being forked into rows.
 *
 * | kind | weight of a token | source |
 * |---|---|---|
 * | `token-mean` | 1 / trained tokens of the batch | DAPO, arXiv 2503.14476 |
 * | `sequence-mean` | 1 / (trajectories · trained tokens of its trajectory) | GRPO, arXiv 2402.03300 |
 * | `constant` | 1 / (trajectories · divisor) | Dr. GRPO, arXiv 2503.20783 |
 */
export type Aggregation =
  | { readonly kind: "token-mean" }
  | { readonly kind: "sequence-mean" }
  | { readonly kind: "constant"; readonly divisor: number };

/**
 * Weight w = π_proximal / π_behaviour of a token, without gradient: for engines that sample with other
 * numbers than the trainer, and for data of older policies. Needs `proximal`.
 *
 * | kind | factor | source |
 * |---|---|---|
 * | `truncate` | min(w, cap): truncated importance sampling; with `clip` this is decoupled PPO | arXiv 2110.00641, 2505.24298 |
 * | `mask` | w where low ≤ w ≤ high, else 0: masked importance sampling | IcePop, arXiv 2510.18855 |
 */
export type Correction =
  | { readonly kind: "truncate"; readonly cap: number }
  | { readonly kind: "mask"; readonly low: number; readonly high: number };

/**
 * β · an estimate of KL(π_θ ‖ π_ref) at each trained token, with d = log π_ref − log π_θ: `k1` −d, `k2` d²/2,
 * `k3` exp(d) − d − 1 (Schulman 2020, "Approximating KL divergence"). The gradient is that of the
 * estimate itself, as trainers take it. Needs `reference`.
 */
export interface KlTerm {
  readonly beta: number;
  readonly estimator: "k1" | "k2" | "k3";
}

/** Settings of `referenceLoss`. Nothing about aggregation or level is implied. */
export interface LossOptions {
  readonly surrogate: Surrogate;
  readonly level: RatioLevel;
  readonly aggregation: Aggregation;
  /** 0.2. */
  readonly clipLow?: number;
  /** 0.28. */
  readonly clipHigh?: number;
  /** Above 1; none by default. */
  readonly dualClip?: number;
  readonly correction?: Correction;
  /**
   * Drops the trained tokens with the largest (log r)² until the mean over the rest is at most this:
   * M2PO, arXiv 2510.01161. None by default.
   */
  readonly secondMoment?: number;
  readonly kl?: KlTerm;
}

const fail = (problem: string): never => {
  throw grpoError("HX_GRPO_OPTIONS_INVALID", { problem });
};

/** Throws HX_GRPO_OPTIONS_INVALID for values out of range and for columns that the options need. */
export function checkLossOptions(options: LossOptions, batch: LossBatch): void {
  const { clipLow = 0.2, clipHigh = 0.28, dualClip, aggregation, correction, kl } = options;
  const { secondMoment } = options;
  if (!["clip", "cispo", "ratio"].includes(options.surrogate))
    fail("surrogate is clip, cispo or ratio");
  if (!["token", "sequence"].includes(options.level)) fail("level is token or sequence");
  if (!["token-mean", "sequence-mean", "constant"].includes(aggregation.kind))
    fail("aggregation is token-mean, sequence-mean or constant");
  if (!(clipLow >= 0 && clipLow <= 1)) fail("clipLow is a number from 0 to 1");
  if (!(clipHigh >= 0)) fail("clipHigh is a number of at least 0");
  if (dualClip !== undefined && !(dualClip > 1)) fail("dualClip is above 1");
  if (dualClip !== undefined && options.surrogate !== "clip")
    fail("dualClip belongs to the surrogate clip");
  if (aggregation.kind === "constant" && !(aggregation.divisor > 0))
    fail("the divisor of the aggregation is above 0");
  if (correction && !batch.proximal) fail("a correction needs the proximal log-probabilities");
  if (correction?.kind === "truncate" && !(correction.cap > 0)) fail("cap is above 0");
  if (correction?.kind === "mask" && !(correction.low >= 0 && correction.high >= correction.low))
    fail("low is at least 0 and high at least low");
  if (secondMoment !== undefined && !(secondMoment >= 0)) fail("secondMoment is at least 0");
  if (kl && !batch.reference) fail("a KL term needs the reference log-probabilities");
  if (kl && !["k1", "k2", "k3"].includes(kl.estimator)) fail("the KL estimator is k1, k2 or k3");
}
