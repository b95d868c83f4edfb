/** The worlds that are measured, and what the gate must reach in them. */
import type { GateContext, GatePolicy, GateVerdict, Random } from "@harnessx/aegis";
import {
  baseRates,
  clusterOf,
  shifted,
  tasksWith,
  TASKS,
  type Difficulty,
  type World,
} from "./worlds.ts";

/** A figure that has to be reached. */
export interface Requirement {
  readonly what: string;
  readonly share: (verdict: GateVerdict, world: World) => boolean;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** Mean rollouts of both arms together. */
  readonly meanRollouts?: number;
}

export interface Row {
  readonly name: string;
  readonly world: (random: Random) => World;
  readonly policy?: Partial<GatePolicy>;
  readonly context?: GateContext;
  readonly require?: Requirement;
}

const applied = ({ decision }: GateVerdict): boolean => decision === "APPLY";
const shipped = ({ decision }: GateVerdict): boolean => decision === "APPLY" || decision === "FORK";

interface Spread {
  readonly points: number;
  readonly only?: number;
  readonly difficulty?: Difficulty;
}

/** A change over all tasks, or over a random share of them. */
function spread({ points, only = 1, difficulty }: Spread): (random: Random) => World {
  return (random) => {
    const inc = baseRates(random, difficulty);
    const chosen = new Set(
      random.shuffle(inc.map((_, task) => task)).slice(0, Math.round(only * TASKS)),
    );
    const cand = shifted(
      inc,
      points,
      (task) => chosen.has(task),
      () => true,
    );
    return { tasks: tasksWith(random, inc), inc, cand };
  };
}

/** Thirty points more on cluster A, twenty fewer on B. */
const tradeOff =
  (difficulty?: Difficulty) =>
  (random: Random): World => {
    const inc = baseRates(random, difficulty);
    const gained = shifted(inc, 30, (task) => clusterOf(task) === "A");
    const cand = shifted(gained, -20, (task) => clusterOf(task) === "B");
    return { tasks: tasksWith(random, inc), inc, cand };
  };

/** Twelve points more on average, and a task that was solved falls to 5 %. */
function collapse(random: Random): World {
  const solved = random.int(TASKS);
  const inc = baseRates(random).map((rate, task) => (task === solved ? 0.95 : rate));
  const cand = shifted(inc, 12, (task) => task !== solved).map((rate, task) =>
    task === solved ? 0.05 : rate,
  );
  return { tasks: tasksWith(random, inc, solved), inc, cand, collapsed: solved };
}

const cheaper =
  (coupled: number, points = 0) =>
  (random: Random): World => ({ ...spread({ points })(random), costRatio: 0.7, coupled });

const simplify: GateContext = { intent: "simplify" };

const requireNull: Requirement = {
  what: "certified (APPLY or FORK)",
  share: shipped,
  atMost: 0.01,
};
const requireGain: Requirement = {
  what: "APPLY",
  share: applied,
  atLeast: 0.92,
  meanRollouts: 560,
};
const requireReject: Requirement = {
  what: "REJECT",
  share: ({ decision }) => decision === "REJECT",
  atLeast: 0.99,
  meanRollouts: 220,
};
const requireFork: Requirement = {
  what: "FORK for A alone",
  share: ({ decision, scope }) => decision === "FORK" && scope?.join() === "A",
  atLeast: 0.8,
};
const requireNoLoss: Requirement = { what: "APPLY", share: applied, atMost: 0.02 };

const even = { difficulty: "even" } as const;
const exploit = (random: Random): World => ({ ...spread({ points: 12 })(random), exploit: true });

export const rows: readonly Row[] = [
  { name: "no effect", world: spread({ points: 0 }), require: requireNull },
  {
    name: "no effect, even difficulties",
    world: spread({ points: 0, ...even }),
    require: requireNull,
  },
  { name: "+5 spread", world: spread({ points: 5 }) },
  { name: "+10 spread", world: spread({ points: 10 }) },
  { name: "+15 spread", world: spread({ points: 15 }), require: requireGain },
  {
    name: "+15 spread, even difficulties",
    world: spread({ points: 15, ...even }),
    require: requireGain,
  },
  { name: "+15 spread, all tasks at 0.40", world: spread({ points: 15, difficulty: "same" }) },
  { name: "+15 on a third of the tasks", world: spread({ points: 15, only: 1 / 3 }) },
  { name: "-10 spread", world: spread({ points: -10 }), require: requireReject },
  {
    name: "-10 spread, even difficulties",
    world: spread({ points: -10, ...even }),
    require: requireReject,
  },
  { name: "+30 on A, -20 on B", world: tradeOff(), require: requireFork },
  {
    name: "+30 on A, -20 on B, even difficulties",
    world: tradeOff("even"),
    require: requireFork,
  },
  { name: "+12, one solved task to 5 %", world: collapse, require: requireNoLoss },
  { name: "+12 by an exploit, audited", world: exploit },
  { name: "+12 by an exploit, no audit", world: exploit, policy: { audit: false } },
  { name: "simplify: 30 % cheaper, same luck", world: cheaper(1), context: simplify },
  {
    name: "simplify: 30 % cheaper, luck shared by 9 of 10",
    world: cheaper(0.9),
    context: simplify,
  },
  { name: "simplify: 30 % cheaper, luck not shared", world: cheaper(0), context: simplify },
  { name: "simplify: 30 % cheaper, -10", world: cheaper(0.9, -10), context: simplify },
];
