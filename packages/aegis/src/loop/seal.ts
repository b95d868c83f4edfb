import type { LoadedHarness } from "@harnessx/core";
import type { SuiteTask } from "@harnessx/core/plugin";
import { pairUp, summarize } from "../bench/index.ts";
import type { SealedArm, SealedGain, SealResult } from "../journal/index.ts";
import type { RolloutRecord } from "../rollout/index.ts";
import { groupBy } from "../statistics/group.ts";
import {
  bootstrapMean,
  comparePaired,
  deriveSeed,
  mean,
  noiseFloor,
  wilson,
} from "../statistics/index.ts";
import { route, variantsOf } from "../variants/index.ts";
import { play, runTrials, specsOf, tell, type Session } from "./session.ts";
import { chooseTasks } from "./tasks.ts";
import { loadVariant } from "./variants.ts";

/** Trials of every sealed task for a pass rate, and for pass@k of the seed. */
const REPS = 2;
const PASS_AT = 4;
/** More retries than this are not granted to best-of-n. */
const MOST_RETRIES = 8;

/**
 * Plays the sealed tasks, once: the harness at the beginning and the one that stands now (with its
 * variants, each on what is routed to it). Beside them what the beginning reaches with retries:
 * pass@k, and best-of-n where n answers of it cost at least as much as one of the present harness.
 * Both take the best answer as if somebody knew which it is: no selection can do better.
 */
export async function seal(session: Session): Promise<SealResult | undefined> {
  const { options, anchor, journal, run } = session;
  if (options.sealedTasks === undefined) return undefined;
  const wanted = options.sealedTasks === "all" ? undefined : options.sealedTasks;
  const tasks = await chooseTasks(options.suite, "sealed", wanted, options.seed);
  if (tasks.length === 0) return undefined;
  const seed = deriveSeed("seal", options.seed, run);
  const evolved = await playRouted(session, tasks, seed);
  const first = await playSeed(session, anchor, tasks, seed, REPS);
  const noop = await playSeed(session, anchor, tasks, deriveSeed("no-op", seed), REPS);
  const price = (records: readonly RolloutRecord[]): number => {
    const cost = mean(records.map(({ costUsd }) => costUsd));
    return cost > 0 ? cost : mean(records.map(({ tokens }) => tokens));
  };
  const ratio = price(evolved) / Math.max(price(first), Number.MIN_VALUE);
  const n = Math.min(MOST_RETRIES, Math.max(1, Math.ceil(ratio - 1e-9)));
  const retries = await playSeed(session, anchor, tasks, seed, Math.max(n, PASS_AT));
  const bestOf = (k: number) => bestOfFirst(retries, tasks, k);
  const arms: SealedArm[] = [
    armOf("seed", first, session, anchor.hash),
    retriesArm(`seed pass@${PASS_AT}`, retries, bestOf(PASS_AT), PASS_AT),
    retriesArm(`seed best-of-${n}`, retries, bestOf(n), n),
    armOf("no-op evolver", noop, session, anchor.hash),
    armOf("evolved", evolved, session),
  ];
  const gains: SealedGain[] = [
    gainOver("seed", comparePaired(pairUp(first, evolved), seed)),
    gainOver("no-op evolver", comparePaired(pairUp(noop, evolved), seed)),
    overBest(`seed best-of-${n}`, bestOf(n), evolved, seed),
    overBest(`seed pass@${PASS_AT}`, bestOf(PASS_AT), evolved, seed),
  ];
  const result: SealResult = {
    tasks: tasks.length,
    arms,
    gains,
    noiseFloor: noiseFloor(pairUp(first, noop), seed),
  };
  journal.append({ t: "seal", run, result });
  tell(session, 0, "seal", sealedInWords(result));
  return result;
}

const playSeed = (
  session: Session,
  harness: LoadedHarness,
  tasks: readonly SuiteTask[],
  seed: number,
  reps: number,
): Promise<readonly RolloutRecord[]> =>
  runTrials(session, "seal", harness, { tasks, reps: range(reps), seed, fresh: true });

async function playRouted(
  session: Session,
  tasks: readonly SuiteTask[],
  seed: number,
): Promise<readonly RolloutRecord[]> {
  const variants = variantsOf(session.journal.events);
  const specs = [];
  for (const rep of range(REPS))
    for (const task of tasks) {
      const harness = await loadVariant(session, route(variants, task.cluster));
      specs.push(...specsOf(session, harness, { tasks: [task], reps: [rep], seed, fresh: true }));
    }
  return play(session, "seal", specs);
}

const range = (length: number): number[] => Array.from({ length }, (_, index) => index);

function armOf(
  name: string,
  records: readonly RolloutRecord[],
  { options }: Session,
  harness?: string,
): SealedArm {
  const { passRate, interval, trials, tokens, costUsd } = summarize(
    name,
    harness ?? "",
    records,
    options.seed,
  );
  return {
    name,
    ...(harness === undefined ? {} : { harness }),
    passRate,
    interval,
    rollouts: trials,
    tokens: tokens / Math.max(1, trials),
    costUsd: costUsd / Math.max(1, trials),
  };
}

/** By task: whether one of the first k trials passes. */
function bestOfFirst(
  records: readonly RolloutRecord[],
  tasks: readonly SuiteTask[],
  k: number,
): ReadonlyMap<string, number> {
  const byTask = groupBy(records, ({ task }) => task);
  return new Map(
    tasks.map(({ id }) => [
      id,
      Number((byTask.get(id) ?? []).some(({ repetition, passed }) => repetition < k && passed)),
    ]),
  );
}

function retriesArm(
  name: string,
  records: readonly RolloutRecord[],
  best: ReadonlyMap<string, number>,
  k: number,
): SealedArm {
  const passed = [...best.values()].reduce((sum, one) => sum + one, 0);
  const used = records.filter(({ repetition }) => repetition < k);
  return {
    name,
    passRate: passed / best.size,
    interval: wilson(passed, best.size),
    rollouts: used.length,
    tokens: used.reduce((sum, { tokens }) => sum + tokens, 0) / best.size,
    costUsd: used.reduce((sum, { costUsd }) => sum + costUsd, 0) / best.size,
  };
}

const gainOver = (
  over: string,
  { delta, interval }: { readonly delta: number; readonly interval: readonly [number, number] },
): SealedGain => ({ over, mean: delta, interval });

function overBest(
  over: string,
  best: ReadonlyMap<string, number>,
  evolved: readonly RolloutRecord[],
  seed: number,
): SealedGain {
  const differences = [...groupBy(evolved, ({ task }) => task)].map(([task, records]) =>
    records.map(({ passed }) => Number(passed) - (best.get(task) ?? 0)),
  );
  return {
    over,
    mean: mean(differences.map(mean)),
    interval: bootstrapMean(differences, { seed }),
  };
}

const percent = (rate: number): string => `${(100 * rate).toFixed(1)} %`;

const sealedInWords = ({ arms }: SealResult): string =>
  arms.map(({ name, passRate }) => `${name} ${percent(passRate)}`).join(", ");
