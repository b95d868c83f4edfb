/**
 * Synthetic worlds: every trial of a task is an independent coin flip, and nothing else. Simulated.
 */
import {
  betaQuantile,
  createRandom,
  taskStatus,
  type GateOutcome,
  type GateTask,
  type GateTrial,
  type Random,
} from "@harnessx/aegis";

export const TASKS = 50;
export const CLUSTERS = ["A", "B", "C", "D"] as const;
/** Trials of each task that the lineage has behind it before the candidate comes. */
const HISTORY = 15;

/** One world: the tasks as the gate sees them, and the pass rates that it does not see. */
export interface World {
  readonly tasks: readonly GateTask[];
  readonly inc: readonly number[];
  readonly cand: readonly number[];
  /** Cost of a candidate's trial over that of the incumbent's. */
  readonly costRatio?: number;
  /** Share of pairs in which both arms have the same luck (0). */
  readonly coupled?: number;
  /** The candidate's passes above the incumbent's rate are an exploit that an audit sees through. */
  readonly exploit?: true;
  /** The task that was solved and no longer is. */
  readonly collapsed?: number;
}

/**
 * How difficulties vary; the mean is 0.40 in all. `polar`: most tasks are nearly always or nearly
 * never solved, Beta(0.5, 0.75). `even`: as many in the middle, Beta(1, 1.5), so that more pairs
 * differ by luck. `same`: every task at 0.40, the worst noise there is.
 */
export type Difficulty = "polar" | "even" | "same";
const quantiles = (a: number, b: number): number[] =>
  Array.from({ length: TASKS }, (_, index) => betaQuantile({ a, b }, (index + 0.5) / TASKS));
const DIFFICULTIES: Record<Difficulty, readonly number[]> = {
  polar: quantiles(0.5, 0.75),
  even: quantiles(1, 1.5),
  same: Array.from({ length: TASKS }, () => 0.4),
};
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The pass rates of fifty tasks, dealt out anew for each world. */
export const baseRates = (random: Random, difficulty: Difficulty = "polar"): number[] =>
  random.shuffle(DIFFICULTIES[difficulty]);

/** The rates with `points` more on average over `which` tasks: one shift of all their log-odds. */
export function shifted(
  rates: readonly number[],
  points: number,
  which: (task: number) => boolean = () => true,
  over: (task: number) => boolean = which,
): number[] {
  if (points === 0) return [...rates];
  const shiftBy = (by: number): number[] =>
    rates.map((rate, task) =>
      which(task) ? 1 / (1 + Math.exp(-(Math.log(rate / (1 - rate)) + by))) : rate,
    );
  const of = (list: readonly number[]): number => mean(list.filter((_, task) => over(task)));
  const goal = of(rates) + points / 100;
  let low = -12;
  let high = 12;
  for (let round = 0; round < 40; round += 1) {
    const middle = (low + high) / 2;
    if (of(shiftBy(middle)) < goal) low = middle;
    else high = middle;
  }
  return shiftBy((low + high) / 2);
}

export const clusterOf = (task: number): (typeof CLUSTERS)[number] =>
  CLUSTERS[task % CLUSTERS.length]!;

/** The tasks with the record of a lineage that has played each fifteen times at `rates`. */
export function tasksWith(random: Random, rates: readonly number[], solved?: number): GateTask[] {
  return rates.map((rate, task) => {
    let s = 0;
    do {
      s = 0;
      for (let trial = 0; trial < HISTORY; trial += 1) s += Number(random.next() < rate);
      // The task that is to count as solved has a record that says so.
    } while (task === solved && taskStatus(s, HISTORY - s, { theta: 0.6 }) !== "SOLVED");
    return { id: `t${task}`, cluster: clusterOf(task), hist: { s, f: HISTORY - s } };
  });
}

/** Plays the requested trials. */
export function play(world: World, trials: readonly GateTrial[], random: Random): GateOutcome[] {
  const luck = new Map<string, number>();
  return trials.map((trial) => {
    const { arm, task, rep } = trial;
    const key = `${task} ${rep}`;
    let u = random.next();
    if (world.coupled) {
      const shared = luck.get(key);
      if (shared === undefined) luck.set(key, u);
      else if (random.next() < world.coupled) u = shared;
    }
    const own = world[arm][task]!;
    const pass = u < own ? 1 : 0;
    return {
      ...trial,
      pass,
      ...(world.costRatio
        ? { cost: (arm === "cand" ? world.costRatio : 1) * 2 ** (random.next() - 0.5) }
        : {}),
      ...(world.exploit && pass ? { audit: arm === "cand" && u >= world.inc[task]! ? 0 : 1 } : {}),
    };
  });
}

/** The generator of one repetition: the same for every rule, so that rules differ and worlds do not. */
export const randomOf = (row: string, repetition: number, purpose: string): Random =>
  createRandom(`gate ${row} ${repetition} ${purpose}`);
