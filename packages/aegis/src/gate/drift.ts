import { LAMBDAS, logBet, swap } from "./e-value.ts";

/** Watches many small losses against a frozen anchor that no single test would see. */
export interface DriftDetector {
  /** Takes the counts of one comparison with the anchor; true raises the alarm. */
  look(a: number, b: number, c: number): boolean;
  /** The evidence so far; the alarm is raised when it reaches `A`. */
  readonly value: number;
}

/**
 * A Shiryaev–Roberts e-detector of "the mean has fallen below −margin": within T looks without
 * drift it raises a false alarm with probability at most T/A.
 */
export function createDriftDetector({
  A = 150,
  margin = 0,
}: { readonly A?: number; readonly margin?: number } = {}): DriftDetector {
  // One detector for each bet and the mean of all: a bet must keep its size from look to look.
  const sums = LAMBDAS.map(() => 0);
  let value = 0;
  return {
    get value() {
      return value;
    },
    look(a, b, c) {
      const counts = swap({ a, b, c });
      LAMBDAS.forEach((lambda, index) => {
        sums[index] = (sums[index]! + 1) * Math.exp(logBet(lambda, margin, counts));
      });
      value = sums.reduce((total, sum) => total + sum, 0) / sums.length;
      return value >= A * (1 + 1e-9);
    },
  };
}
