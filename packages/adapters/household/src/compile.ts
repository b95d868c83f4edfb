import { change, Facts } from "./facts.ts";
import type { Game } from "./game.ts";
import { compileGoal } from "./goal-check.ts";
import { parseGoal } from "./goal.ts";
import { numberOf, typeOf } from "./names.ts";
import { flagBit, station } from "./model.ts";
import type { CompiledGame, Entity } from "./model.ts";

const stationOfType: Readonly<Record<string, number>> = {
  sink: station.cleans,
  sinkbasin: station.cleans,
  microwave: station.heats,
  fridge: station.cools,
};

const compiled = new WeakMap<Game, CompiledGame>();

/** Compiles a game once; later calls with the same object return the same result. */
export function compile(game: Game): CompiledGame {
  let result = compiled.get(game);
  if (result === undefined) {
    result = compileAnew(game);
    compiled.set(game, result);
  }
  return result;
}

/**
 * The order of upstream's lists: by the word in the name, then by falling number, because numbers
 * were given out in the reverse of the order in which identifiers sort.
 */
function inTextOrder<Item extends Entity>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, word: typeOf(item.name), number: numberOf(item.name) }))
    .toSorted((a, b) => (a.word === b.word ? b.number - a.number : a.word < b.word ? -1 : 1))
    .map(({ item }) => item);
}

function compileAnew(game: Game): CompiledGame {
  const receptacles = inTextOrder(game.receptacles);
  const objects = inTextOrder(game.objects);
  const receptacleIndex = new Map(receptacles.map(({ name }, index) => [name, index]));
  const objectIndex = new Map(objects.map(({ name }, index) => [name, index]));

  const locations = new Map<number, number>();
  const locationOf = (loc: number): number => {
    const known = locations.get(loc) ?? locations.size;
    locations.set(loc, known);
    return known;
  };
  const at = locationOf(game.agentLoc);
  const location = Int32Array.from(receptacles, (receptacle) => locationOf(receptacle.loc));
  for (const object of objects) if (object.loc != null) locationOf(object.loc);

  const sizes = {
    receptacles: receptacles.length,
    objects: objects.length,
    locations: locations.size,
  };
  const initial = new Facts(sizes, at);
  const contents: number[][] = objects.map(() => []);
  objects.forEach((object, index) => {
    if (object.loc != null) initial.near[locationOf(object.loc) * sizes.objects + index] = 1;
    for (const name of object.in ?? []) {
      initial.inside[(receptacleIndex.get(name) as number) * sizes.objects + index] = 1;
    }
    for (const name of object.inObject ?? [])
      contents[objectIndex.get(name) as number]?.push(index);
    if (object.flags?.includes("iscool")) initial.changes[index] = change.cool;
  });

  const canContain = new Uint8Array(sizes.receptacles * sizes.objects);
  receptacles.forEach((receptacle, r) => {
    // Own properties only: a type named "constructor" must not find anything.
    const types = new Set(
      Object.hasOwn(game.canContain, receptacle.type) ? game.canContain[receptacle.type] : [],
    );
    objects.forEach((object, o) => {
      if (types.has(object.type)) canContain[r * sizes.objects + o] = 1;
    });
  });

  const receptaclesAt: number[][] = Array.from({ length: sizes.locations }, () => []);
  location.forEach((place, index) => receptaclesAt[place]?.push(index));
  const goal = parseGoal(game.goal);
  const parts = {
    game,
    sizes,
    receptacles,
    objects,
    receptacleIndex,
    objectIndex,
    location,
    openable: Uint8Array.from(receptacles, ({ flags }) => (flags?.includes("openable") ? 1 : 0)),
    stations: Uint8Array.from(receptacles, ({ type }) =>
      Object.hasOwn(stationOfType, type) ? (stationOfType[type] as number) : 0,
    ),
    flags: Uint16Array.from(objects, ({ flags = [] }) =>
      flags.reduce((bits, flag) => bits | flagBit[flag], 0),
    ),
    blade: Uint8Array.from(objects, ({ type }) =>
      type === "knife" || type === "butterknife" ? 1 : 0,
    ),
    canContain,
    receptaclesAt,
    contents,
    initial,
    goal,
  };
  return { ...parts, holds: compileGoal(goal, parts) };
}
