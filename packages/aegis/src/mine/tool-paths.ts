import type { Episode, EpisodeCall } from "../digest/episode.ts";
import { quoteOf, type Evidence } from "../digest/evidence.ts";
import { groupBy } from "../statistics/group.ts";
import { derivations, type Term } from "./argument-steps.ts";
import { piecesOf, skeletonOf, unify, writeTemplate } from "./argument-template.ts";
import { mineContent, type PathExample } from "./reply-content.ts";

/** Episodes, and how many of them passed. */
interface Share {
  readonly pass: number;
  readonly episodes: number;
}

/** A tool that fails often, and another call by which some runs got what it did not give. */
export interface ReplacementFinding {
  readonly tool: string;
  /** Its arguments, as calls have them; all are texts. */
  readonly arguments: readonly string[];
  readonly calls: number;
  readonly failures: number;
  /** The tool of the other call, and its only argument. */
  readonly source: { readonly tool: string; readonly argument: string };
  /** The other argument, made from the failing tool's arguments: see `writeTemplate`. */
  readonly template: string;
  /** Scheme and host that it names, without a port, where it is an address. */
  readonly origins: readonly string[];
  /** Where in the reply the content stands, by keys; `*` is any, none is the whole reply. */
  readonly content: readonly string[];
  /** Calls that the template explains, from how many tasks, and in how many the content was confirmed. */
  readonly support: { readonly calls: number; readonly tasks: number; readonly confirmed: number };
  /** Runs that went that way, and other runs in which the tool failed. */
  readonly contrast: { readonly used: Share; readonly unused: Share };
  readonly evidence: readonly Evidence[];
}

/** A tool with fewer calls, or on fewer tasks, has not shown how it is. */
const MIN_CALLS = 20;
const MIN_TASKS = 5;
/** A tool that fails less often than this is worth another attempt. */
const MIN_FAILING = 0.3;
/** This share of a tool's calls must have the same arguments. */
const SAME_SHAPE = 0.9;
/** A template from fewer calls or tasks is an accident. */
const MIN_EXPLAINED = 5;
const MIN_EXPLAINED_TASKS = 3;
const MIN_CONFIRMED = 3;

const failed = ({ status }: EpisodeCall): boolean => status === "timeout" || status === "error";

/** Finds tools that fail often and what some runs did instead, the commonest failure first. */
export function mineReplacements(episodes: readonly Episode[]): ReplacementFinding[] {
  return failingTools(episodes)
    .flatMap(({ tool, names, calls }) => {
      const [best] = pathsFor(episodes, tool, calls)
        .filter(({ contrast: { used, unused } }) => rate(used) > rate(unused))
        .toSorted((a, b) => b.support.confirmed - a.support.confirmed || order(a, b));
      if (!best) return [];
      const failures = calls.filter(({ call }) => failed(call));
      return [
        {
          tool,
          arguments: names,
          calls: calls.length,
          failures: failures.length,
          ...best,
          evidence: [...failures.slice(0, 2).map(citation), ...best.evidence],
        },
      ];
    })
    .toSorted((a, b) => b.failures - a.failures || (a.tool < b.tool ? -1 : 1));
}

const rate = ({ pass, episodes }: Share): number => (episodes === 0 ? 0 : pass / episodes);
const order = (a: Path, b: Path): number => (a.template < b.template ? -1 : 1);

/** A call and the episode that made it. */
interface Made {
  readonly episode: Episode;
  readonly call: EpisodeCall;
}

const citation = ({ episode, call }: Made): Evidence => ({
  trace: episode.trace,
  seq: call.seq,
  quote: quoteOf(call.reply),
});

/** Tools whose calls have the same text arguments, but for a few slips, and a good part of which failed. */
function failingTools(
  episodes: readonly Episode[],
): { readonly tool: string; readonly names: string[]; readonly calls: readonly Made[] }[] {
  const made = episodes.flatMap((episode) => episode.calls.map((call) => ({ episode, call })));
  return [...groupBy(made, ({ call }) => call.tool)].flatMap(([tool, all]) => {
    const shapes = groupBy(all, ({ call }) => Object.keys(call.args).toSorted().join("\n"));
    const [[shape, calls] = ["", []]] = [...shapes].toSorted(([, a], [, b]) => b.length - a.length);
    const tasks = new Set(calls.map(({ episode }) => episode.task));
    const enough = calls.length >= MIN_CALLS && tasks.size >= MIN_TASKS;
    const failing = calls.filter(({ call }) => failed(call)).length >= calls.length * MIN_FAILING;
    const usual = shape !== "" && calls.length >= all.length * SAME_SHAPE;
    return enough && failing && usual ? [{ tool, names: shape.split("\n"), calls }] : [];
  });
}

type Path = Omit<ReplacementFinding, "tool" | "arguments" | "calls" | "failures">;

/** The ways in which runs got at the same thing with another tool. */
function pathsFor(episodes: readonly Episode[], tool: string, calls: readonly Made[]): Path[] {
  const given = new Map<string, string[]>();
  for (const { call } of calls)
    if (call.status === "ok") given.set(call.key, [...(given.get(call.key) ?? []), call.reply]);
  const known = new Map<string, ReadonlyMap<string, readonly Term[]>>();
  const derived = ({ key, args }: EpisodeCall): ReadonlyMap<string, readonly Term[]> => {
    const found = known.get(key) ?? derivations(args);
    known.set(key, found);
    return found;
  };
  const examples = episodes.flatMap((episode) => examplesIn(episode, tool, given, derived));
  const groups = groupBy(
    examples,
    ({ call, argument, pieces }) => `${call.tool}\n${argument}\n${skeletonOf(pieces)}`,
  );
  return [...groups.values()].flatMap((group): Path[] => {
    const tasks = new Set(group.map(({ episode }) => episode.task));
    if (group.length < MIN_EXPLAINED || tasks.size < MIN_EXPLAINED_TASKS) return [];
    const pieces = unify(group.map((example) => example.pieces));
    const content = pieces && mineContent(group);
    if (!pieces || !content || content.confirmed.length < MIN_CONFIRMED) return [];
    const { call, argument } = group[0]!;
    return [
      {
        source: { tool: call.tool, argument },
        template: writeTemplate(pieces),
        origins: originsOf(group),
        content: content.path,
        support: {
          calls: group.length,
          tasks: tasks.size,
          confirmed: new Set(content.confirmed.map(({ episode }) => episode.task)).size,
        },
        contrast: contrastOf(calls, new Set(group.map(({ episode }) => episode))),
        evidence: content.confirmed.slice(0, 3).map(citation),
      },
    ];
  });
}

/**
 * The successful calls of other tools with one text argument, each explained by the arguments with
 * which the failing tool had been called before.
 */
function examplesIn(
  episode: Episode,
  tool: string,
  given: ReadonlyMap<string, readonly string[]>,
  derived: (call: EpisodeCall) => ReadonlyMap<string, readonly Term[]>,
): PathExample[] {
  const asked = new Map<string, EpisodeCall>();
  const examples: PathExample[] = [];
  for (const call of episode.calls) {
    if (call.tool === tool) {
      asked.set(call.key, call);
      continue;
    }
    const [only, ...others] = Object.entries(call.args);
    if (call.status !== "ok" || !only || others.length > 0) continue;
    const [argument, value] = only;
    for (const before of asked.values()) {
      const pieces = piecesOf(value, derived(before));
      if (pieces.every((piece) => typeof piece === "string")) continue;
      examples.push({ episode, call, argument, pieces, wanted: given.get(before.key) ?? [] });
    }
  }
  return examples;
}

function originsOf(group: readonly PathExample[]): string[] {
  const origins = group.map(({ call, argument }) => {
    const value = call.args[argument] ?? "";
    const url = /^https?:\/\/\S+$/.test(value) && URL.canParse(value) ? new URL(value) : undefined;
    return url && `${url.protocol}//${url.hostname}`;
  });
  return [...new Set(origins.filter((origin) => origin !== undefined))].toSorted();
}

/** How runs ended that went this way, and the others in which the tool failed. */
function contrastOf(
  calls: readonly Made[],
  users: ReadonlySet<Episode>,
): ReplacementFinding["contrast"] {
  const troubled = new Set(calls.filter(({ call }) => failed(call)).map(({ episode }) => episode));
  const share = (group: readonly Episode[]): Share => ({
    pass: group.filter(({ passed }) => passed).length,
    episodes: group.length,
  });
  return {
    used: share([...users]),
    unused: share([...troubled].filter((episode) => !users.has(episode))),
  };
}
