import { baseCount } from "../src/relations.ts";
import { cueBound, temper } from "../src/weights.ts";
import type { Example } from "./dataset.ts";
import { Random } from "./random.ts";

/** Settings of the fit. */
export interface FitOptions {
  readonly epochs: number;
  readonly batch: number;
  readonly rate: number;
  readonly decayBase: number;
  readonly decayCue: number;
  /** Share of cue words left out at random, so that no advice hangs on one word. */
  readonly dropout: number;
  readonly seed: number;
}

/** Base weights first, then cue weights. */
export type Theta = Float64Array;

/** Cross-entropy between the teacher's choice and the policy's on one example; adds its gradient. */
export function accumulate(
  example: Example,
  theta: Theta,
  gradient: Float64Array | undefined,
  dropout?: { readonly share: number; readonly random: Random },
): number {
  const { choice, base, cues, parts } = example;
  const sums =
    dropout === undefined
      ? example.sums
      : example.sums.map((ids) => ids.filter(() => !dropout.random.chance(dropout.share)));
  const scale = dropout === undefined ? 1 : 1 / (1 - dropout.share);
  const squashed = new Float64Array(sums.length);
  for (let g = 0; g < sums.length; g += 1) {
    let sum = 0;
    for (const id of sums[g]!) sum += theta[baseCount + id]!;
    squashed[g] = Math.tanh((scale * sum * temper(parts[g]!)) / cueBound);
  }
  const n = base.length;
  const scores = new Float64Array(n);
  let best = -Infinity;
  for (let c = 0; c < n; c += 1) {
    let score = 0;
    for (const id of base[c]!) score += theta[id]!;
    for (const g of cues[c]!) score += cueBound * squashed[g]!;
    scores[c] = score;
    if (score > best) best = score;
  }
  let total = 0;
  for (let c = 0; c < n; c += 1) total += Math.exp(scores[c]! - best);
  const logTotal = Math.log(total) + best;
  let loss = 0;
  const ofSum = new Float64Array(sums.length);
  for (let c = 0; c < n; c += 1) {
    const logp = scores[c]! - logTotal;
    if (choice[c]! > 0) loss -= choice[c]! * logp;
    if (gradient === undefined) continue;
    const delta = Math.exp(logp) - choice[c]!;
    for (const id of base[c]!) gradient[id]! += delta;
    for (const g of cues[c]!) ofSum[g]! += delta;
  }
  if (gradient !== undefined)
    for (let g = 0; g < sums.length; g += 1) {
      const delta = ofSum[g]! * (1 - squashed[g]! ** 2) * scale * temper(parts[g]!);
      if (delta === 0) continue;
      for (const id of sums[g]!) gradient[baseCount + id]! += delta;
    }
  return loss;
}

/** Fits by Adam with weight decay; the learning rate falls to zero along a cosine. */
export function fit(
  examples: readonly Example[],
  cueCount: number,
  start: Theta | undefined,
  options: FitOptions,
  report: (line: string) => void,
): Theta {
  const size = baseCount + cueCount;
  const theta = new Float64Array(size);
  if (start !== undefined) theta.set(start.subarray(0, Math.min(start.length, size)));
  const m = new Float64Array(size);
  const v = new Float64Array(size);
  const gradient = new Float64Array(size);
  const random = new Random(options.seed);
  const dropout = { share: options.dropout, random };
  const stepsPerEpoch = Math.ceil(examples.length / options.batch);
  const steps = stepsPerEpoch * options.epochs;
  let step = 0;
  for (let epoch = 0; epoch < options.epochs; epoch += 1) {
    const order = random.shuffled(examples.keys());
    let loss = 0;
    for (let from = 0; from < order.length; from += options.batch) {
      const batch = order.slice(from, from + options.batch);
      gradient.fill(0);
      for (const index of batch) loss += accumulate(examples[index]!, theta, gradient, dropout);
      step += 1;
      const rate = options.rate * 0.5 * (1 + Math.cos((Math.PI * step) / steps));
      const c1 = 1 - 0.9 ** step;
      const c2 = 1 - 0.999 ** step;
      for (let i = 0; i < size; i += 1) {
        const decay = i < baseCount ? options.decayBase : options.decayCue;
        const g = gradient[i]! / batch.length + decay * theta[i]!;
        m[i] = 0.9 * m[i]! + 0.1 * g;
        v[i] = 0.999 * v[i]! + 0.001 * g * g;
        theta[i]! -= (rate * (m[i]! / c1)) / (Math.sqrt(v[i]! / c2) + 1e-8);
      }
    }
    report(`epoch ${epoch + 1}: loss ${(loss / examples.length).toFixed(4)}`);
  }
  return theta;
}
