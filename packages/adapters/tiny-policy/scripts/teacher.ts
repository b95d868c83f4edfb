import type { Command } from "../src/commands.ts";
import type { Situation } from "../src/situation.ts";
import { typeOf } from "../src/situation.ts";
import type { Meaning } from "./advice.ts";
import type { Memory } from "./memory.ts";

/**
 * How steady the teacher is, by what it has been told: against, nothing, for. Without advice it is a
 * person who often forgets; with advice it mostly does as it is told.
 */
export const habits = {
  open: [0.03, 0.3, 0.98],
  /** Opens a closed destination, rather than trying to put the object in at once. */
  openGoal: [0.1, 0.2, 0.98],
  /** Goes and treats the object, rather than delivering it as it is. */
  treat: [0.03, 0.6, 0.98],
  /** Returns to where it has just been, or does the same thing again. */
  repeat: [0.005, 0.33, 0.6],
  /** Examines a closed place that it does not open. */
  dither: 0.5,
  /** Looks around, checks its hands. */
  idle: 0.02,
  /** Delivers at once what it holds. */
  deliver: 0.97,
  take: 0.97,
} as const;

const strength = (values: readonly [number, number, number], told: -1 | 0 | 1): number =>
  values[told + 1]!;

class Wish {
  readonly mass: Float64Array;
  constructor(readonly commands: readonly Command[]) {
    this.mass = new Float64Array(commands.length);
  }
  /** Spreads `amount` over the commands by weight; returns what no command took. */
  give(amount: number, weight: (command: Command) => number): number {
    if (amount <= 0) return 0;
    const weights = this.commands.map(weight);
    const total = weights.reduce((sum, each) => sum + each, 0);
    if (total <= 0) return amount;
    weights.forEach((each, index) => (this.mass[index]! += (amount * each) / total));
    return 0;
  }
}

const isVerb =
  (verb: Command["verb"]) =>
  (command: Command): number =>
    command.verb === verb ? 1 : 0;

/**
 * The teacher's choice as a distribution over the candidates: what a person of these habits would do
 * who knows the state of affairs (`truth`, `memory`) and has read the advice (`meaning`).
 */
export function teach(
  commands: readonly Command[],
  truth: Situation,
  memory: Memory,
  meaning: Meaning,
): Float64Array {
  const wish = new Wish(commands);
  const { task } = truth.view;
  const { place, closed, held } = truth;
  const goalPlaces = truth.goalIsPlace;
  const atGoal = goalPlaces && truth.placeType === task.goal;
  const isTheme = (name: string): boolean => task.themes.has(typeOf(name));
  const recent = new Set(truth.recentPlaces.slice(0, 2));

  const search = (amount: number): number => {
    const persevere = recent.size > 0 ? strength(habits.repeat, meaning.repeat) : 0;
    let left = amount;
    const fresh = [...meaning.target].filter((name) => name !== place);
    if (fresh.length > 0) {
      left = amount * 0.08;
      left += wish.give(amount * 0.92, (c) =>
        c.verb === "go" && fresh.includes(c.place!) ? 1 : 0,
      );
    }
    left =
      wish.give(left * persevere, (c) =>
        c.verb === "go" && recent.has(c.place!) && !meaning.avoid.has(c.place!) ? 1 : 0,
      ) +
      left * (1 - persevere);
    const listed = meaning.prefer.size > 0;
    return wish.give(left, (c) => {
      if (c.verb !== "go") return 0;
      const name = c.place!;
      const type = typeOf(name);
      let weight = 1;
      if (meaning.avoid.has(name)) weight *= 0.015;
      if (listed) weight *= meaning.prefer.has(name) ? 1 : 0.04;
      if (meaning.likely.size > 0) weight *= meaning.likely.has(type) ? 1 : 0.07;
      if (meaning.first.size > 0) weight *= meaning.first.has(type) ? 1 : 0.12;
      if (meaning.last.has(type) || meaning.unlikely.has(type)) weight *= 0.06;
      if (recent.has(name) && meaning.repeat < 0) weight *= 0.03;
      return weight;
    });
  };

  const deliver = (amount: number): number => {
    if (!atGoal)
      return wish.give(amount, (c) => {
        if (c.verb !== "go" || typeOf(c.place!) !== task.goal) return 0;
        return meaning.deliver === undefined || c.place === meaning.deliver ? 1 : 0.1;
      });
    if (closed) {
      const opens = strength(habits.openGoal, meaning.open);
      return (
        wish.give(amount * opens, isVerb("open")) + wish.give(amount * (1 - opens), isVerb("move"))
      );
    }
    if (meaning.deliver !== undefined && meaning.deliver !== place)
      return wish.give(amount, (c) => (c.verb === "go" && c.place === meaning.deliver ? 1 : 0));
    return wish.give(amount, isVerb("move"));
  };

  let left = 1;
  const idle = meaning.idle ? 0.005 : habits.idle;
  left = 1 - idle;
  const stray = wish.give(idle * 0.6, (c) =>
    c.verb === "look"
      ? 1
      : c.verb === "inventory"
        ? 1
        : c.verb === "examine" && c.object === undefined
          ? 1
          : 0,
  );
  wish.give(idle * 0.4 + stray, (c) =>
    c.verb === "go" || c.verb === "help"
      ? 0.02
      : c.verb === "close" || c.verb === "use" || c.verb === "take"
        ? 0.2
        : 0.1,
  );

  if (held === "other") {
    left = closed ? left : left * 0.3 + wish.give(left * 0.7, isVerb("move"));
    search(left);
  } else if (goalPlaces && held === "ready") {
    left = left * (1 - habits.deliver) + deliver(left * habits.deliver);
    search(left);
  } else if (goalPlaces && held === "raw") {
    const treat = strength(habits.treat, meaning.treat);
    let careful = left * treat;
    if (truth.placeType === truth.appliance)
      careful = wish.give(careful, (c) => (c.verb === task.treatment ? 1 : 0));
    else
      careful = wish.give(careful, (c) =>
        c.verb === "go" && typeOf(c.place!) === truth.appliance ? 1 : 0,
      );
    left =
      deliver(left * (1 - treat) * habits.deliver) +
      left * (1 - treat) * (1 - habits.deliver) +
      careful;
    search(left);
  } else {
    // Looking for the object, or for what to use on it.
    const holdingTheme = held === "ready" || held === "raw";
    if (!goalPlaces && holdingTheme) {
      const lit = left * habits.deliver;
      left =
        left -
        lit +
        wish.give(lit, (c) => (c.verb === "use" && typeOf(c.object!) === task.goal ? 1 : 0));
    } else if (!holdingTheme) {
      const mine = (name: string): boolean =>
        meaning.leave.has(name) || (atGoal && memory.commands.includes(`move ${name} to ${place}`));
      const amount = left * habits.take;
      left =
        left -
        amount +
        wish.give(amount, (c) =>
          c.verb === "take" && isTheme(c.object!) && !mine(c.object!) && !closed ? 1 : 0,
        );
    }
    if (closed && place !== undefined) {
      const opens = left * strength(habits.open, meaning.open);
      left = left - opens + wish.give(opens, isVerb("open"));
      // Who does not think of opening it hesitates before it, unless told to leave it alone.
      const dithers = meaning.open < 0 || meaning.idle ? 0 : left * habits.dither;
      left =
        left -
        dithers +
        wish.give(dithers, (c) =>
          (c.verb === "examine" && c.object === undefined) || c.verb === "look" ? 1 : 0,
        );
    }
    search(left);
  }

  // What the advice names as a repeated command is not done again.
  let total = 0;
  for (let i = 0; i < commands.length; i += 1) {
    wish.mass[i]! += 0.01 / commands.length;
    total += wish.mass[i]!;
  }
  for (let i = 0; i < commands.length; i += 1) wish.mass[i]! /= total;
  return wish.mass;
}
