import type { SuiteTask } from "@harnessx/core/plugin";
import { taskStatus } from "../gate/status.ts";
import { mineNavigation } from "../mine/navigation.ts";
import { mineOffered } from "../mine/offered.ts";
import { minePlaces } from "../mine/places.ts";
import { mineProcedures } from "../mine/procedures.ts";
import { mineRepetition } from "../mine/repetition.ts";
import { mineReward } from "../mine/reward.ts";
import { mineReplacements } from "../mine/tool-paths.ts";
import { mineUsual } from "../mine/usual.ts";
import type { RolloutRecord } from "../rollout/index.ts";
import { countBy, groupBy } from "../statistics/group.ts";
import { mean, wilson } from "../statistics/interval.ts";
import { contrastOf } from "./contrast.ts";
import { readEpisode, type Episode } from "./episode.ts";
import { quoteOf, type Evidence } from "./evidence.ts";
import { mechanicsOf, noEffectReplies, type Mechanics } from "./mechanics.ts";
import { failuresOf, type Failure } from "./taxonomy.ts";
import type { BudgetDigest, CategoryDigest, Digest, TaskDigest, ToolDigest } from "./types.ts";

/** Under this strength a reason is too weak to act on. */
const ACTIONABLE = 0.2;

interface Studied {
  readonly episode: Episode;
  readonly mechanics: Mechanics;
  readonly failures: readonly Failure[];
}

/** Reads the traces of rollouts, one after another, and digests them. Rollouts without a trace or with an infra failure only count. */
export async function digestRollouts(
  records: readonly RolloutRecord[],
  tasks: readonly SuiteTask[],
): Promise<Digest> {
  const episodes: Episode[] = [];
  for (const record of records) {
    if (record.infra) continue;
    const episode = await readEpisode(record);
    if (episode) episodes.push(episode);
  }
  return digestEpisodes(records, episodes, tasks);
}

/** Digests episodes that have been read already. */
export function digestEpisodes(
  records: readonly RolloutRecord[],
  episodes: readonly Episode[],
  tasks: readonly SuiteTask[],
): Digest {
  const noEffect = noEffectReplies(episodes);
  const passing = episodes.filter((episode) => episode.passed);
  const failing = episodes.filter((episode) => !episode.passed);
  const passingSteps =
    passing.length === 0 ? undefined : mean(passing.map((episode) => episode.steps));
  const studied = episodes.map((episode): Studied => {
    const mechanics = mechanicsOf(episode, noEffect);
    return {
      episode,
      mechanics,
      failures: episode.passed ? [] : failuresOf(episode, mechanics, passingSteps),
    };
  });
  const places = minePlaces(episodes, noEffect);
  const repetition = mineRepetition(episodes);
  const usual = mineUsual(episodes, places);
  const navigation = mineNavigation(episodes);
  const replacements = mineReplacements(episodes);
  const reward = mineReward(records);
  const offered = mineOffered(episodes);
  const known = studied.filter(({ failures }) =>
    failures.some(({ strength }) => strength >= ACTIONABLE),
  ).length;
  return {
    v: 1,
    harness: records[0]?.harness ?? "",
    rollouts: tally(records),
    clusters: [...groupBy(records, (record) => record.cluster)]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, group]) => {
        const { pass, fail } = tally(group);
        return { id, tasks: [...new Set(group.map((record) => record.task))], pass, fail };
      }),
    exits: Object.fromEntries(
      [...countBy(episodes, (episode) => episode.exit)].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
    steps: { pass: passingSteps ?? 0, fail: mean(failing.map((episode) => episode.steps)) },
    budget: budgetOf(studied),
    tools: toolsOf(studied),
    noEffect: [...noEffect].toSorted((a, b) => (a < b ? -1 : 1)),
    processors: processorsOf(episodes),
    categories: categoriesOf(studied, failing.length),
    tasks: [...groupBy(records, (record) => record.task)]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([task, group]) => taskDigest(task, group, studied)),
    mined: {
      ...(places ? { places } : {}),
      ...(repetition ? { repetition } : {}),
      procedures: mineProcedures(episodes, tasks, places, noEffect),
      ...(usual ? { usual } : {}),
      ...(navigation ? { navigation } : {}),
      ...(replacements.length > 0 ? { replacements } : {}),
      ...(reward ? { reward } : {}),
      ...(offered ? { offered } : {}),
    },
    actionability: failing.length === 0 ? 0 : known / failing.length,
  };
}

/** Every piece of evidence that a digest cites, for `checkEvidence`. */
export function evidenceOf(digest: Digest): Evidence[] {
  const {
    places,
    repetition,
    procedures,
    usual,
    navigation,
    offered,
    replacements = [],
  } = digest.mined;
  return [
    ...digest.categories.flatMap((category) => category.evidence),
    ...digest.tasks.flatMap((task) => task.evidence),
    ...(places?.evidence ?? []),
    ...(repetition?.evidence ?? []),
    ...procedures.flatMap((procedure) => procedure.evidence),
    ...(usual?.evidence ?? []),
    ...(digest.claims ?? []).flatMap((claim) => claim.evidence),
    ...(navigation?.evidence ?? []),
    ...(offered?.evidence ?? []),
    ...replacements.flatMap((replacement) => replacement.evidence),
  ];
}

function tally(records: readonly RolloutRecord[]): Digest["rollouts"] {
  const infra = records.filter((record) => record.infra !== undefined).length;
  const pass = records.filter((record) => record.passed).length;
  return { pass, fail: records.length - pass - infra, infra };
}

function toolsOf(studied: readonly Studied[]): ToolDigest[] {
  const found = new Map<
    string,
    { calls: number; errors: number; noEffect: number; repeats: number; unused: number }
  >();
  const of = (tool: string) => {
    const entry = found.get(tool) ?? { calls: 0, errors: 0, noEffect: 0, repeats: 0, unused: 0 };
    found.set(tool, entry);
    return entry;
  };
  for (const { episode, mechanics } of studied) {
    for (const call of episode.calls) {
      const entry = of(call.tool);
      entry.calls += 1;
      if (call.status !== "ok") entry.errors += 1;
    }
    for (const call of mechanics.noEffect) of(call.tool).noEffect += 1;
    for (const call of mechanics.repeats) of(call.tool).repeats += 1;
    for (const call of mechanics.unused) of(call.tool).unused += 1;
  }
  return [...found]
    .map(([tool, counts]) => ({ tool, ...counts }))
    .toSorted((a, b) => b.calls - a.calls || (a.tool < b.tool ? -1 : 1));
}

function processorsOf(episodes: readonly Episode[]): Digest["processors"] {
  const sums: Record<string, { ran: number; acted: number; changes: Record<string, number> }> = {};
  for (const { processors } of episodes) {
    for (const [id, { ran, acted, changes = {} }] of Object.entries(processors)) {
      const sum = (sums[id] ??= { ran: 0, acted: 0, changes: {} });
      sum.ran += ran;
      sum.acted += acted;
      for (const [op, count] of Object.entries(changes))
        sum.changes[op] = (sum.changes[op] ?? 0) + count;
    }
  }
  return sums;
}

/** How passing and failing episodes spend their budget, on average. */
function budgetOf(studied: readonly Studied[]): Digest["budget"] {
  const of = (passed: boolean): BudgetDigest => {
    const group = studied.filter(({ episode }) => episode.passed === passed);
    const average = (value: (one: Studied) => number): number => mean(group.map(value));
    return {
      inputTokens: average(({ mechanics }) => mechanics.budget.inputTokens),
      peak: average(({ mechanics }) => mechanics.budget.peak),
      growth: average(({ mechanics }) => mechanics.budget.growth),
      truncated: average(({ mechanics }) => mechanics.truncated),
      bursts: average(({ mechanics }) => mechanics.bursts),
    };
  };
  return { pass: of(true), fail: of(false) };
}

function categoriesOf(studied: readonly Studied[], failing: number): CategoryDigest[] {
  const groups = groupBy(
    studied.filter(({ failures }) => failures.length > 0),
    ({ failures }) => failures[0]!.category,
  );
  return [...groups]
    .map(([category, group]) => ({
      category,
      episodes: group.length,
      share: failing === 0 ? 0 : group.length / failing,
      tasks: [...new Set(group.map(({ episode }) => episode.task))].toSorted(),
      evidence: group
        .toSorted((a, b) => b.failures[0]!.strength - a.failures[0]!.strength)
        .slice(0, 3)
        .flatMap(({ episode, failures }) => quoteFailure(episode, failures[0]!)),
    }))
    .toSorted((a, b) => b.episodes - a.episodes || (a.category < b.category ? -1 : 1));
}

function quoteFailure(episode: Episode, failure: Failure): Evidence[] {
  const call = failure.calls.at(-1);
  if (!call) return [{ trace: episode.trace, seq: episode.lastSeq, quote: quoteOf(episode.exit) }];
  return [{ trace: episode.trace, seq: call.seq, quote: quoteOf(call.reply) }];
}

function taskDigest(
  task: string,
  records: readonly RolloutRecord[],
  studied: readonly Studied[],
): TaskDigest {
  const trials = tally(records);
  const own = studied.filter(({ episode }) => episode.task === task);
  const worst = own
    .filter(({ failures }) => failures.length > 0)
    .toSorted((a, b) => b.failures[0]!.strength - a.failures[0]!.strength)[0];
  const contrast = contrastOf(own.map(({ episode }) => episode));
  return {
    task,
    cluster: records[0]!.cluster,
    trials,
    status: taskStatus(trials.pass, trials.fail),
    lcb: wilson(trials.pass, trials.pass + trials.fail)[0],
    ...(worst
      ? {
          failure: {
            category: worst.failures[0]!.category,
            strength: worst.failures[0]!.strength,
            components: [...new Set(worst.failures[0]!.calls.map((call) => call.tool))].toSorted(),
          },
        }
      : {}),
    ...(contrast ? { contrast } : {}),
    evidence: worst ? quoteFailure(worst.episode, worst.failures[0]!) : [],
  };
}
