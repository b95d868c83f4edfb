/** Plays gates in the worlds and counts how they end. */
import {
  createDriftDetector,
  createGate,
  wilson,
  type GatePolicy,
  type GateVerdict,
} from "@harnessx/aegis";
import type { Row } from "./rows.ts";
import { baseRates, play, randomOf, shifted, tasksWith, type World } from "./worlds.ts";

/** A share with its 95 % interval (Wilson). */
export interface Share {
  readonly share: number;
  readonly interval: readonly [number, number];
}

export interface RowResult {
  readonly name: string;
  readonly simulated: true;
  readonly repetitions: number;
  readonly decisions: Readonly<Record<GateVerdict["decision"], Share>>;
  readonly rollouts: { readonly mean: number; readonly p90: number };
  /** Effect that APPLY verdicts reported, less the true one, in points. */
  readonly overstated?: number;
  /**
   * What the rules for comparison ship (APPLY or FORK) in the same worlds, after two blocks. "Ever
   * solved" means this round for `paper`, and also the lineage's fifteen trials for `paperLater`.
   */
  readonly shippedBy: Readonly<Record<Other, Share>>;
  /** The required figure of the same rules. */
  readonly figureOf?: Readonly<Record<Other, Share>>;
  /** Verdicts that stayed the same bytes when every block was delivered in another order. */
  readonly sameShuffled: { readonly tried: number; readonly same: number };
  readonly required?: {
    readonly what: string;
    readonly got: Share;
    readonly atLeast?: number;
    readonly atMost?: number;
    readonly meanRollouts?: number;
    readonly met: boolean;
  };
}

/** The rules for comparison. */
const OTHERS = [
  { name: "paper", policy: { rule: "paper" }, lineage: false },
  { name: "paperLater", policy: { rule: "paper" }, lineage: true },
  { name: "strictIncrease", policy: { rule: "strict-increase" }, lineage: true },
] as const;
type Other = (typeof OTHERS)[number]["name"];

const DECISIONS = ["APPLY", "FORK", "REJECT", "INCONCLUSIVE"] as const;
/** Every so many repetitions are played a second time with shuffled delivery. */
const SHUFFLED = 10;

export const shareOf = (count: number, trials: number): Share => ({
  share: round(count / trials, 5),
  interval: wilson(count, trials).map((end) => round(end, 5)) as [number, number],
});
const round = (value: number, digits: number): number => Number(value.toFixed(digits));

const ships = ({ decision }: GateVerdict): boolean => decision === "APPLY" || decision === "FORK";

function certify(
  row: Row,
  repetition: number,
  policy: Partial<GatePolicy>,
  { shuffle = false, lineage = true } = {},
): { readonly verdict: GateVerdict; readonly world: World } {
  const world = row.world(randomOf(row.name, repetition, "world"));
  const luck = randomOf(row.name, repetition, "luck");
  const order = randomOf(row.name, repetition, "order");
  const tasks = lineage ? world.tasks : world.tasks.map(({ id, cluster }) => ({ id, cluster }));
  const gate = createGate(policy, tasks, row.context);
  for (;;) {
    const step = gate.next();
    if (step.type === "verdict") return { verdict: step, world };
    const outcomes = play(world, step.trials, luck);
    gate.observe(shuffle ? order.shuffle(outcomes) : outcomes);
  }
}

export function simulate(row: Row, repetitions: number): RowResult {
  const ended = { APPLY: 0, FORK: 0, REJECT: 0, INCONCLUSIVE: 0 };
  const shippedBy: Record<Other, number> = { paper: 0, paperLater: 0, strictIncrease: 0 };
  const figureOf: Record<Other, number> = { paper: 0, paperLater: 0, strictIncrease: 0 };
  const rollouts: number[] = [];
  const overstated: number[] = [];
  const sameShuffled = { tried: 0, same: 0 };
  let required = 0;
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    const { verdict, world } = certify(row, repetition, row.policy ?? {});
    ended[verdict.decision] += 1;
    rollouts.push(verdict.trials);
    if (verdict.decision === "APPLY")
      overstated.push(100 * (verdict.effect - (average(world.cand) - average(world.inc))));
    if (row.require?.share(verdict, world)) required += 1;
    if (repetition % SHUFFLED === 0) {
      sameShuffled.tried += 1;
      const again = certify(row, repetition, row.policy ?? {}, { shuffle: true }).verdict;
      if (JSON.stringify(again) === JSON.stringify(verdict)) sameShuffled.same += 1;
    }
    for (const { name, policy, lineage } of OTHERS) {
      const other = certify(row, repetition, { ...row.policy, ...policy }, { lineage });
      if (ships(other.verdict)) shippedBy[name] += 1;
      if (row.require?.share(other.verdict, other.world)) figureOf[name] += 1;
    }
  }
  const sorted = rollouts.toSorted((a, b) => a - b);
  const mean = average(rollouts);
  const { require } = row;
  const got = shareOf(required, repetitions);
  const shares = (counts: Record<Other, number>): Record<Other, Share> => ({
    paper: shareOf(counts.paper, repetitions),
    paperLater: shareOf(counts.paperLater, repetitions),
    strictIncrease: shareOf(counts.strictIncrease, repetitions),
  });
  return {
    name: row.name,
    simulated: true,
    repetitions,
    decisions: Object.fromEntries(
      DECISIONS.map((decision) => [decision, shareOf(ended[decision], repetitions)]),
    ) as RowResult["decisions"],
    rollouts: { mean: round(mean, 1), p90: sorted[Math.floor(0.9 * sorted.length)]! },
    ...(overstated.length > 0 ? { overstated: round(average(overstated), 2) } : {}),
    shippedBy: shares(shippedBy),
    ...(require ? { figureOf: shares(figureOf) } : {}),
    sameShuffled,
    ...(require
      ? {
          required: {
            what: require.what,
            got,
            ...(require.atLeast === undefined ? {} : { atLeast: require.atLeast }),
            ...(require.atMost === undefined ? {} : { atMost: require.atMost }),
            ...(require.meanRollouts === undefined ? {} : { meanRollouts: require.meanRollouts }),
            met:
              got.share >= (require.atLeast ?? 0) &&
              got.share <= (require.atMost ?? 1) &&
              mean <= (require.meanRollouts ?? Number.POSITIVE_INFINITY),
          },
        }
      : {}),
  };
}

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export interface DriftResult {
  readonly simulated: true;
  readonly repetitions: number;
  readonly pairsPerLook: number;
  /** Ten edits of −1.5 points, one a round, each shipped. */
  readonly alarms: Share;
  readonly medianRound: number;
  /** Fifteen rounds in which nothing changes. */
  readonly falseAlarms: Share;
  /** How many of the ten harmful edits each rule would ship by itself. */
  readonly shippedOfTen: Readonly<Record<Other, number>>;
  /** Runs in which a certification of a single edit found harm. */
  readonly seenByOneEdit: Share;
  readonly required: { readonly atLeast: number; readonly met: boolean };
}

/** Many small losses: no certification sees them, the anchor does. */
export function simulateDrift(repetitions: number, blocks: number): DriftResult {
  const rounds: number[] = [];
  let falseAlarms = 0;
  let seen = 0;
  const shipped: Record<Other, number> = { paper: 0, paperLater: 0, strictIncrease: 0 };
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    const anchor = baseRates(randomOf("drift", repetition, "world"));
    const down = Array.from({ length: 11 }, (_, edits) => shifted(anchor, -1.5 * edits));
    const alarm = firstAlarm(repetition, "down", blocks, 10, anchor, (round) => down[round]!);
    if (alarm !== undefined) rounds.push(alarm);
    if (firstAlarm(repetition, "quiet", blocks, 15, anchor, () => anchor) !== undefined)
      falseAlarms += 1;
    if (repetition % 10 !== 0) continue;
    let harm = false;
    for (let edit = 1; edit <= 10; edit += 1) {
      const row: Row = {
        name: `drift ${edit}`,
        world: (random) => ({
          tasks: tasksWith(random, down[edit - 1]!),
          inc: down[edit - 1]!,
          cand: down[edit]!,
        }),
      };
      for (const { name, policy, lineage } of OTHERS)
        if (ships(certify(row, repetition, policy, { lineage }).verdict)) shipped[name] += 1;
      harm ||= certify(row, repetition, {}).verdict.clusters.some(({ state }) => state === "HARM");
    }
    if (harm) seen += 1;
  }
  const tenth = Math.ceil(repetitions / 10);
  const alarms = shareOf(rounds.length, repetitions);
  return {
    simulated: true,
    repetitions,
    pairsPerLook: 50 * blocks,
    alarms,
    medianRound: rounds.toSorted((a, b) => a - b)[rounds.length >> 1] ?? Number.NaN,
    falseAlarms: shareOf(falseAlarms, repetitions),
    shippedOfTen: {
      paper: round(shipped.paper / tenth, 2),
      paperLater: round(shipped.paperLater / tenth, 2),
      strictIncrease: round(shipped.strictIncrease / tenth, 2),
    },
    seenByOneEdit: shareOf(seen, tenth),
    required: { atLeast: 0.95, met: alarms.share >= 0.95 },
  };
}

/** One look a round: fresh blocks of the present harness against the frozen anchor. */
function firstAlarm(
  repetition: number,
  purpose: string,
  blocks: number,
  rounds: number,
  anchor: readonly number[],
  present: (round: number) => readonly number[],
): number | undefined {
  const random = randomOf("drift", repetition, purpose);
  const detector = createDriftDetector();
  for (let round = 1; round <= rounds; round += 1) {
    const counts = { a: 0, b: 0, c: 0 };
    const rates = present(round);
    for (let block = 0; block < blocks; block += 1)
      rates.forEach((rate, task) => {
        const difference = Number(random.next() < rate) - Number(random.next() < anchor[task]!);
        counts[difference > 0 ? "a" : difference < 0 ? "b" : "c"] += 1;
      });
    if (detector.look(counts.a, counts.b, counts.c)) return round;
  }
  return undefined;
}
