import { checkLossBatch, type LossBatch } from "./batch.ts";
import { klAt } from "./kl.ts";
import { checkLossOptions, type LossOptions } from "./options.ts";
import { tokenLoss } from "./surrogate.ts";
import { correctionFactor, keptBySecondMoment, tokenWeights } from "./weights.ts";

/** A loss, its gradient and what happened on the way. */
export interface Loss {
  readonly loss: number;
  /** By log π_θ of each token; 0 where the mask is 0. */
  readonly gradient: Float64Array;
  /** The part of the loss that is the KL term, β included. */
  readonly kl: number;
  readonly stats: LossStats;
}

/** Shares are of the trained tokens; 0 without any. */
export interface LossStats {
  readonly trainedTokens: number;
  readonly clippedShare: number;
  /** Dropped by `secondMoment` or by a masking correction. */
  readonly droppedShare: number;
  /** Mean of log π_behaviour − log π_θ: how far the policy has moved, as trainers report it. */
  readonly approximateKl: number;
  /** (Σr)² / Σr², with r = π_θ / π_behaviour: how many tokens of equal weight carry as much. */
  readonly effectiveSampleSize: number;
}

/**
 * The loss that a trainer with these options computes, for tests of trainers and of exported batches.
 *
 * `frozen` holds the log-probabilities behind every stop-gradient (the factor of `cispo`, the tokens
 * that `secondMoment` keeps): `batch.logprobs` by default. Passing it is what makes a finite
 * difference comparable with the gradient. The input is not changed.
 * Errors: HX_GRPO_OPTIONS_INVALID, HX_GRPO_COLUMNS_INVALID.
 *
 * @example
 * ```ts
 * import { referenceLoss } from "@harnessx/grpo-bridge";
 * const one = (value: number) => Float64Array.of(value);
 * const batch = { rowStarts: Int32Array.of(0, 1), mask: Uint8Array.of(1), advantages: one(1), logprobs: one(-0.5), behaviour: one(-1) };
 * referenceLoss(batch, { surrogate: "clip", level: "token", aggregation: { kind: "token-mean" } }).loss; // -1.28
 * ```
 */
export function referenceLoss(
  batch: LossBatch,
  options: LossOptions,
  frozen: Float64Array = batch.logprobs,
): Loss {
  checkLossBatch(batch);
  checkLossOptions(options, batch);
  const { mask, advantages, logprobs, behaviour, proximal, reference } = batch;
  const anchor = proximal ?? behaviour;
  const weights = tokenWeights(batch, options.aggregation);
  const ratios = logRatios(batch, logprobs, anchor, options.level);
  const frozenRatios =
    frozen === logprobs ? ratios : logRatios(batch, frozen, anchor, options.level);
  const kept = keptBySecondMoment(
    mask,
    logRatios(batch, frozen, behaviour, "token"),
    options.secondMoment,
  );
  const bySurrogate = new Float64Array(mask.length);
  const gradient = new Float64Array(mask.length);
  const counts = new Counts();
  let loss = 0;
  let kl = 0;
  for (let at = 0; at < mask.length; at += 1) {
    if (mask[at] === 0) continue;
    const weight = weights[at]!;
    const factor =
      kept[at]! * correctionFactor(options.correction, proximal?.[at] ?? 0, behaviour[at]!);
    const token = tokenLoss(
      options,
      advantages[at]!,
      ratios[at]!,
      frozenRatios[at]!,
      logprobs[at]!,
    );
    loss += weight * factor * token.loss;
    bySurrogate[at] = weight * factor * token.slope;
    counts.add(logprobs[at]! - behaviour[at]!, token.clipped, factor === 0);
    if (!options.kl) continue;
    const { value, slope } = klAt(options.kl.estimator, logprobs[at]!, reference![at]!);
    kl += weight * options.kl.beta * value;
    gradient[at] = weight * options.kl.beta * slope;
  }
  // The factor of `cispo` is behind a stop-gradient; what is derived is the token's own log π_θ.
  const shared = options.level === "sequence" && options.surrogate !== "cispo";
  addSlopes(batch, gradient, bySurrogate, shared);
  return { loss: loss + kl, gradient, kl, stats: counts.stats() };
}

/** Log-ratio at each trained token: its own, or the mean of its row. */
function logRatios(
  { rowStarts, mask }: LossBatch,
  of: Float64Array,
  to: Float64Array,
  level: LossOptions["level"],
): Float64Array {
  const result = new Float64Array(mask.length);
  for (let row = 0; row + 1 < rowStarts.length; row += 1) {
    let sum = 0;
    let trained = 0;
    for (let at = rowStarts[row]!; at < rowStarts[row + 1]!; at += 1) {
      if (mask[at] === 0) continue;
      result[at] = of[at]! - to[at]!;
      sum += result[at]!;
      trained += 1;
    }
    if (level === "token") continue;
    for (let at = rowStarts[row]!; at < rowStarts[row + 1]!; at += 1)
      if (mask[at] === 1) result[at] = sum / trained;
  }
  return result;
}

/** A ratio of the row hands its derivative to all trained tokens of the row in equal parts. */
function addSlopes(
  { rowStarts, mask }: LossBatch,
  gradient: Float64Array,
  slopes: Float64Array,
  shared: boolean,
): void {
  for (let row = 0; row + 1 < rowStarts.length; row += 1) {
    let sum = 0;
    let trained = 0;
    for (let at = rowStarts[row]!; at < rowStarts[row + 1]!; at += 1) {
      sum += slopes[at]!;
      trained += mask[at]!;
    }
    for (let at = rowStarts[row]!; at < rowStarts[row + 1]!; at += 1)
      if (mask[at] === 1) gradient[at]! += shared ? sum / trained : slopes[at]!;
  }
}

class Counts {
  #trained = 0;
  #clipped = 0;
  #dropped = 0;
  #moved = 0;
  #ratios = 0;
  #squares = 0;

  add(logRatio: number, clipped: boolean, dropped: boolean): void {
    const ratio = Math.exp(logRatio);
    this.#trained += 1;
    this.#clipped += clipped ? 1 : 0;
    this.#dropped += dropped ? 1 : 0;
    this.#moved -= logRatio;
    this.#ratios += ratio;
    this.#squares += ratio * ratio;
  }

  stats(): LossStats {
    const share = (count: number): number => (this.#trained === 0 ? 0 : count / this.#trained);
    return {
      trainedTokens: this.#trained,
      clippedShare: share(this.#clipped),
      droppedShare: share(this.#dropped),
      approximateKl: share(this.#moved),
      effectiveSampleSize: this.#squares === 0 ? 0 : this.#ratios ** 2 / this.#squares,
    };
  }
}
