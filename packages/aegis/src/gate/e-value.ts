/** How often a paired trial went the candidate's way (`a`), the incumbent's (`b`), or neither (`c`). */
export interface Counts {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** The bets that are averaged: small ones catch small effects in many pairs, large ones large effects in few. */
export const LAMBDAS = [
  0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8,
];

/**
 * Natural logarithm of the e-value against "the mean of candidate − incumbent is at most `m`".
 *
 * An e-value above 1/α refutes the hypothesis at level α whenever one looks. It depends on the three
 * counts alone, so the order in which outcomes arrive cannot matter, and it holds for any mix of task
 * difficulties, because the product of 1+λDᵢ has expectation at most (1+λμ̄)ⁿ.
 */
export function logEValue(m: number, counts: Counts): number {
  return logMeanExp(LAMBDAS.map((lambda) => logBet(lambda, m, counts)));
}

/** The e-value of one bet. */
export function logBet(lambda: number, m: number, { a, b, c }: Counts): number {
  const s = 1 + Math.abs(m);
  return (
    a * Math.log1p((lambda * (1 - m)) / s) +
    b * Math.log1p((-lambda * (1 + m)) / s) +
    c * Math.log1p((-lambda * m) / s)
  );
}

/** Against "the candidate is no worse": evidence of harm. */
export const logHarm = (counts: Counts): number => logEValue(0, swap(counts));

/** Against "the candidate is worse by `margin` or more": evidence of non-inferiority. */
export const logNonInferior = (margin: number, counts: Counts): number =>
  logEValue(-margin, counts);

/** Against "the candidate is better by `effect` or more": evidence that going on is futile. */
export const logFutile = (effect: number, counts: Counts): number =>
  logEValue(-effect, swap(counts));

export const swap = ({ a, b, c }: Counts): Counts => ({ a: b, b: a, c });

export const noCounts: Counts = { a: 0, b: 0, c: 0 };

/** Differences within this of a threshold count as not reached: floating point must not decide a verdict. */
const GUARD = 1e-9;

/** Whether an e-value reaches `threshold`. */
export const reaches = (logE: number, threshold: number): boolean =>
  logE >= Math.log(threshold) + GUARD;

/**
 * Evidence against "the mean of values in [−bound, bound] is at most `m`", for costs. Sums round by
 * the order of the values: callers must add them in one that does not depend on delivery.
 */
export class BoundedEValue {
  readonly #m: number;
  readonly #scale: number;
  readonly #sums = LAMBDAS.map(() => 0);

  constructor(m: number, bound: number) {
    this.#m = m;
    // A bet can lose at most λ(bound+m)/(bound+m), so the factor stays positive.
    this.#scale = bound + m;
  }

  add(value: number): void {
    const unit = (value - this.#m) / this.#scale;
    for (let index = 0; index < LAMBDAS.length; index += 1)
      this.#sums[index]! += Math.log1p(LAMBDAS[index]! * unit);
  }

  get log(): number {
    return logMeanExp(this.#sums);
  }
}

function logMeanExp(terms: readonly number[]): number {
  const most = Math.max(...terms);
  return (
    most + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - most), 0) / terms.length)
  );
}
