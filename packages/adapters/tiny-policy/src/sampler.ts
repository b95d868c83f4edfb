/** Below this temperature the best candidate is taken: the limit of the softmax. */
const greedyBelow = 1e-6;

/** Softmax of `scores` at a temperature; sums to 1 up to rounding. */
export function softmax(scores: readonly number[], temperature: number): Float64Array {
  const probabilities = new Float64Array(scores.length);
  let best = 0;
  for (let i = 1; i < scores.length; i += 1) if (scores[i]! > scores[best]!) best = i;
  if (scores.length === 0) return probabilities;
  if (temperature < greedyBelow) {
    probabilities[best] = 1;
    return probabilities;
  }
  let total = 0;
  for (let i = 0; i < scores.length; i += 1) {
    const value = Math.exp((scores[i]! - scores[best]!) / temperature);
    probabilities[i] = value;
    total += value;
  }
  for (let i = 0; i < scores.length; i += 1) probabilities[i]! /= total;
  return probabilities;
}

/** The index at which the cumulative probability passes `u`; never one of probability 0. */
export function sampleIndex(probabilities: Float64Array, u: number): number {
  let left = u;
  let last = -1;
  for (let i = 0; i < probabilities.length; i += 1) {
    const p = probabilities[i]!;
    if (p === 0) continue;
    last = i;
    left -= p;
    if (left < 0) return i;
  }
  return last;
}

/**
 * The log-probability of each token of the chosen sequence by the chain rule over the candidates:
 * the mass of those that share the prefix with the token, divided by the mass of those that share
 * the prefix. No sequence may be a prefix of another (they all end in an end token). The sum is
 * the log-probability of the sequence.
 */
export function tokenLogprobs(
  sequences: readonly (readonly number[])[],
  probabilities: Float64Array,
  chosen: number,
): number[] {
  const target = sequences[chosen]!;
  let alive: number[] = [];
  let mass = 0;
  for (let i = 0; i < sequences.length; i += 1)
    if (probabilities[i]! > 0) {
      alive.push(i);
      mass += probabilities[i]!;
    }
  const logprobs: number[] = [];
  for (let position = 0; position < target.length; position += 1) {
    if (alive.length === 1) {
      logprobs.push(0);
      continue;
    }
    const token = target[position];
    const next: number[] = [];
    let nextMass = 0;
    for (const index of alive)
      if (sequences[index]![position] === token) {
        next.push(index);
        nextMass += probabilities[index]!;
      }
    logprobs.push(next.length === alive.length ? 0 : Math.min(0, Math.log(nextMass / mass)));
    alive = next;
    mass = nextMass;
  }
  return logprobs;
}
