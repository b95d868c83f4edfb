import type { Episode, EpisodeCall } from "../digest/episode.ts";
import { quoteOf, type Evidence } from "../digest/evidence.ts";
import { countBy } from "../statistics/group.ts";

/** How failing episodes repeat themselves, and how much repetition passing ones show. */
export interface RepetitionFinding {
  /** A call with one answer that occurs more often than this tells failing runs from passing ones best. */
  readonly tolerated: number;
  /** Shares of the episodes with a call that occurs more often. */
  readonly beyond: { readonly failing: number; readonly passing: number };
  /** Tools that are repeated most, commonest first. */
  readonly tools: readonly string[];
  readonly evidence: readonly Evidence[];
}

/** A threshold beyond this would come too late to help. */
const MAX_TOLERATED = 8;
/** Shares must differ by this much for repetition to mean anything. */
const MIN_DIFFERENCE = 0.1;

/** Finds the threshold; undefined when failing episodes do not repeat themselves more than passing ones. */
export function mineRepetition(episodes: readonly Episode[]): RepetitionFinding | undefined {
  const studied = episodes.map((episode) => ({ episode, calls: mostRepeated(episode) }));
  const share = (passed: boolean, times: number): number => {
    const group = studied.filter(({ episode }) => episode.passed === passed);
    if (group.length === 0) return 0;
    return group.filter(({ calls }) => calls.length > times).length / group.length;
  };
  const thresholds = Array.from({ length: MAX_TOLERATED }, (_, index) => {
    const tolerated = index + 1;
    return {
      tolerated,
      beyond: { failing: share(false, tolerated), passing: share(true, tolerated) },
    };
  });
  const difference = ({ beyond }: (typeof thresholds)[number]) => beyond.failing - beyond.passing;
  const best = thresholds.toSorted(
    (a, b) => difference(b) - difference(a) || a.tolerated - b.tolerated,
  )[0]!;
  if (difference(best) < MIN_DIFFERENCE) return undefined;
  const failed = studied.filter(({ episode }) => !episode.passed);
  const repeated = failed.flatMap(({ calls }) => calls.slice(1));
  return {
    ...best,
    tools: [...countBy(repeated, (call) => call.tool)]
      .toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
      .map(([tool]) => tool)
      .slice(0, 5),
    evidence: failed
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
