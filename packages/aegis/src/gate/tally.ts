import { BoundedEValue, noCounts, type Counts } from "./e-value.ts";
import type { GatePolicy } from "./policy.ts";
import type { GateIntent, GateOutcome, GateTask } from "./types.ts";

/** Repetitions from here on are guard blocks, and from the second on challenges: they enter other tests than blocks do. */
export const GUARD_REP = 1000;
export const CHALLENGE_REP = 2000;

/** The mean paired log₂ of the cost ratio is clipped to this. */
const COST_BOUND = 2;

/** Passes and failures of one arm on one task. */
interface Trials {
  s: number;
  f: number;
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/**
 * All outcomes so far, as counts: adding one costs the same whatever came before. Outcomes must be
 * added in the order in which they were requested, because sums of costs round by order.
 */
export class Tally {
  /** Trials of both arms, infra failures included. */
  size = 0;
  /** Pairs of blocks, those with an infra failure included. */
  pairs = 0;
  /** Pairs that only one arm's infra failure spoiled. */
  readonly infra = { cand: 0, inc: 0 };
  /** Pairs in which the audit refused the pass of one arm alone; `judged` outcomes had an audit at all. */
  readonly audit = { cand: 0, inc: 0, judged: 0 };
  /** Pairs that the candidate won: of those, how many say whether the signature acted, it did, an audit judged the pass. */
  readonly won = { pairs: 0, known: 0, fired: 0, audited: 0 };
  /** Pairs with a cost of both arms, and the sum of log₂ of their ratio. */
  readonly cost = { pairs: 0, sum: 0 };
  /** Evidence that the candidate costs more than the limit. */
  readonly overLimit: BoundedEValue;
  /** For a simplification: evidence that it costs less than the incumbent, and more than it. */
  readonly saving: BoundedEValue | undefined;
  readonly dearer: BoundedEValue | undefined;

  readonly #tasks: readonly GateTask[];
  readonly #audited: boolean;
  readonly #all: Mutable<Counts> = { ...noCounts };
  readonly #clusters = new Map<string, Mutable<Counts>>();
  readonly #candidate: Trials[];
  readonly #incumbent: Trials[];
  /** First halves of pairs, by repetition and task. */
  readonly #halves = new Map<number, GateOutcome>();

  constructor(
    tasks: readonly GateTask[],
    { audit, costLimit }: GatePolicy,
    intent: GateIntent = "gain",
  ) {
    this.#tasks = tasks;
    this.#audited = audit;
    this.overLimit = new BoundedEValue(Math.log2(costLimit), COST_BOUND);
    const simplify = intent === "simplify";
    this.saving = simplify ? new BoundedEValue(0, COST_BOUND) : undefined;
    this.dearer = simplify ? new BoundedEValue(0, COST_BOUND) : undefined;
    for (const { cluster } of tasks) this.#clusters.set(cluster, { ...noCounts });
    this.#candidate = tasks.map(() => ({ s: 0, f: 0 }));
    this.#incumbent = tasks.map(() => ({ s: 0, f: 0 }));
  }

  add(outcome: GateOutcome): void {
    this.size += 1;
    const { arm, task, rep } = outcome;
    if (!outcome.infra) {
      const trials = (arm === "cand" ? this.#candidate : this.#incumbent)[task]!;
      if (this.#passed(outcome)) trials.s += 1;
      else trials.f += 1;
    }
    if (rep >= CHALLENGE_REP) return;
    const key = rep * this.#tasks.length + task;
    const other = this.#halves.get(key);
    if (!other) {
      this.#halves.set(key, outcome);
      return;
    }
    this.#halves.delete(key);
    if (arm === "cand") this.#pair(outcome, other);
    else this.#pair(other, outcome);
  }

  /** Wins, losses and ties over all tasks, or over those of a cluster with its guard blocks; infra pairs left out. */
  counts(cluster?: string): Counts {
    return cluster === undefined ? this.#all : (this.#clusters.get(cluster) ?? noCounts);
  }

  /** The candidate's passes and failures on one task, challenges included. */
  candidate(task: number): Readonly<Trials> {
    return this.#candidate[task]!;
  }

  /** The incumbent's fresh passes and failures on one task. */
  incumbent(task: number): Readonly<Trials> {
    return this.#incumbent[task]!;
  }

  #pair(cand: GateOutcome, inc: GateOutcome): void {
    const block = cand.rep < GUARD_REP;
    const fair = !cand.infra && !inc.infra;
    const difference = Number(this.#passed(cand)) - Number(this.#passed(inc));
    if (fair) {
      const side = difference > 0 ? "a" : difference < 0 ? "b" : "c";
      this.#clusters.get(this.#tasks[cand.task]!.cluster)![side] += 1;
      if (block) this.#all[side] += 1;
    }
    if (!block) return;
    this.pairs += 1;
    if (cand.infra && !inc.infra) this.infra.cand += 1;
    if (inc.infra && !cand.infra) this.infra.inc += 1;
    if (!fair) return;
    this.#judge(cand, inc);
    if (difference > 0) {
      this.won.pairs += 1;
      this.won.known += Number(cand.fired !== undefined);
      this.won.fired += Number(cand.fired === 1);
      this.won.audited += Number(cand.audit !== undefined);
    }
    if (cand.cost !== undefined && inc.cost !== undefined) this.#price(cand.cost, inc.cost);
  }

  #judge(cand: GateOutcome, inc: GateOutcome): void {
    const refused = ({ pass, audit }: GateOutcome): boolean => pass === 1 && audit === 0;
    this.audit.judged += Number(cand.audit !== undefined) + Number(inc.audit !== undefined);
    if (refused(cand) && !refused(inc)) this.audit.cand += 1;
    if (refused(inc) && !refused(cand)) this.audit.inc += 1;
  }

  #price(cand: number, inc: number): void {
    // A trial without cost against one that has some is a ratio beyond the clip.
    const ratio = cand === inc ? 0 : clip(Math.log2(cand / inc));
    this.cost.pairs += 1;
    this.cost.sum += ratio;
    this.overLimit.add(ratio);
    this.saving?.add(-ratio);
    this.dearer?.add(ratio);
  }

  /** Whether a trial passed; a pass that the audit refuses is none. */
  #passed({ pass, audit }: GateOutcome): boolean {
    return pass === 1 && !(this.#audited && audit === 0);
  }
}

const clip = (value: number): number => Math.max(-COST_BOUND, Math.min(COST_BOUND, value));

/** Mean difference of counts. */
export const estimate = ({ a, b, c }: Counts): number =>
  a + b + c === 0 ? 0 : (a - b) / (a + b + c);
