import { taskTypes } from "../game.ts";
import type { TaskType } from "../game.ts";
import { createRandom } from "./random.ts";
import { furniture, roomKinds } from "./rooms.ts";
import type { RoomKind } from "./rooms.ts";
import { things } from "./things.ts";
import type { Thing } from "./things.ts";

/** What games of one family share: the task type, the object, the target and the kind of room. */
export interface Family {
  readonly type: TaskType;
  readonly object: string;
  readonly target: string;
  readonly room: RoomKind;
}

/** The name of a family in ids and splits. */
export const familyName = ({ type, object, target, room }: Family): string =>
  `${type}-${object}-None-${target}-${room}`;

const needs: Readonly<
  Partial<Record<TaskType, { readonly flag: string; readonly station: string }>>
> = {
  pick_clean_then_place_in_recep: { flag: "cleanable", station: "sinkbasin" },
  pick_heat_then_place_in_recep: { flag: "heatable", station: "microwave" },
  pick_cool_then_place_in_recep: { flag: "coolable", station: "fridge" },
};

let cached: readonly Family[] | undefined;

/** Every family that the tables of rooms and things allow, in a fixed order. */
export function allFamilies(): readonly Family[] {
  return (cached ??= taskTypes.flatMap((type) =>
    roomKinds.flatMap((room) =>
      Object.entries(things).flatMap(([object, thing]) =>
        targetsOf(type, room, thing).map((target) => ({ type, object, target, room })),
      ),
    ),
  ));
}

function targetsOf(type: TaskType, room: RoomKind, thing: Thing): string[] {
  const occurrence = thing.rooms[room];
  if (occurrence === undefined || !thing.flags.includes("pickupable")) return [];
  if (type === "look_at_obj_in_light") {
    return things["desklamp"]?.rooms[room] === undefined ? [] : ["desklamp"];
  }
  const need = needs[type];
  if (need !== undefined) {
    if (!thing.flags.some((flag) => flag === need.flag)) return [];
    if (furniture[room][need.station] === undefined) return [];
  }
  const found = Object.entries(occurrence.places).filter(([, weight]) => weight > 0);
  return Object.keys(occurrence.places).filter(
    (target) =>
      target !== need?.station &&
      furniture[room][target] !== undefined &&
      // Something must be able to lie elsewhere at the start.
      found.some(([place]) => place !== target && (furniture[room][place]?.[0] ?? 0) > 0),
  );
}

/**
 * Deals the families of each task type out to splits in proportion to their sizes, so that no
 * family is in two splits; a split with a size gets at least one family of each type.
 */
export function dealFamilies<Split extends string>(
  seed: number,
  sizes: readonly (readonly [Split, number])[],
): Map<Split, Family[]> {
  const wanted = sizes.filter(([, size]) => size > 0);
  const dealt = new Map<Split, Family[]>(wanted.map(([split]) => [split, []]));
  const total = wanted.reduce((sum, [, size]) => sum + size, 0);
  for (const type of taskTypes) {
    const deck = createRandom(seed, "deal", type).shuffle(
      allFamilies().filter((family) => family.type === type),
    );
    let start = 0;
    let share = 0;
    wanted.forEach(([split, size], index) => {
      share += size;
      const left = wanted.length - index - 1;
      const end =
        left === 0
          ? deck.length
          : Math.min(
              deck.length - left,
              Math.max(start + 1, Math.round((deck.length * share) / total)),
            );
      dealt.get(split)?.push(...deck.slice(start, end));
      start = end;
    });
  }
  return dealt;
}
