import { change } from "./facts.ts";
import type { Facts } from "./facts.ts";
import { flagBit, station } from "./model.ts";
import type { CompiledGame } from "./model.ts";
import { helpText, inventoryText, lookText, objectText, receptacleText } from "./replies.ts";

/** No command of any valid game is longer: names are limited to 64 characters. */
const longest = 160;

/** What came of a command that could be done. */
export interface Applied {
  readonly reply: string;
  /** True when facts may have changed. */
  readonly changed: boolean;
}

const seen = (reply: string): Applied => ({ reply, changed: false });
const done = (reply: string): Applied => ({ reply, changed: true });

/** Carries out a command; undefined, with the facts untouched, when it is not applicable. */
export function act(model: CompiledGame, facts: Facts, command: string): Applied | undefined {
  if (command.length > longest) return undefined;
  const space = command.indexOf(" ");
  const verb = space < 0 ? command : command.slice(0, space);
  const rest = space < 0 ? "" : command.slice(space + 1);
  switch (verb) {
    case "go":
      return rest.startsWith("to ") ? goTo(model, facts, rest.slice(3)) : undefined;
    case "take":
      return between(rest, " from ", (o, r) => take(model, facts, o, r));
    case "move":
      return between(rest, " to ", (o, r) => put(model, facts, o, r));
    case "put":
      return between(rest, " in/on ", (o, r) => put(model, facts, o, r));
    case "open":
      return setOpen(model, facts, rest, 1);
    case "close":
      return setOpen(model, facts, rest, 0);
    case "clean":
      return between(rest, " with ", (o, r) => treat(model, facts, o, r, cleaning));
    case "heat":
      return between(rest, " with ", (o, r) => treat(model, facts, o, r, heating));
    case "cool":
      return between(rest, " with ", (o, r) => treat(model, facts, o, r, cooling));
    case "use":
      return use(model, facts, rest);
    case "slice":
      return between(rest, " with ", (o, k) => slice(model, facts, o, k));
    case "examine":
      return examine(model, facts, rest);
    default:
      break;
  }
  switch (command) {
    case "look":
      return seen(lookText(model, facts));
    case "inventory":
      return seen(inventoryText(model, facts));
    case "help":
      return seen(helpText);
    default:
      return undefined;
  }
}

function between(
  rest: string,
  word: string,
  run: (first: string, second: string) => Applied | undefined,
): Applied | undefined {
  const at = rest.indexOf(word);
  return at < 0 ? undefined : run(rest.slice(0, at), rest.slice(at + word.length));
}

/** Index of a receptacle at the agent's location; -1 when there is none of this name. */
function receptacleHere(model: CompiledGame, facts: Facts, name: string): number {
  const index = model.receptacleIndex.get(name) ?? -1;
  return index >= 0 && model.location[index] === facts.at ? index : -1;
}

const accessible = (model: CompiledGame, facts: Facts, receptacle: number): boolean =>
  model.openable[receptacle] !== 1 || facts.opened[receptacle] === 1;

const can = (model: CompiledGame, object: number, bit: number): boolean =>
  ((model.flags[object] as number) & bit) !== 0;

function goTo(model: CompiledGame, facts: Facts, name: string): Applied | undefined {
  const receptacle = model.receptacleIndex.get(name);
  if (receptacle === undefined) return undefined;
  const place = model.location[receptacle] as number;
  // Upstream's planner drops actions without effect, and with them a step to where one stands.
  if (place === facts.at) return undefined;
  facts.at = place;
  return done(`You arrive at ${name}. ${receptacleText(model, facts, receptacle)}`);
}

function setOpen(
  model: CompiledGame,
  facts: Facts,
  name: string,
  open: 0 | 1,
): Applied | undefined {
  const receptacle = receptacleHere(model, facts, name);
  if (receptacle < 0 || model.openable[receptacle] !== 1 || facts.opened[receptacle] === open) {
    return undefined;
  }
  facts.opened[receptacle] = open;
  return done(
    open === 1
      ? `You open the ${name}. ${receptacleText(model, facts, receptacle)}`
      : `You close the ${name}.`,
  );
}

function take(model: CompiledGame, facts: Facts, what: string, from: string): Applied | undefined {
  const receptacle = receptacleHere(model, facts, from);
  const object = model.objectIndex.get(what);
  if (receptacle < 0 || object === undefined || facts.holding >= 0) return undefined;
  const pair = receptacle * model.sizes.objects + object;
  if (
    facts.inside[pair] !== 1 ||
    !can(model, object, flagBit.pickupable) ||
    !accessible(model, facts, receptacle)
  ) {
    return undefined;
  }
  facts.inside[pair] = 0;
  facts.removed[pair] = 1;
  facts.near[facts.at * model.sizes.objects + object] = 0;
  facts.holding = object;
  return done(`You pick up the ${what} from the ${from}.`);
}

function put(model: CompiledGame, facts: Facts, what: string, to: string): Applied | undefined {
  const receptacle = receptacleHere(model, facts, to);
  const object = model.objectIndex.get(what);
  if (receptacle < 0 || object === undefined || facts.holding !== object) return undefined;
  const pair = receptacle * model.sizes.objects + object;
  if (model.canContain[pair] !== 1 || !accessible(model, facts, receptacle)) return undefined;
  facts.inside[pair] = 1;
  facts.removed[pair] = 0;
  facts.near[facts.at * model.sizes.objects + object] = 1;
  facts.holding = -1;
  return done(`You move the ${what} to the ${to}.`);
}

interface Treatment {
  readonly verb: string;
  readonly station: number;
  readonly flag: number;
  readonly sets: number;
  readonly clears: number;
}

const cleaning: Treatment = {
  verb: "clean",
  station: station.cleans,
  flag: flagBit.cleanable,
  sets: change.clean,
  clears: 0,
};
const heating: Treatment = {
  verb: "heat",
  station: station.heats,
  flag: flagBit.heatable,
  sets: change.hot,
  clears: change.cool,
};
const cooling: Treatment = {
  verb: "cool",
  station: station.cools,
  flag: flagBit.coolable,
  sets: change.cool,
  clears: change.hot,
};

/** The appliance need not be open: the domain does not ask for it. */
function treat(
  model: CompiledGame,
  facts: Facts,
  what: string,
  where: string,
  treatment: Treatment,
): Applied | undefined {
  const receptacle = receptacleHere(model, facts, where);
  const object = model.objectIndex.get(what);
  if (receptacle < 0 || object === undefined || facts.holding !== object) return undefined;
  if (((model.stations[receptacle] as number) & treatment.station) === 0) return undefined;
  if (!can(model, object, treatment.flag)) return undefined;
  const before = facts.changes[object] as number;
  facts.changes[object] = (before | treatment.sets) & ~treatment.clears;
  return done(`You ${treatment.verb} the ${what} using the ${where}.`);
}

function use(model: CompiledGame, facts: Facts, what: string): Applied | undefined {
  const object = model.objectIndex.get(what);
  if (object === undefined || !can(model, object, flagBit.toggleable)) return undefined;
  const here = model.receptaclesAt[facts.at] ?? [];
  // An open door is not asked for: a lamp inside a closed receptacle can be switched.
  if (!here.some((r) => facts.inside[r * model.sizes.objects + object] === 1)) return undefined;
  facts.changes[object] = ((facts.changes[object] as number) | change.toggled) ^ change.on;
  // Upstream says "on" for whatever was ever used, so also when this switches it off.
  return done(`You turn on the ${what}.`);
}

function slice(model: CompiledGame, facts: Facts, what: string, tool: string): Applied | undefined {
  const object = model.objectIndex.get(what);
  const knife = model.objectIndex.get(tool);
  if (object === undefined || knife === undefined || facts.holding !== knife) return undefined;
  if (
    model.blade[knife] !== 1 ||
    !can(model, object, flagBit.sliceable) ||
    facts.near[facts.at * model.sizes.objects + object] !== 1
  ) {
    return undefined;
  }
  facts.changes[object] = (facts.changes[object] as number) | change.sliced;
  return done(`You sliced the ${what} with the ${tool}.`);
}

function examine(model: CompiledGame, facts: Facts, what: string): Applied | undefined {
  const receptacle = receptacleHere(model, facts, what);
  if (receptacle >= 0) return seen(receptacleText(model, facts, receptacle));
  const object = model.objectIndex.get(what);
  if (object === undefined) return undefined;
  const visible =
    facts.holding === object ||
    (model.receptaclesAt[facts.at] ?? []).some(
      (r) => facts.inside[r * model.sizes.objects + object] === 1 && accessible(model, facts, r),
    );
  return visible ? seen(objectText(model, facts, object)) : undefined;
}
