import type { LossOptions } from "./options.ts";

/** The loss of a token, and its derivative by the log-ratio (`cispo`: by log π_θ of the token itself). */
export interface TokenLoss {
  readonly loss: number;
  readonly slope: number;
  /** The bound was active: the derivative is 0, or for `cispo` the factor was cut. */
  readonly clipped: boolean;
}

/**
 * `logRatio` is that of the level; `frozen` the same where a stop-gradient holds it; `logprob` the
 * token's own log π_θ.
 */
export function tokenLoss(
  options: LossOptions,
  advantage: number,
  logRatio: number,
  frozen: number,
  logprob: number,
): TokenLoss {
  const { surrogate, clipLow = 0.2, clipHigh = 0.28, dualClip } = options;
  const low = 1 - clipLow;
  const high = 1 + clipHigh;
  if (surrogate === "cispo") {
    const ratio = Math.exp(frozen);
    const factor = Math.min(Math.max(ratio, low), high);
    return {
      loss: -factor * advantage * logprob,
      slope: -factor * advantage,
      clipped: factor !== ratio,
    };
  }
  const ratio = Math.exp(logRatio);
  const plain = ratio * advantage;
  if (surrogate === "ratio") return { loss: -plain, slope: -plain, clipped: false };
  const bounded = Math.min(Math.max(ratio, low), high) * advantage;
  if (advantage < 0 && dualClip !== undefined && Math.min(plain, bounded) < dualClip * advantage)
    return { loss: -dualClip * advantage, slope: 0, clipped: true };
  if (bounded < plain) return { loss: -bounded, slope: 0, clipped: true };
  return { loss: -plain, slope: -plain, clipped: false };
}
