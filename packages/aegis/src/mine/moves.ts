import type { Episode, EpisodeCall } from "../digest/episode.ts";
import { namesIn } from "./names.ts";

/** A tool and the argument of it that is meant. */
export interface ToolArgument {
  readonly tool: string;
  readonly argument: string;
}

/** A call with a thing and a place. */
export interface MoveFinding {
  readonly tool: string;
  readonly thing: string;
  readonly place: string;
}

/** The place that a call looks at, when it is one that looks. */
export const argumentOf = (
  call: EpisodeCall,
  look: readonly ToolArgument[],
): string | undefined => {
  const at = look.find((candidate) => candidate.tool === call.tool);
  const value = at && Object.keys(call.args).length === 1 ? call.args[at.argument] : undefined;
  return value?.toLowerCase();
};

/** Calls with a thing and a place, told apart by whether the thing is listed there at the next look. */
export function mineMoves(
  episodes: readonly Episode[],
  look: readonly ToolArgument[],
  places: ReadonlySet<string>,
  names: string,
  effective: (call: EpisodeCall) => boolean,
): { taking: MoveFinding[]; placing: MoveFinding[] } {
  const stats = new Map<
    string,
    { move: MoveFinding; count: number; before: number; looked: number; after: number }
  >();
  for (const { calls } of episodes) {
    const listed = new Map<string, string[]>();
    const waiting = new Map<
      string,
      { entry: { looked: number; after: number }; thing: string }[]
    >();
    for (const call of calls) {
      if (!effective(call)) continue;
      const place = argumentOf(call, look);
      if (place !== undefined) {
        const there = namesIn(call.reply, names);
        // A look that names nothing may be one at a closed place: it says nothing about the thing.
        for (const { entry, thing } of there.length > 1 ? (waiting.get(place) ?? []) : []) {
          entry.looked += 1;
          if (there.includes(thing)) entry.after += 1;
        }
        if (there.length > 1) waiting.delete(place);
        listed.set(place, there);
        continue;
      }
      const move = moveOf(call, places);
      if (!move) continue;
      const key = `${move.tool} ${move.thing} ${move.place}`;
      const entry = stats.get(key) ?? { move, count: 0, before: 0, looked: 0, after: 0 };
      const thing = call.args[move.thing]!.toLowerCase();
      const at = call.args[move.place]!.toLowerCase();
      entry.count += 1;
      if (listed.get(at)?.includes(thing)) entry.before += 1;
      waiting.set(at, [...(waiting.get(at) ?? []), { entry, thing }]);
      stats.set(key, entry);
    }
  }
  const known = [...stats.values()].filter(({ count }) => count >= 3);
  return {
    taking: known
      .filter(({ count, before, looked, after }) => before >= count * 0.5 && after <= looked * 0.3)
      .map(({ move }) => move),
    placing: known
      .filter(
        ({ count, before, looked, after }) =>
          before < count * 0.5 && looked > 0 && after >= looked * 0.6,
      )
      .map(({ move }) => move),
  };
}

/** Which argument of a call with two is the place; undefined unless exactly one is. */
export function moveOf(call: EpisodeCall, places: ReadonlySet<string>): MoveFinding | undefined {
  const entries = Object.entries(call.args);
  if (entries.length !== 2) return undefined;
  const at = entries.filter(([, value]) => places.has(value.toLowerCase()));
  const other = entries.filter(([, value]) => !places.has(value.toLowerCase()));
  if (at.length !== 1 || other.length !== 1) return undefined;
  return { tool: call.tool, thing: other[0]![0], place: at[0]![0] };
}
