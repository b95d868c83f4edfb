import type { SuiteTask } from "@harnessx/core/plugin";
import type { Episode, EpisodeCall } from "../digest/episode.ts";
import { quoteOf, type Evidence } from "../digest/evidence.ts";
import { countBy, groupBy } from "../statistics/group.ts";
import { kindOf } from "./names.ts";
import type { PlaceFinding } from "./places.ts";

/** One step that passing runs have in common. */
export interface ProcedureStep {
  readonly tool: string;
  /** What it is done to: a kind that passing runs agree on, or else the argument's name. */
  readonly object?: string;
  /** The kind of instrument that passing runs agree on. */
  readonly with?: string;
  /** The kind of place that passing runs agree on; the agent has to get there first. */
  readonly at?: string;
}

/** What passing runs of a kind of task did, in order, and failing ones often left out. */
export interface ProcedureFinding {
  readonly cluster: string;
  /** Words that stand in the task sentences of this cluster and hardly in others. */
  readonly words: readonly string[];
  readonly steps: readonly ProcedureStep[];
  /** The tool that gets the agent to places. */
  readonly visit?: string;
  /** The step that separates passing from failing runs most, and the share of runs that made it. */
  readonly decisive: { readonly tool: string; readonly passing: number; readonly failing: number };
  readonly passing: number;
  readonly failing: number;
  readonly evidence: readonly Evidence[];
}

const MIN_PASSING = 2;
/** So many calls must agree before their agreement is no accident. */
const MIN_AGREEING = 4;

/** Compares what passing and failing episodes of each cluster did. */
export function mineProcedures(
  episodes: readonly Episode[],
  tasks: readonly SuiteTask[],
  places: PlaceFinding | undefined,
  noEffect: ReadonlySet<string>,
): ProcedureFinding[] {
  const found: ProcedureFinding[] = [];
  const sentences = groupBy(tasks, (task) => task.cluster);
  for (const [cluster, group] of groupBy(episodes, (episode) => episode.cluster)) {
    const passing = group.filter((episode) => episode.passed);
    const failing = group.filter((episode) => !episode.passed);
    const others = episodes.filter((episode) => episode.cluster !== cluster);
    const words = distinctiveWords(cluster, sentences, others);
    if (passing.length < MIN_PASSING || words.length === 0) continue;
    const steps = commonSteps(passing, places, noEffect);
    if (steps.length < 2) continue;
    found.push({
      cluster,
      words,
      steps,
      ...(places ? { visit: places.visit.tool } : {}),
      decisive: decisiveStep(steps, passing, failing, noEffect),
      passing: passing.length,
      failing: failing.length,
      evidence: passing.slice(0, 2).flatMap((episode) => evidenceOf(episode, steps)),
    });
  }
  return found.toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1));
}

const acts = (
  episode: Episode,
  places: PlaceFinding | undefined,
  noEffect: ReadonlySet<string>,
): EpisodeCall[] => {
  const looking = new Set(places?.look.map(({ tool }) => tool));
  return episode.calls.filter(
    (call) => call.status === "ok" && !noEffect.has(call.reply) && !looking.has(call.tool),
  );
};

/** The commonest order in which passing runs made their acts for the last time, walking and looking left out. */
function commonSteps(
  passing: readonly Episode[],
  places: PlaceFinding | undefined,
  noEffect: ReadonlySet<string>,
): ProcedureStep[] {
  const orders = passing.map((episode) => {
    const last = new Map<string, EpisodeCall>();
    for (const call of acts(episode, places, noEffect)) {
      last.delete(call.tool);
      last.set(call.tool, call);
    }
    return [...last.values()];
  });
  const shares = countBy(orders.flat(), (call) => call.tool);
  // An act that only some passing runs made is not part of how the task is done.
  const common = new Set(
    [...shares].filter(([, count]) => count >= passing.length * 0.7).map(([tool]) => tool),
  );
  const sequences = orders.map((order) => order.filter((call) => common.has(call.tool)));
  const [tools] = [
    ...countBy(sequences, (order) => order.map((call) => call.tool).join("\n")),
  ].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))[0] ?? [""];
  const kinds = placeKinds(passing, places);
  return tools
    .split("\n")
    .filter((tool) => tool !== "")
    .map((tool) =>
      stepOf(
        tool,
        sequences.flatMap((order) => order.filter((call) => call.tool === tool)),
        kinds,
      ),
    );
}

/** Kinds of places that runs went to. */
function placeKinds(episodes: readonly Episode[], places: PlaceFinding | undefined): Set<string> {
  if (!places) return new Set();
  const { tool, argument } = places.visit;
  const visits = episodes.flatMap(({ calls }) => calls.filter((call) => call.tool === tool));
  return new Set(visits.map(({ args }) => kindOf(args[argument] ?? "")));
}

function stepOf(
  tool: string,
  calls: readonly EpisodeCall[],
  kinds: ReadonlySet<string>,
): ProcedureStep {
  const [argument] = Object.keys(calls[0]?.args ?? {});
  if (argument === undefined) return { tool };
  const instrument = sharedKind(
    calls
      .filter((call) => Object.keys(call.args).length > 1)
      .map((call) => Object.values(call.args).at(-1)!),
  );
  return {
    tool,
    object: sharedKind(calls.map((call) => call.args[argument] ?? "")) ?? argument.toLowerCase(),
    ...(instrument === undefined
      ? {}
      : kinds.has(instrument)
        ? { at: instrument }
        : { with: instrument }),
  };
}

/** The kind of nearly all of the names. */
function sharedKind(names: readonly string[]): string | undefined {
  const kinds = names.map(kindOf);
  const [kind, count] = [...countBy(kinds, (one) => one)].toSorted(([, n], [, m]) => m - n)[0] ?? [
    "",
    0,
  ];
  return kind !== "" && kinds.length >= MIN_AGREEING && count >= kinds.length * 0.9
    ? kind
    : undefined;
}

function decisiveStep(
  steps: readonly ProcedureStep[],
  passing: readonly Episode[],
  failing: readonly Episode[],
  noEffect: ReadonlySet<string>,
): ProcedureFinding["decisive"] {
  const share = (episodes: readonly Episode[], tool: string): number =>
    episodes.length === 0
      ? 0
      : episodes.filter((episode) =>
          acts(episode, undefined, noEffect).some((call) => call.tool === tool),
        ).length / episodes.length;
  return steps
    .map(({ tool }) => ({ tool, passing: share(passing, tool), failing: share(failing, tool) }))
    .toSorted((a, b) => b.passing - b.failing - (a.passing - a.failing))[0]!;
}

/**
 * Words that tell tasks of this cluster from others: in a good part of its sentences, in hardly any
 * sentence of the others, and nothing that every environment of the suite says anyway or that names a
 * thing which the others deal with, too.
 */
function distinctiveWords(
  cluster: string,
  sentences: ReadonlyMap<string, readonly SuiteTask[]>,
  others: readonly Episode[],
): string[] {
  const own = (sentences.get(cluster) ?? []).map(({ text }) => wordsOf(text));
  const elsewhere = [...sentences]
    .filter(([name]) => name !== cluster)
    .flatMap(([, tasks]) => tasks.map(({ text }) => wordsOf(text)));
  const openings = others.map(({ text }) => wordsOf(text));
  const things = new Set(
    others.flatMap(({ calls }) => calls.flatMap(({ args }) => Object.values(args).map(kindOf))),
  );
  const share = (lists: readonly ReadonlySet<string>[], word: string): number =>
    lists.length === 0 ? 0 : lists.filter((list) => list.has(word)).length / lists.length;
  const words = new Set(own.flatMap((list) => [...list]));
  return [...words]
    .filter(
      (word) =>
        share(own, word) >= 0.25 &&
        share(elsewhere, word) <= 0.05 &&
        share(openings, word) <= 0.1 &&
        !things.has(word),
    )
    .toSorted((a, b) => share(own, b) - share(own, a) || (a < b ? -1 : 1))
    .slice(0, 4);
}

const wordsOf = (text: string): Set<string> =>
  new Set(text.toLowerCase().match(/[a-z]{3,}/g) ?? []);

function evidenceOf(episode: Episode, steps: readonly ProcedureStep[]): Evidence[] {
  const tools = new Set(steps.map(({ tool }) => tool));
  const last = new Map<string, EpisodeCall>();
  for (const call of episode.calls)
    if (tools.has(call.tool) && call.status === "ok") last.set(call.tool, call);
  return [...last.values()].map((call) => ({
    trace: episode.trace,
    seq: call.seq,
    quote: quoteOf(call.reply),
  }));
}
