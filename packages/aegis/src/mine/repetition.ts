import type { Episode, EpisodeCall } from "../digest/episode.ts";
import { quoteOf, type Evidence } from "../digest/evidence.ts";
import { countBy } from "../statistics/group.ts";
import { quantileOfSorted } from "../statistics/interval.ts";

/** How failing episodes repeat themselves, and how much repetition passing ones show. */
export interface RepetitionFinding {
  /** How often one call with one answer occurs in 95 % of the passing episodes: more than this is not normal. */
  readonly tolerated: number;
  /** Median over failing episodes of the most frequent call with one answer. */
  readonly failing: number;
  /** Tools that are repeated most, commonest first. */
  readonly tools: readonly string[];
  readonly evidence: readonly Evidence[];
}

/** Measures repetition; undefined when failing episodes do not repeat themselves more than passing ones. */
export function mineRepetition(episodes: readonly Episode[]): RepetitionFinding | undefined {
  const most = (passed: boolean): number[] =>
    episodes
      .filter((episode) => episode.passed === passed)
      .map((episode) => mostRepeated(episode).length)
      .toSorted((a, b) => a - b);
  const passing = most(true);
  const failing = most(false);
  if (failing.length === 0) return undefined;
  const tolerated =
    passing.length === 0 ? 1 : Math.max(1, Math.ceil(quantileOfSorted(passing, 0.95)));
  const median = quantileOfSorted(failing, 0.5);
  if (median <= 1) return undefined;
  const failed = episodes.filter((episode) => !episode.passed);
  const repeated = failed.flatMap((episode) => mostRepeated(episode).slice(1));
  return {
    tolerated,
    failing: median,
    tools: [...countBy(repeated, (call) => call.tool)]
      .toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
      .map(([tool]) => tool)
      .slice(0, 5),
    evidence: failed
      .map((episode) => ({ episode, calls: mostRepeated(episode) }))
      .toSorted((a, b) => b.calls.length - a.calls.length)
      .slice(0, 5)
      .filter(({ calls }) => calls.length > 1)
      .map(({ episode, calls }) => ({
        trace: episode.trace,
        seq: calls.at(-1)!.seq,
        quote: quoteOf(calls.at(-1)!.reply),
      })),
  };
}

/** The calls of the episode that are equal in tool, arguments and reply, where there are most of them. */
function mostRepeated(episode: Episode): EpisodeCall[] {
  const groups = new Map<string, EpisodeCall[]>();
  let best: EpisodeCall[] = [];
  for (const call of episode.calls) {
    const key = `${call.key}\n${call.reply}`;
    const group = [...(groups.get(key) ?? []), call];
    groups.set(key, group);
    if (group.length > best.length) best = group;
  }
  return best;
}
