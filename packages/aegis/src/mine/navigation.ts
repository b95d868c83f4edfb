import type { Episode, EpisodeCall } from "../digest/episode.ts";
import { quoteOf, type Evidence } from "../digest/evidence.ts";
import { groupBy } from "../statistics/group.ts";
import { mean } from "../statistics/interval.ts";
import { mineReference, type ReferenceFinding } from "./references.ts";

/**
 * How failing episodes go on from one list of things to the next without following any of them up:
 * which tools list things, which tool follows one up, and how much of it passing episodes show.
 */
export interface NavigationFinding {
  /** Tools whose replies list things that `follow` takes, commonest first. */
  readonly tools: readonly string[];
  /** The call by which one thing is followed up, and how the things' names look. */
  readonly follow: ReferenceFinding;
  /** How many lines of a reply belong to one thing, from the one that names it on. */
  readonly lines: number;
  /** The smallest number of moves in a row beyond which failing runs are told from passing ones nearly as well as by any. */
  readonly tolerated: number;
  /** Shares of the episodes with more moves in a row. */
  readonly beyond: { readonly failing: number; readonly passing: number };
  /** Shares of the things shown that were followed up. */
  readonly followed: { readonly failing: number; readonly passing: number };
  /** Tools by which passing runs came to an end after they had followed something up, in their order. */
  readonly finish: readonly string[];
  readonly evidence: readonly Evidence[];
}

/** A threshold beyond this would come too late to help, one below would forbid to look around. */
const MAX_TOLERATED = 12;
const MIN_TOLERATED = 2;
/** Shares must differ by this much for moving on to mean anything. */
const MIN_DIFFERENCE = 0.1;
const NEARLY = 0.8;
/** A list names at least so many things, in at least this share of a tool's replies. */
const LISTED = 2;
const LISTING = 0.5;
const MIN_LISTINGS = 3;
const MAX_LINES = 6;

/** Finds the habit; undefined where no tool lists things, or where failing episodes do not move on more than passing ones. */
export function mineNavigation(episodes: readonly Episode[]): NavigationFinding | undefined {
  const follow = mineReference(episodes);
  if (!follow) return undefined;
  const tools = listingTools(episodes, follow);
  if (tools.length === 0) return undefined;
  const studied = episodes.map((episode) => ({ episode, walk: longestWalk(episode, tools) }));
  const share = (passed: boolean, moves: number): number => {
    const group = studied.filter(({ episode }) => episode.passed === passed);
    return mean(group.map(({ walk }) => (walk.length > moves ? 1 : 0)));
  };
  const thresholds = Array.from({ length: MAX_TOLERATED - MIN_TOLERATED + 1 }, (_, index) => {
    const tolerated = MIN_TOLERATED + index;
    return {
      tolerated,
      beyond: { failing: share(false, tolerated), passing: share(true, tolerated) },
    };
  });
  const difference = ({ beyond }: (typeof thresholds)[number]) => beyond.failing - beyond.passing;
  const most = Math.max(...thresholds.map(difference));
  // Of the thresholds that tell the two apart nearly as well as the best one, the earliest helps most.
  const best = thresholds.find((one) => difference(one) >= most * NEARLY)!;
  if (most < MIN_DIFFERENCE) return undefined;
  return {
    tools,
    follow,
    lines: linesOfOne(episodes, tools, follow),
    ...best,
    followed: {
      failing: followedShare(
        episodes.filter(({ passed }) => !passed),
        tools,
        follow,
      ),
      passing: followedShare(
        episodes.filter(({ passed }) => passed),
        tools,
        follow,
      ),
    },
    finish: finishOf(episodes, tools, follow),
    evidence: studied
      .filter(({ episode, walk }) => !episode.passed && walk.length > best.tolerated)
      .toSorted((a, b) => b.walk.length - a.walk.length)
      .slice(0, 5)
      .map(({ episode, walk }) => ({
        trace: episode.trace,
        seq: walk.at(-1)!.seq,
        quote: quoteOf(walk.at(-1)!.reply),
      })),
  };
}

/** The longest row of calls of these tools alone, each with another reply than the one before. */
export function longestWalk(episode: Episode, tools: readonly string[]): readonly EpisodeCall[] {
  let best: EpisodeCall[] = [];
  let walk: EpisodeCall[] = [];
  for (const call of episode.calls) {
    if (!tools.includes(call.tool)) walk = [];
    else if (walk.at(-1)?.reply !== call.reply) walk.push(call);
    if (walk.length > best.length) best = walk;
  }
  return best;
}

/** The different references in a text. */
const referencesIn = (text: string, { pattern }: ReferenceFinding): Set<string> =>
  new Set(text.match(new RegExp(pattern, "g")) ?? []);

/** Tools, other than the one that follows up, whose replies usually name several things. */
function listingTools(episodes: readonly Episode[], follow: ReferenceFinding): string[] {
  const replies = groupBy(
    episodes.flatMap(({ calls }) => calls.filter(({ status }) => status === "ok")),
    ({ tool }) => tool,
  );
  replies.delete(follow.tool);
  return [...replies]
    .filter(([, calls]) => {
      const lists = calls.filter(({ reply }) => referencesIn(reply, follow).size >= LISTED).length;
      return lists >= MIN_LISTINGS && lists >= calls.length * LISTING;
    })
    .toSorted(([a, n], [b, m]) => m.length - n.length || (a < b ? -1 : 1))
    .map(([tool]) => tool);
}

/** The usual distance between the lines of a list that name two things. */
function linesOfOne(
  episodes: readonly Episode[],
  tools: readonly string[],
  follow: ReferenceFinding,
): number {
  const gaps: number[] = [];
  const names = new RegExp(follow.pattern);
  for (const { reply } of episodes
    .flatMap(({ calls }) => calls)
    .filter(({ tool }) => tools.includes(tool))) {
    const at = reply.split("\n").flatMap((line, index) => (names.test(line) ? [index] : []));
    for (let index = 1; index < at.length; index += 1) gaps.push(at[index]! - at[index - 1]!);
  }
  const middle = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 1;
  return Math.min(MAX_LINES, middle);
}

function followedShare(
  episodes: readonly Episode[],
  tools: readonly string[],
  follow: ReferenceFinding,
): number {
  let shown = 0;
  let followed = 0;
  for (const { calls } of episodes) {
    const seen = new Set<string>();
    for (const { tool, reply } of calls)
      if (tools.includes(tool)) for (const name of referencesIn(reply, follow)) seen.add(name);
    const taken = new Set(
      calls.flatMap(({ tool, args }) =>
        tool === follow.tool ? [args[follow.argument] ?? ""] : [],
      ),
    );
    shown += seen.size;
    followed += [...taken].filter((name) => seen.has(name)).length;
  }
  return shown === 0 ? 0 : followed / shown;
}

/** Share of the passing episodes that must have made a call for it to belong to their end. */
const USUAL = 0.8;

function finishOf(
  episodes: readonly Episode[],
  tools: readonly string[],
  follow: ReferenceFinding,
): string[] {
  const passing = episodes.filter(({ passed }) => passed);
  const places = new Map<string, number[]>();
  for (const { calls } of passing) {
    const start = calls.findLastIndex(({ tool }) => tool === follow.tool);
    if (start < 0) continue;
    const after = [...new Set(calls.slice(start + 1).map(({ tool }) => tool))];
    after.forEach((tool, at) => places.set(tool, [...(places.get(tool) ?? []), at]));
  }
  return [...places]
    .filter(([tool, at]) => !tools.includes(tool) && at.length >= passing.length * USUAL)
    .toSorted(([, a], [, b]) => mean(a) - mean(b))
    .map(([tool]) => tool);
}
