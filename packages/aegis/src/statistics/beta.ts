import type { Random } from "./random.ts";

/** A Beta distribution; `Beta(0.5, 0.5)` is Jeffreys' prior. */
export interface Beta {
  readonly a: number;
  readonly b: number;
}

export const betaMean = ({ a, b }: Beta): number => a / (a + b);

export const betaVariance = ({ a, b }: Beta): number => (a * b) / ((a + b) ** 2 * (a + b + 1));

/** Lanczos' approximation of ln Γ(x) for x > 0; about 15 digits. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  let sum = 0.999_999_999_999_809_93;
  for (let index = 0; index < LANCZOS.length; index += 1) sum += LANCZOS[index]! / (x + index);
  const t = x + LANCZOS.length - 1.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

const LANCZOS = [
  676.520_368_121_885_1, -1259.139_216_722_402_8, 771.323_428_777_653_13, -176.615_029_162_140_59,
  12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_571_6e-6,
  1.505_632_735_149_311_6e-7,
];

/** The probability that a Beta variable is at most `x` (regularised incomplete beta function). */
export function betaCdf({ a, b }: Beta, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The continued fraction converges fast only on this side of the mean.
  if (x > (a + 1) / (a + b + 2)) return 1 - betaCdf({ a: b, b: a }, 1 - x);
  const front =
    Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x)) /
    a;
  return front * continuedFraction(a, b, x);
}

/** Lentz's method. */
function continuedFraction(a: number, b: number, x: number): number {
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= 300; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const step = d * c;
    result *= step;
    if (Math.abs(step - 1) < 1e-14) break;
  }
  return result;
}

/** The value below which a share `p` of the distribution lies. */
export function betaQuantile(beta: Beta, p: number): number {
  let low = 0;
  let high = 1;
  for (let round = 0; round < 60; round += 1) {
    const middle = (low + high) / 2;
    if (betaCdf(beta, middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** One draw, for Thompson sampling. */
export function betaSample(beta: Beta, random: Random): number {
  return betaQuantile(beta, random.next());
}

/** The probability that a standard normal variable is at most `z`; absolute error below 1e-7. */
export function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  // Numerical Recipes' erfcc: a Chebyshev fit with fractional error below 1.2e-7.
  const poly = ERFC.reduceRight((sum, coefficient) => sum * t + coefficient, 0);
  const tail = 0.5 * t * Math.exp(-x * x + poly);
  return z >= 0 ? 1 - tail : tail;
}

const ERFC = [
  -1.265_512_23, 1.000_023_68, 0.374_091_96, 0.096_784_18, -0.186_288_06, 0.278_868_07,
  -1.135_203_98, 1.488_515_87, -0.822_152_23, 0.170_872_77,
];
