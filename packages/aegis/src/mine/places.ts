import type { Episode, EpisodeCall } from "../digest/episode.ts";
import { quoteOf, type Evidence } from "../digest/evidence.ts";
import { argumentOf, mineMoves, type MoveFinding, type ToolArgument } from "./moves.ts";
import { kindOf, namePattern, namesIn, placeTemplate } from "./names.ts";

/** A reply after which something can be found with another call. */
export interface HiddenReply {
  readonly reply: string;
  /** The call that found something. */
  readonly tool: string;
  /** Kinds of places with this reply, commonest first. */
  readonly kinds: readonly string[];
  /** Share of such replies after which the call was made. */
  readonly followed: number;
}

/** What traces show about places: where things may be, how one looks there, and which answers mean that nothing is there. */
export interface PlaceFinding {
  /** The call by which the agent gets to places. */
  readonly visit: ToolArgument;
  /** All calls whose only argument is a place and whose reply says what is there, `visit` included. */
  readonly look: readonly ToolArgument[];
  /** How names look: source of a regular expression. */
  readonly names: string;
  /** Replies after which nobody found anything at the place; `{place}` stands for its name. */
  readonly empty: readonly string[];
  /** Replies that name nothing, but after which another call on the same place did show something. */
  readonly hidden: readonly HiddenReply[];
  /** Calls that take a thing away from a place. */
  readonly taking: readonly MoveFinding[];
  /** Calls that leave a thing at a place. */
  readonly placing: readonly MoveFinding[];
  /** Share of visits that went to a place seen before, in failing and in passing episodes. */
  readonly revisits: { readonly failing: number; readonly passing: number };
  readonly evidence: readonly Evidence[];
}

const MIN_CALLS = 10;
const MIN_TEMPLATE = 4;

/** Finds the places of an environment from argument and reply alone; undefined where there are none. */
export function minePlaces(
  episodes: readonly Episode[],
  noEffect: ReadonlySet<string>,
): PlaceFinding | undefined {
  const calls = episodes.flatMap((episode) => episode.calls);
  const names = namePattern(calls.flatMap((call) => Object.values(call.args)));
  if (names === undefined) return undefined;
  const effective = (call: EpisodeCall): boolean =>
    call.status === "ok" && !noEffect.has(call.reply);
  const visit = primaryLook(calls.filter(effective), names);
  if (!visit) return undefined;
  const places = new Set(
    calls
      .filter((call) => call.tool === visit.tool && effective(call))
      .map((call) => call.args[visit.argument]!.toLowerCase()),
  );
  const look = lookTools(calls.filter(effective), places);
  const replies = classifyReplies(episodes, look, names, effective);
  return {
    visit,
    look,
    names,
    empty: replies.empty,
    hidden: replies.hidden,
    ...mineMoves(episodes, look, places, names, effective),
    revisits: {
      failing: revisitShare(
        episodes.filter((episode) => !episode.passed),
        visit,
        effective,
      ),
      passing: revisitShare(
        episodes.filter((episode) => episode.passed),
        visit,
        effective,
      ),
    },
    evidence: revisitEvidence(episodes, visit, replies.empty, names),
  };
}

/** The only string argument of a call. */
function only(call: EpisodeCall): [argument: string, value: string] | undefined {
  const entries = Object.entries(call.args);
  return entries.length === 1 ? entries[0] : undefined;
}

/** Of the calls with one argument, the commonest whose reply repeats the argument and at times names other things. */
function primaryLook(calls: readonly EpisodeCall[], names: string): ToolArgument | undefined {
  const found = new Map<
    string,
    { at: ToolArgument; calls: number; mentions: number; shows: number; values: Set<string> }
  >();
  for (const call of calls) {
    const [argument, value] = only(call) ?? [];
    if (argument === undefined || value === undefined) continue;
    const key = `${call.tool} ${argument}`;
    const entry = found.get(key) ?? {
      at: { tool: call.tool, argument },
      calls: 0,
      mentions: 0,
      shows: 0,
      values: new Set(),
    };
    const inReply = namesIn(call.reply, names);
    entry.calls += 1;
    if (inReply.includes(value.toLowerCase())) entry.mentions += 1;
    if (inReply.some((name) => name !== value.toLowerCase())) entry.shows += 1;
    entry.values.add(value);
    found.set(key, entry);
  }
  return [...found.values()]
    .filter(
      ({ calls: n, mentions, shows, values }) =>
        n >= MIN_CALLS && mentions >= n * 0.8 && shows >= n * 0.05 && values.size >= 3,
    )
    .toSorted((a, b) => b.calls - a.calls || (a.at.tool < b.at.tool ? -1 : 1))[0]?.at;
}

function lookTools(calls: readonly EpisodeCall[], places: ReadonlySet<string>): ToolArgument[] {
  const found = new Map<
    string,
    { at: ToolArgument; calls: number; onPlaces: number; mentions: number }
  >();
  for (const call of calls) {
    const [argument, value] = only(call) ?? [];
    if (argument === undefined || value === undefined) continue;
    const key = `${call.tool} ${argument}`;
    const entry = found.get(key) ?? {
      at: { tool: call.tool, argument },
      calls: 0,
      onPlaces: 0,
      mentions: 0,
    };
    entry.calls += 1;
    if (places.has(value.toLowerCase())) {
      entry.onPlaces += 1;
      if (call.reply.toLowerCase().includes(value.toLowerCase())) entry.mentions += 1;
    }
    found.set(key, entry);
  }
  return [...found.values()]
    .filter(({ onPlaces, mentions }) => onPlaces >= 3 && mentions >= onPlaces * 0.8)
    .toSorted((a, b) => b.onPlaces - a.onPlaces || (a.at.tool < b.at.tool ? -1 : 1))
    .map(({ at }) => at);
}

/**
 * Tells replies that mean "nothing here" from replies that mean "not seen yet", by what followed:
 * whether another call on the same place, made soon after, showed something.
 */
function classifyReplies(
  episodes: readonly Episode[],
  look: readonly ToolArgument[],
  names: string,
  effective: (call: EpisodeCall) => boolean,
): { empty: string[]; hidden: HiddenReply[] } {
  const stats = new Map<string, ReplyStatistics>();
  for (const { calls } of episodes) {
    calls.forEach((call, index) => {
      const place = argumentOf(call, look);
      const template =
        place !== undefined && effective(call)
          ? placeTemplate(call.reply, place, names)
          : undefined;
      if (template === undefined) return;
      const entry: ReplyStatistics = stats.get(template) ?? {
        count: 0,
        followed: 0,
        calls: new Map(),
        revealed: new Map(),
        kinds: new Map(),
      };
      entry.count += 1;
      bump(entry.kinds, kindOf(place!));
      for (const later of calls.slice(index + 1, index + 4)) {
        if (
          later.tool === call.tool ||
          !Object.values(later.args).some((value) => value.toLowerCase() === place)
        )
          continue;
        entry.followed += 1;
        bump(entry.calls, later.tool);
        const shows =
          argumentOf(later, look) === place &&
          namesIn(later.reply, names).some((name) => name !== place);
        if (shows) bump(entry.revealed, later.tool);
      }
      stats.set(template, entry);
    });
  }
  const empty: string[] = [];
  const hidden: HiddenReply[] = [];
  for (const [reply, entry] of [...stats].toSorted(([, a], [, b]) => b.count - a.count)) {
    if (entry.count < MIN_TEMPLATE) continue;
    const [tool, most] = ranked(entry.revealed)[0] ?? ["", 0];
    if (most <= entry.followed * 0.05) empty.push(reply);
    else {
      const followed = Math.min(1, (entry.calls.get(tool) ?? 0) / entry.count);
      hidden.push({ reply, tool, kinds: ranked(entry.kinds).map(([kind]) => kind), followed });
    }
  }
  return { empty, hidden };
}

/** What followed one reply. */
interface ReplyStatistics {
  count: number;
  /** Later calls on the same place. */
  followed: number;
  readonly calls: Map<string, number>;
  /** Those that showed something. */
  readonly revealed: Map<string, number>;
  readonly kinds: Map<string, number>;
}

const bump = (counts: Map<string, number>, key: string): void =>
  void counts.set(key, (counts.get(key) ?? 0) + 1);

const ranked = (counts: ReadonlyMap<string, number>): [string, number][] =>
  [...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));

function revisitShare(
  episodes: readonly Episode[],
  visit: ToolArgument,
  effective: (call: EpisodeCall) => boolean,
): number {
  let visits = 0;
  let again = 0;
  for (const { calls } of episodes) {
    const seen = new Set<string>();
    for (const call of calls) {
      if (call.tool !== visit.tool || !effective(call)) continue;
      visits += 1;
      if (seen.has(call.key)) again += 1;
      seen.add(call.key);
    }
  }
  return visits === 0 ? 0 : again / visits;
}

/** Visits in failing episodes to a place that the agent had already found empty. */
function revisitEvidence(
  episodes: readonly Episode[],
  visit: ToolArgument,
  empty: readonly string[],
  names: string,
): Evidence[] {
  const found: Evidence[] = [];
  for (const { calls, passed, trace } of episodes) {
    if (passed || found.length >= 5) continue;
    const seen = new Set<string>();
    for (const call of calls) {
      const place = call.tool === visit.tool ? call.args[visit.argument]?.toLowerCase() : undefined;
      if (place === undefined) continue;
      const template = placeTemplate(call.reply, place, names);
      if (template === undefined || !empty.includes(template)) continue;
      if (seen.has(place)) {
        found.push({ trace, seq: call.seq, quote: quoteOf(call.reply) });
        break;
      }
      seen.add(place);
    }
  }
  return found;
}
