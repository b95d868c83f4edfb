import { countBy } from "../statistics/group.ts";
import { mean } from "../statistics/interval.ts";
import type { Episode, EpisodeCall } from "./episode.ts";
import { unusedResults } from "./unused.ts";

/** Facts about one episode that a program counts. */
export interface Mechanics {
  /** Calls by tool. */
  readonly tools: Readonly<Record<string, number>>;
  /** Results that were not `ok`, by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Calls that had been made before with the same arguments and the same reply. */
  readonly repeats: readonly EpisodeCall[];
  /** Returns to where the agent had just come from: A, B, A with the same tool. */
  readonly cycles: readonly EpisodeCall[];
  /** Calls whose reply is one that says that nothing came of it. */
  readonly noEffect: readonly EpisodeCall[];
  /** Calls that failed and were made again unchanged straight away. */
  readonly ignored: readonly EpisodeCall[];
  /** Calls whose arguments name something that no text before had named, and that came to nothing. */
  readonly invented: readonly EpisodeCall[];
  /** Steps with four calls or more. */
  readonly bursts: number;
  readonly timeouts: readonly EpisodeCall[];
  readonly refused: readonly EpisodeCall[];
  readonly unknownTools: readonly EpisodeCall[];
  /** Calls whose result brought up something new that nobody came back to. */
  readonly unused: readonly EpisodeCall[];
  /** Responses cut off by a length limit. */
  readonly truncated: number;
  readonly budget: BudgetShape;
}

/** Where the input tokens of an episode went. */
export interface BudgetShape {
  readonly modelCalls: number;
  readonly inputTokens: number;
  /** Of the largest call. */
  readonly peak: number;
  /** Mean of the last quarter of the calls over that of the first: 1 is flat. */
  readonly growth: number;
}

const BURST = 4;

/** Counts one episode. `noEffect` are reply texts as `noEffectReplies` finds them. */
export function mechanicsOf(episode: Episode, noEffect: ReadonlySet<string>): Mechanics {
  const { calls } = episode;
  const seen = new Map<string, string>();
  const lastOfTool = new Map<string, string[]>();
  const repeats: EpisodeCall[] = [];
  const cycles: EpisodeCall[] = [];
  const ignored: EpisodeCall[] = [];
  const invented: EpisodeCall[] = [];
  let known = episode.text.toLowerCase();
  let previous: EpisodeCall | undefined;
  for (const call of calls) {
    const fruitless = call.status !== "ok" || noEffect.has(call.reply);
    if (seen.get(call.key) === call.reply) repeats.push(call);
    seen.set(call.key, call.reply);
    const history = lastOfTool.get(call.tool) ?? [];
    if (history.at(-2) === call.key && history.at(-1) !== call.key) cycles.push(call);
    lastOfTool.set(call.tool, [...history.slice(-1), call.key]);
    if (
      previous &&
      previous.key === call.key &&
      (previous.status === "error" || noEffect.has(previous.reply))
    )
      ignored.push(call);
    if (
      fruitless &&
      Object.values(call.args).some((value) => value !== "" && !known.includes(value.toLowerCase()))
    )
      invented.push(call);
    known += `\n${call.reply.toLowerCase()}`;
    previous = call;
  }
  return {
    tools: Object.fromEntries(countBy(calls, (call) => call.tool)),
    statuses: Object.fromEntries(
      countBy(
        calls.filter((call) => call.status !== "ok"),
        (call) => call.status,
      ),
    ),
    repeats,
    cycles,
    noEffect: calls.filter((call) => noEffect.has(call.reply)),
    ignored,
    invented,
    bursts: [...countBy(calls, (call) => String(call.step)).values()].filter(
      (count) => count >= BURST,
    ).length,
    timeouts: calls.filter((call) => call.status === "timeout"),
    refused: calls.filter((call) => call.status === "refused"),
    unknownTools: calls.filter(
      (call) => call.code !== undefined && /UNKNOWN|NOT_FOUND/.test(call.code),
    ),
    unused: unusedResults(episode),
    truncated: episode.truncated,
    budget: budgetShape(episode.inputTokens ?? []),
  };
}

function budgetShape(tokens: readonly number[]): BudgetShape {
  const quarter = Math.ceil(tokens.length / 4);
  const first = mean(tokens.slice(0, quarter));
  return {
    modelCalls: tokens.length,
    inputTokens: tokens.reduce((sum, count) => sum + count, 0),
    peak: tokens.reduce((most, count) => Math.max(most, count), 0),
    growth: first > 0 ? mean(tokens.slice(tokens.length - quarter)) / first : 1,
  };
}

/** At least this many different calls must have met a text before it counts as one that says nothing. */
const NO_EFFECT_CALLS = 6;
const NO_EFFECT_TOOLS = 2;

/**
 * Reply texts that mean that nothing came of a call: word for word the same to different tools and
 * many different arguments, and naming none of the arguments. A reply that carries news differs from call
 * to call.
 */
export function noEffectReplies(episodes: readonly Episode[]): Set<string> {
  const met = new Map<string, { tools: Set<string>; calls: Set<string>; names: boolean }>();
  for (const { calls } of episodes) {
    for (const { reply, tool, key, args, status } of calls) {
      if (status !== "ok" || reply === "") continue;
      const entry = met.get(reply) ?? { tools: new Set(), calls: new Set(), names: false };
      entry.tools.add(tool);
      entry.calls.add(key);
      const lower = reply.toLowerCase();
      entry.names ||= Object.values(args).some(
        (value) => value !== "" && lower.includes(value.toLowerCase()),
      );
      met.set(reply, entry);
    }
  }
  const found = [...met].filter(
    ([, { tools, calls, names }]) =>
      !names && tools.size >= NO_EFFECT_TOOLS && calls.size >= NO_EFFECT_CALLS,
  );
  return new Set(found.map(([reply]) => reply));
}
