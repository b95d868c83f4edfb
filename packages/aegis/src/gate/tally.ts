import { addCounts, noCounts, type Counts } from "./e-value.ts";
import type { GateOutcome, GateTask } from "./types.ts";

/** Both outcomes of one trial of a task. */
export interface Pair {
  readonly task: number;
  readonly rep: number;
  readonly cand: GateOutcome;
  readonly inc: GateOutcome;
}

/** Repetitions from here on are guard blocks, and from the second on challenges: they enter other tests than blocks do. */
export const GUARD_REP = 1000;
export const CHALLENGE_REP = 2000;

/** All outcomes so far. What it returns depends on which outcomes there are, never on their order. */
export class Tally {
  readonly #tasks: readonly GateTask[];
  readonly #audit: boolean;
  readonly #outcomes = new Map<string, GateOutcome>();

  constructor(tasks: readonly GateTask[], audit: boolean) {
    this.#tasks = tasks;
    this.#audit = audit;
  }

  add(outcome: GateOutcome): void {
    this.#outcomes.set(`${outcome.arm} ${outcome.task} ${outcome.rep}`, outcome);
  }

  get size(): number {
    return this.#outcomes.size;
  }

  /** Pairs of blocks (and of guard blocks), by repetition and task. */
  pairs(guards: boolean): Pair[] {
    const pairs: Pair[] = [];
    for (const cand of this.#outcomes.values()) {
      if (cand.arm !== "cand" || cand.rep >= (guards ? CHALLENGE_REP : GUARD_REP)) continue;
      const inc = this.#outcomes.get(`inc ${cand.task} ${cand.rep}`);
      if (inc) pairs.push({ task: cand.task, rep: cand.rep, cand, inc });
    }
    return pairs.toSorted((a, b) => a.rep - b.rep || a.task - b.task);
  }

  /** Whether a trial passed; a pass that the audit refuses is none. */
  passed(outcome: GateOutcome): boolean {
    return outcome.pass === 1 && !(this.#audit && outcome.audit === 0);
  }

  difference({ cand, inc }: Pair): number {
    return Number(this.passed(cand)) - Number(this.passed(inc));
  }

  /** Wins, losses and ties over all tasks, or over those of a cluster with its guard blocks; infra pairs left out. */
  counts(cluster?: string): Counts {
    let counts = noCounts;
    for (const pair of this.pairs(cluster !== undefined)) {
      if (pair.cand.infra || pair.inc.infra) continue;
      if (cluster !== undefined && this.#tasks[pair.task]!.cluster !== cluster) continue;
      const difference = this.difference(pair);
      counts = addCounts(counts, {
        a: Number(difference > 0),
        b: Number(difference < 0),
        c: Number(difference === 0),
      });
    }
    return counts;
  }

  /** The candidate's passes and failures on one task, challenges included. */
  candidate(task: number): { readonly s: number; readonly f: number } {
    let s = 0;
    let f = 0;
    for (const outcome of this.#outcomes.values()) {
      if (outcome.arm !== "cand" || outcome.task !== task || outcome.infra) continue;
      if (this.passed(outcome)) s += 1;
      else f += 1;
    }
    return { s, f };
  }
}

/** Mean difference of counts. */
export const estimate = ({ a, b, c }: Counts): number =>
  a + b + c === 0 ? 0 : (a - b) / (a + b + c);
