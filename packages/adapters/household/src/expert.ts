import { searchPrior } from "./generator/prior.ts";
import { Knowledge } from "./knowledge.ts";
import type { ReceptacleView } from "./knowledge.ts";
import { typeOf } from "./names.ts";
import { treatmentOf } from "./task-text.ts";
import type { TaskSpec } from "./task-text.ts";

/** An agent that follows what it has read and nothing else. */
export interface Expert {
  readonly knowledge: Knowledge;
  /** The next command; stays the same until `observe` is called. */
  next(): string;
  /** Must be called with every command that was carried out and its reply. */
  observe(command: string, observation: string): void;
}

/**
 * Creates an expert for one game from the text that opens it.
 *
 * It searches the likeliest unseen receptacles first, opens what is closed, takes the first
 * matching object, treats and delivers it. Made for imitation data; it sees no hidden state.
 *
 * @example
 * ```ts
 * import { createExpert, createWorld, generateGames } from "@harnessx/adapter-household";
 * const world = createWorld(generateGames({ seed: 1, count: 1 })[0]!);
 * const expert = createExpert(world.intro());
 * for (let step = 0; step < 50 && !world.goalReached(); step += 1) {
 *   const command = expert.next();
 *   expert.observe(command, world.step(command).observation);
 * }
 * world.goalReached(); // true
 * ```
 */
export function createExpert(intro: string): Expert {
  const knowledge = new Knowledge(intro);
  return {
    knowledge,
    next: () => expertAction(knowledge),
    observe: (command, observation) => knowledge.observe(command, observation),
  };
}

/** The command that the expert gives in a state of knowledge; a pure function of it. */
export function expertAction(known: Knowledge): string {
  if (known.task === undefined) return "look";
  return (
    (known.task.type === "look_at_obj_in_light"
      ? light(known, known.task)
      : place(known, known.task)) ?? "look"
  );
}

function light(known: Knowledge, task: TaskSpec): string | undefined {
  if (known.holding === undefined || typeOf(known.holding) !== task.object) {
    return fetch(known, task.object);
  }
  const lamps = known.seen(task.target);
  const lamp = lamps.find(({ receptacle }) => known.here.has(receptacle.name)) ?? lamps[0];
  if (lamp === undefined) return search(known, task.target);
  return known.here.has(lamp.receptacle.name)
    ? `use ${lamp.object}`
    : `go to ${lamp.receptacle.name}`;
}

function place(known: Knowledge, task: TaskSpec): string | undefined {
  const held = known.holding;
  if (held === undefined || typeOf(held) !== task.object) {
    const put = task.type === "pick_two_obj_and_place" ? targetOf(known, task) : undefined;
    return fetch(known, task.object, put?.name);
  }
  const treatment = treatmentOf[task.type];
  if (treatment !== undefined && known.treated.get(held)?.has(treatment.verb) !== true) {
    const station = pick(known, (view) => treatment.at.includes(view.type));
    if (station === undefined) return undefined;
    return known.here.has(station.name)
      ? `${treatment.verb} ${held} with ${station.name}`
      : `go to ${station.name}`;
  }
  const target = targetOf(known, task);
  return target && (reach(known, target) ?? `move ${held} to ${target.name}`);
}

/** The receptacle to deliver to: of two objects, both must end in the same one. */
function targetOf(known: Knowledge, task: TaskSpec): ReceptacleView | undefined {
  const fits = [...known.receptacles.values()].filter(
    (view) =>
      view.type === task.target && !known.refused.has(`move ${known.holding} to ${view.name}`),
  );
  const filled = task.type === "pick_two_obj_and_place" ? fullest(fits, task.object) : undefined;
  return filled ?? pick(known, (view) => fits.includes(view));
}

/** The first of the receptacles that hold most objects of the type; undefined when none holds any. */
function fullest(views: readonly ReceptacleView[], type: string): ReceptacleView | undefined {
  let best: ReceptacleView | undefined;
  let most = 0;
  for (const view of views) {
    const count = (view.contents ?? []).filter((object) => typeOf(object) === type).length;
    if (count > most) [best, most] = [view, count];
  }
  return best;
}

/** Of the matching receptacles one that is here, else one known to be open, else the first. */
function pick(
  known: Knowledge,
  matches: (view: ReceptacleView) => boolean,
): ReceptacleView | undefined {
  const views = [...known.receptacles.values()].filter(matches).toReversed();
  return (
    views.find((view) => known.here.has(view.name)) ??
    views.find((view) => view.open === true) ??
    views[0]
  );
}

/** Gets an object of the type into the hands; what lies in `apart` stays there. */
function fetch(known: Knowledge, type: string, apart?: string): string | undefined {
  if (known.holding !== undefined) return putAside(known, known.holding);
  // Overlapping receptacles may both have shown an object that has since been delivered.
  const delivered = new Set(apart === undefined ? [] : known.receptacles.get(apart)?.contents);
  const found = known
    .seen(type)
    .filter(
      ({ object, receptacle }) =>
        !delivered.has(object) && !known.refused.has(`take ${object} from ${receptacle.name}`),
    );
  const best = found.find(({ receptacle }) => known.here.has(receptacle.name)) ?? found[0];
  if (best === undefined) return search(known, type);
  return reach(known, best.receptacle) ?? `take ${best.object} from ${best.receptacle.name}`;
}

function putAside(known: Knowledge, held: string): string | undefined {
  const back = known.receptacles.get(known.takenFrom ?? "");
  if (back === undefined) return undefined;
  return reach(known, back) ?? `move ${held} to ${back.name}`;
}

/** The next step to stand before the open receptacle; undefined when that is so. */
function reach(known: Knowledge, view: ReceptacleView): string | undefined {
  if (!known.here.has(view.name)) return `go to ${view.name}`;
  if (view.open === undefined) return `examine ${view.name}`;
  return view.open ? undefined : `open ${view.name}`;
}

/** Looks into the unseen receptacle with the best chance for each command that it costs. */
function search(known: Knowledge, type: string): string | undefined {
  let best: ReceptacleView | undefined;
  let bestRate = 0;
  const prior = searchPrior(type, [...known.receptacles.values()]);
  for (const view of known.receptacles.values()) {
    if (view.contents !== undefined || known.refused.has(`examine ${view.name}`)) continue;
    const cost = (known.here.has(view.name) && view.open !== undefined ? 0 : 1) + lidCost(view);
    const rate = (prior.get(view.name) ?? 0) / cost;
    if (rate >= bestRate) {
      best = view;
      bestRate = rate;
    }
  }
  return best && (reach(known, best) ?? `examine ${best.name}`);
}

/** Opening costs a command more; before a receptacle was seen its type says whether it has a door. */
const lidCost = (view: ReceptacleView): number =>
  view.open === false || (view.open === undefined && withDoor.has(view.type)) ? 1 : 0;

const withDoor = new Set(["cabinet", "drawer", "fridge", "microwave", "safe"]);
