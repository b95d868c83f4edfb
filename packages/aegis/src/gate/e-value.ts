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

export const addCounts = (x: Counts, y: Counts): Counts => ({
  a: x.a + y.a,
  b: x.b + y.b,
  c: x.c + y.c,
});

export const noCounts: Counts = { a: 0, b: 0, c: 0 };

/** Differences within this of a threshold count as not reached: floating point must not decide a verdict. */
const GUARD = 1e-9;

/** Whether an e-value reaches `threshold`. */
export const reaches = (logE: number, threshold: number): boolean =>
  logE >= Math.log(threshold) + GUARD;

/**
 * Against "the mean of values in [−bound, bound] is at most `m`", for costs. `values` are summed in
 * the given order: callers must pass one that does not depend on delivery.
 */
export function logBoundedEValue(values: readonly number[], m: number, bound: number): number {
  // A bet can lose at most λ(bound+m)/(bound+m), so the factor stays positive.
  const scale = bound + m;
  const terms = LAMBDAS.map((lambda) => {
    let sum = 0;
    for (const value of values)
      sum += Math.log1p((lambda * (Math.max(-bound, Math.min(bound, value)) - m)) / scale);
    return sum;
  });
  return logMeanExp(terms);
}

function logMeanExp(terms: readonly number[]): number {
  const most = Math.max(...terms);
  return (
    most + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - most), 0) / terms.length)
  );
}
