import type { Game, GameObject, GameReceptacle, TaskType } from "../game.ts";
import type { Family } from "./families.ts";
import type { Random } from "./random.ts";
import { closeBy, fixtures, furniture, openableShare } from "./rooms.ts";
import { things } from "./things.ts";
import type { Thing } from "./things.ts";

type Room = Pick<Game, "receptacles" | "objects" | "canContain" | "agentLoc">;

/** How many objects of the task's own type a room holds. */
const targets: Readonly<Record<TaskType, readonly number[]>> = {
  pick_and_place_simple: [1, 1, 2, 2, 3, 4],
  look_at_obj_in_light: [1, 1, 2, 3, 3],
  pick_clean_then_place_in_recep: [1, 1, 2, 2, 3, 4],
  pick_heat_then_place_in_recep: [1, 2, 2, 3, 3, 4],
  pick_cool_then_place_in_recep: [1, 1, 1, 2, 2, 3],
  pick_two_obj_and_place: [2, 2, 3, 4],
};

/** The receptacles of a room that can host the family's task; locations from 0. */
export function furnish(random: Random, family: Family): GameReceptacle[] {
  const table = furniture[family.room];
  const receptacles: { name: string; type: string; loc: number; flags?: ["openable"] }[] = [];
  let loc = 0;
  for (const [type, counts] of Object.entries(table)) {
    const needed = type === family.target ? 1 : 0;
    const count = Math.max(needed, random.pick(counts));
    const share = openableShare[type] ?? 0;
    for (let number = 1; number <= count; number += 1) {
      receptacles.push({
        name: `${type} ${number}`,
        type,
        loc: loc++,
        ...(random.chance(share) ? { flags: ["openable"] as ["openable"] } : {}),
      });
    }
  }
  for (const [type, other, probability] of closeBy) {
    const [own, others] = [type, other].map((wanted) =>
      receptacles.filter((receptacle) => receptacle.type === wanted),
    ) as [typeof receptacles, typeof receptacles];
    own.forEach((receptacle, index) => {
      // Neighbours of one type pair up two by two, as doors and burners do.
      const partner = type === other ? (index % 2 === 0 ? own[index + 1] : undefined) : others[0];
      if (partner !== undefined && random.chance(probability)) receptacle.loc = partner.loc;
    });
  }
  return receptacles;
}

/** Puts things into a furnished room: the task's own first, never so that it is already done. */
export function inhabit(
  random: Random,
  family: Family,
  receptacles: readonly GameReceptacle[],
): Room {
  const objects: GameObject[] = [];
  const present = new Set(receptacles.map(({ type }) => type));
  const lamp = family.type === "look_at_obj_in_light";
  let nextLoc = Math.max(...receptacles.map(({ loc }) => loc)) + 1;

  for (const [type, thing] of Object.entries(things)) {
    const occurrence = thing.rooms[family.room];
    if (occurrence === undefined) continue;
    const own = type === family.object;
    const needed = own || (lamp && type === family.target);
    if (!needed && !random.chance(occurrence.share)) continue;
    const count = own
      ? random.pick(targets[family.type])
      : type === "desklamp"
        ? random.pick([1, 1, 1, 1, 2])
        : random.int(1, 3);
    const choices = placesFor(random, family, own, occurrence.places, receptacles);
    // An object of the task's type in place more than once would do the task of two.
    const taken = new Set<string>();
    for (let number = 1; number <= count; number += 1) {
      const free = choices.filter(([receptacle]) => !taken.has(receptacle.name));
      if (free.length === 0) break;
      const receptacle = random.weighted(free);
      if (own && receptacle.type === family.target) taken.add(receptacle.name);
      objects.push({
        name: `${type} ${number}`,
        type,
        loc: receptacle.loc,
        in: [receptacle.name],
        flags: flagsFor(random, thing, own, receptacle),
      });
    }
  }
  for (const [type, counts] of Object.entries(fixtures[family.room])) {
    for (let number = 1, count = random.pick(counts); number <= count; number += 1) {
      const flags = type === "floorlamp" ? ({ flags: ["toggleable"] } as const) : {};
      objects.push({ name: `${type} ${number}`, type, loc: nextLoc++, ...flags });
    }
  }

  const canContain = Object.fromEntries(
    [...present].toSorted().flatMap((place) => {
      const types = [...new Set(objects.map(({ type }) => type))].filter(
        (type) =>
          things[type]?.flags.includes("pickupable") === true &&
          things[type].rooms[family.room]?.places[place] !== undefined,
      );
      return types.length === 0 ? [] : [[place, types.toSorted()] as const];
    }),
  );
  return scatter(random, { receptacles, objects, canContain, agentLoc: nextLoc });
}

/** Receptacles with their chances; one entry for each, so that a type's chance is shared out. */
function placesFor(
  random: Random,
  family: Family,
  own: boolean,
  places: Readonly<Record<string, number>>,
  receptacles: readonly GameReceptacle[],
): (readonly [GameReceptacle, number])[] {
  // Of two objects, upstream seldom has one in place; a single one in place would be the goal.
  const apart =
    family.type === "pick_and_place_simple" ||
    (family.type === "pick_two_obj_and_place" && random.chance(0.75));
  const sharing = new Map<string, number>();
  for (const { type } of receptacles) sharing.set(type, (sharing.get(type) ?? 0) + 1);
  return receptacles.flatMap((receptacle) => {
    if (own && apart && receptacle.type === family.target) return [];
    const weight = places[receptacle.type] ?? 0;
    return weight > 0 ? [[receptacle, weight / (sharing.get(receptacle.type) ?? 1)] as const] : [];
  });
}

function flagsFor(
  random: Random,
  thing: Thing,
  own: boolean,
  receptacle: GameReceptacle,
): NonNullable<GameObject["flags"]> {
  // Some things in a fridge are cold from the start; the task's own never are, it would give it away.
  const cold =
    !own && receptacle.type === "fridge" && thing.flags.includes("coolable") && random.chance(0.08);
  return [...thing.flags, ...(cold ? (["iscool"] as const) : [])].toSorted();
}

/** Renumbers the locations at random: a location must not tell what is there. */
function scatter(random: Random, room: Room): Room {
  const used = [
    ...new Set([...room.receptacles, ...room.objects].map(({ loc }) => loc as number)),
    room.agentLoc,
  ];
  const places = new Map(random.shuffle(used).map((loc, index) => [loc, index]));
  const moved = <Item extends { readonly loc?: number | null }>(item: Item): Item => ({
    ...item,
    loc: places.get(item.loc as number) as number,
  });
  return {
    ...room,
    receptacles: room.receptacles.map(moved),
    objects: room.objects.map(moved),
    agentLoc: places.get(room.agentLoc) as number,
  };
}
