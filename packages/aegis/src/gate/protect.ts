import type { GatePolicy } from "./policy.ts";
import { logSolved } from "./status.ts";
import type { Tally } from "./tally.ts";
import type { GateTask } from "./types.ts";

/** A task that the incumbent's lineage has been shown to solve, and how the candidate does on it. */
export interface Protection {
  readonly task: number;
  readonly cluster: string;
  readonly state: "kept" | "collapsed" | "open";
}

/** A protected task and its bound: from the history alone, and with the incumbent's fresh trials. */
interface Known {
  readonly task: number;
  readonly cluster: string;
  readonly hist: { readonly s: number; readonly f: number };
  readonly first: number;
  fresh: { s: number; f: number; bound: number };
}

/**
 * Tasks whose history refutes "the pass rate is at most θ", each with Wald's test of "still as good
 * as the lower bound of its pass rate" against "worse by the collapse margin".
 *
 * Fresh failures of the incumbent lower the bound and may end the protection; fresh passes never
 * raise it, so that no task becomes an obligation in the middle of its own test.
 */
export class ProtectedTasks {
  readonly #policy: GatePolicy;
  readonly #needed: number;
  readonly #tasks: readonly Known[];

  constructor(tasks: readonly GateTask[], policy: GatePolicy) {
    this.#policy = policy;
    this.#needed = Math.log(1 / policy.protectAlpha) + 1e-9;
    // Histories repeat: one of seven passes is that of many tasks.
    const bounds = new Map<string, number>();
    this.#tasks = tasks.flatMap(({ cluster, hist }, task) => {
      if (!hist) return [];
      const key = `${hist.s} ${hist.f}`;
      const first = bounds.get(key) ?? this.#bound(hist.s, hist.f);
      bounds.set(key, first);
      if (first === 0) return [];
      return [{ task, cluster, hist, first, fresh: { s: 0, f: 0, bound: first } }];
    });
  }

  states(tally: Tally): Protection[] {
    const bounds = this.#tasks.map((one) => this.#refresh(one, tally));
    const among = bounds.filter((bound) => bound > 0).length;
    return this.#tasks.flatMap(({ task, cluster }, index) => {
      const bound = bounds[index]!;
      if (bound === 0) return [];
      return [{ task, cluster, state: this.#wald(bound, tally.candidate(task), among) }];
    });
  }

  #refresh(one: Known, tally: Tally): number {
    const { s, f } = tally.incumbent(one.task);
    if (one.fresh.s !== s || one.fresh.f !== f) {
      const bound =
        f === 0 ? one.first : Math.min(one.first, this.#bound(one.hist.s + s, one.hist.f + f));
      one.fresh = { s, f, bound };
    }
    return one.fresh.bound;
  }

  /** The largest pass rate that the counts refute, when it is at least θ; else 0. */
  #bound(s: number, f: number): number {
    const { theta } = this.#policy;
    if (logSolved(s, f, theta) < this.#needed) return 0;
    let low = theta;
    let high = 1;
    for (let round = 0; round < 24; round += 1) {
      const middle = (low + high) / 2;
      if (logSolved(s, f, middle) >= this.#needed) low = middle;
      else high = middle;
    }
    return low;
  }

  /** The level is shared by all protected tasks. */
  #wald(
    bound: number,
    { s, f }: { readonly s: number; readonly f: number },
    among: number,
  ): Protection["state"] {
    const { collapseMargin, collapseAlpha, collapseBeta } = this.#policy;
    const worse = Math.max(0.01, bound - collapseMargin);
    const logRatio = s * Math.log(worse / bound) + f * Math.log((1 - worse) / (1 - bound));
    const alpha = collapseAlpha / among;
    if (logRatio >= Math.log((1 - collapseBeta) / alpha) + 1e-9) return "collapsed";
    return logRatio <= Math.log(collapseBeta / (1 - alpha)) - 1e-9 ? "kept" : "open";
  }
}
