import { appliances } from "./lexicon.ts";
import type { View } from "./view.ts";

/** What the hands hold, as far as the view tells. */
export type Held =
  /** Nothing, or nothing that it remembers. */
  | "none"
  /** What the task asks for, with nothing left to do to it. */
  | "ready"
  /** What the task asks for, still to be treated as far as the view tells. */
  | "raw"
  | "other";

/** The state of affairs, drawn from the view alone. */
export interface Situation {
  readonly view: View;
  readonly place: string | undefined;
  readonly placeType: string;
  readonly closed: boolean;
  readonly visible: readonly string[];
  readonly heldObject: string | undefined;
  readonly held: Held;
  /** Whether the hands are known to be empty or full, rather than out of view. */
  readonly handsKnown: boolean;
  /** Objects put down in view. */
  readonly placed: readonly string[];
  readonly lastFailed: boolean;
  /** Commands, newest first. */
  readonly recent: readonly string[];
  /** Places visited before the present one, newest first. */
  readonly recentPlaces: readonly string[];
  /** Whether the goal word of the task names a kind of place in this room. */
  readonly goalIsPlace: boolean;
  /** The kind of thing to look for now. */
  readonly sought: ReadonlySet<string>;
  /** Place type that treats what the task asks for. */
  readonly appliance: string | undefined;
}

const types = new Map<string, string>();

/** "drawer" of "drawer 3". */
export function typeOf(name: string): string {
  let type = types.get(name);
  if (type === undefined) {
    const space = name.lastIndexOf(" ");
    type = space < 0 ? name : name.slice(0, space);
    if (types.size > 20_000) types.clear();
    types.set(name, type);
  }
  return type;
}

/** Follows the exchanges in view, oldest first, to where they lead. */
export function readSituation(view: View): Situation {
  const { task } = view;
  let place: string | undefined;
  let closed = false;
  let visible: string[] = [];
  let heldObject: string | undefined;
  let handsKnown = false;
  let lastFailed = false;
  const treated = new Set<string>();
  const placed: string[] = [];
  const visited: string[] = [];
  for (const { reply } of view.exchanges) {
    lastFailed = reply?.nothingHappens === true;
    if (reply === undefined || lastFailed) continue;
    if (reply.place !== undefined) {
      if (reply.place !== place) {
        visible = [];
        closed = false;
        visited.push(reply.place);
        place = reply.place;
      }
      if (reply.seen !== undefined) visible = [...reply.seen];
      if (reply.seen !== undefined || reply.closed) closed = reply.closed;
    }
    if (reply.took !== undefined) {
      heldObject = reply.took;
      handsKnown = true;
      visible = visible.filter((name) => name !== reply.took);
    } else if (reply.put !== undefined) {
      heldObject = undefined;
      handsKnown = true;
      placed.push(reply.put.object);
      visible.push(reply.put.object);
    } else if (reply.changed !== undefined && reply.changed.verb !== "slice") {
      heldObject = reply.changed.object;
      handsKnown = true;
      if (reply.changed.verb === task.treatment) treated.add(reply.changed.object);
    } else if (reply.carrying !== undefined) {
      heldObject = reply.carrying[0];
      handsKnown = true;
    }
  }
  if (!handsKnown)
    for (const guidance of view.guidance) heldObject = guidance.holding ?? heldObject;
  let held: Held = "none";
  if (heldObject !== undefined) {
    if (!task.themes.has(typeOf(heldObject))) held = "other";
    else held = task.treatment === undefined || treated.has(heldObject) ? "ready" : "raw";
  }
  const goal = task.goal;
  const goalIsPlace = goal !== undefined && view.places.some((name) => typeOf(name) === goal);
  const seekGoal = !goalIsPlace && goal !== undefined && held === "ready";
  const recent: string[] = [];
  for (let i = view.exchanges.length - 1; i >= 0; i -= 1) recent.push(view.exchanges[i]!.command);
  return {
    view,
    place,
    placeType: place === undefined ? "" : typeOf(place),
    closed,
    visible,
    heldObject,
    held,
    handsKnown,
    placed,
    lastFailed,
    recent,
    recentPlaces: visited.slice(0, -1).reverse(),
    goalIsPlace,
    sought: seekGoal ? new Set([goal]) : task.themes,
    appliance: task.treatment === undefined ? undefined : appliances[task.treatment],
  };
}
