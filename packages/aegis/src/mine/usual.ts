import type { Episode } from "../digest/episode.ts";
import { quoteOf, type Evidence } from "../digest/evidence.ts";
import { kindOf, namesIn } from "./names.ts";
import { wilson } from "../statistics/interval.ts";
import type { PlaceFinding } from "./places.ts";

/** Where things of a kind have been seen: kinds of places, likeliest first. */
export interface UsualFinding {
  readonly kinds: readonly { readonly thing: string; readonly places: readonly string[] }[];
  readonly evidence: readonly Evidence[];
}

const MAX_KINDS = 120;
const MAX_PLACES = 8;
/** A kind that was seen on fewer different places says nothing about where it usually is. */
const MIN_SEEN = 2;

/** Counts which kinds of things the replies showed at which kinds of places, each task's room once. */
export function mineUsual(
  episodes: readonly Episode[],
  places: PlaceFinding | undefined,
): UsualFinding | undefined {
  if (!places) return undefined;
  const tools = new Map(places.look.map(({ tool, argument }) => [tool, argument]));
  const looked = new Map<string, Set<string>>();
  const seen = new Map<string, Map<string, Set<string>>>();
  const evidence: Evidence[] = [];
  for (const { calls, task, trace } of episodes) {
    // What the agent itself put somewhere is no news about where things usually are.
    const moved = new Set<string>();
    for (const call of calls) {
      const argument = tools.get(call.tool);
      const place = argument === undefined ? undefined : call.args[argument]?.toLowerCase();
      if (place === undefined) {
        if (call.status === "ok")
          for (const value of Object.values(call.args)) moved.add(value.toLowerCase());
        continue;
      }
      const there = namesIn(call.reply, places.names);
      if (!there.includes(place)) continue;
      add(looked, kindOf(place), `${task} ${place}`);
      for (const thing of there) {
        if (thing === place || moved.has(thing)) continue;
        const byPlace = seen.get(kindOf(thing)) ?? new Map<string, Set<string>>();
        seen.set(kindOf(thing), byPlace);
        add(byPlace, kindOf(place), `${task} ${place}`);
        if (evidence.length < 3)
          evidence.push({ trace, seq: call.seq, quote: quoteOf(call.reply) });
      }
    }
  }
  const kinds = [...seen]
    .filter(
      ([thing, byPlace]) =>
        !looked.has(thing) &&
        [...byPlace.values()].reduce((sum, set) => sum + set.size, 0) >= MIN_SEEN,
    )
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, MAX_KINDS)
    .map(([thing, byPlace]) => ({
      thing,
      places: [...byPlace]
        // Wilson's lower bound: one find at one place is no habit.
        .map(([kind, set]) => ({ kind, share: wilson(set.size, looked.get(kind)!.size, 1)[0] }))
        .toSorted((a, b) => b.share - a.share || (a.kind < b.kind ? -1 : 1))
        .slice(0, MAX_PLACES)
        .map(({ kind }) => kind),
    }));
  return kinds.length === 0 ? undefined : { kinds, evidence };
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key) ?? new Set<string>();
  set.add(value);
  map.set(key, set);
}
