import type { Episode, EpisodeCall } from "./episode.ts";
import type { Mechanics } from "./mechanics.ts";

/** Why an episode failed, as far as counting tells. */
export const failureCategories = [
  "tool_effect_missing",
  "repeat_without_progress",
  "error_ignored",
  "tool_timeout",
  "silent_drop",
  "hallucinated_reference",
  "missing_capability",
  "budget_starvation",
  "rule_violation",
  "brittle_final_answer",
  "burst_loop",
  "premature_stop",
  "other",
] as const;
export type FailureCategory = (typeof failureCategories)[number];

/** One reason, how strong it is in [0, 1], and the calls that show it. */
export interface Failure {
  readonly category: FailureCategory;
  readonly strength: number;
  readonly calls: readonly EpisodeCall[];
}

/** A share of calls below which a habit is not the reason for a failure. */
const FLOOR = 0.1;

/** The reasons of a failed episode, strongest first; `other` when none stands out. */
export function failuresOf(
  episode: Episode,
  mechanics: Mechanics,
  passingSteps: number | undefined,
): Failure[] {
  const total = Math.max(1, episode.calls.length);
  const share = (calls: readonly EpisodeCall[], weight = 1): number =>
    Math.min(1, (calls.length / total) * weight);
  const found: Failure[] = [];
  const add = (
    category: FailureCategory,
    strength: number,
    calls: readonly EpisodeCall[] = [],
  ): void => {
    if (strength >= FLOOR) found.push({ category, strength, calls });
  };
  if (episode.calls.length === 0) add("silent_drop", 1);
  const repeated = [...new Set([...mechanics.repeats, ...mechanics.cycles])].toSorted(
    (a, b) => a.seq - b.seq,
  );
  add("repeat_without_progress", share(repeated), repeated);
  add("tool_effect_missing", share(mechanics.noEffect), mechanics.noEffect);
  // Rarer, so that a few of them weigh as much as many repetitions.
  add("error_ignored", share(mechanics.ignored, 2), mechanics.ignored);
  add("hallucinated_reference", share(mechanics.invented, 2), mechanics.invented);
  add("tool_timeout", share(mechanics.timeouts, 4), mechanics.timeouts);
  add("rule_violation", share(mechanics.refused, 4), mechanics.refused);
  add("missing_capability", share(mechanics.unknownTools, 4), mechanics.unknownTools);
  add("burst_loop", Math.min(1, (mechanics.bursts * 4) / Math.max(1, episode.steps)));
  if (episode.exit.startsWith("budget_")) add("budget_starvation", found.length === 0 ? 0.5 : 0.15);
  if (episode.exit === "done" && episode.calls.length > 0) {
    const early = passingSteps !== undefined && episode.steps < passingSteps / 2;
    add(early ? "premature_stop" : "brittle_final_answer", 0.3);
  }
  if (found.length === 0) found.push({ category: "other", strength: 0, calls: [] });
  return found.toSorted((a, b) => b.strength - a.strength || (a.category < b.category ? -1 : 1));
}
