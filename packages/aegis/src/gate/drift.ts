import { logEValue, swap } from "./e-value.ts";

/** Watches many small losses against a frozen anchor that no single test would see. */
export interface DriftDetector {
  /** Takes the counts of one comparison with the anchor; true raises the alarm. */
  look(a: number, b: number, c: number): boolean;
}

/**
 * A Shiryaev–Roberts e-detector of "the mean has fallen below −margin": within T looks without
 * drift it raises a false alarm with probability at most T/A.
 */
export function createDriftDetector({ A = 150, margin = 0 }: { readonly A?: number; readonly margin?: number } = {}): DriftDetector {
  let sum = 0;
  return {
    look(a, b, c) {
      sum = (sum + 1) * Math.exp(logEValue(margin, swap({ a, b, c })));
      return sum >= A * (1 + 1e-9);
    },
  };
}
