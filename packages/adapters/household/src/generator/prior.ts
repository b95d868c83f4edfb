import { roomKinds } from "./rooms.ts";
import { things } from "./things.ts";

/** Keeps every receptacle worth a look, however unlikely. */
const floor = 0.15;

/** Relative chance by type of receptacle, over all kinds of room. */
const weights = new Map(
  Object.entries(things).map(([type, { rooms }]) => {
    const sums = new Map<string, number>();
    for (const room of roomKinds) {
      for (const [place, weight] of Object.entries(rooms[room]?.places ?? {})) {
        sums.set(place, Math.max(sums.get(place) ?? 0, weight));
      }
    }
    return [type, sums] as const;
  }),
);

/**
 * How likely an object of a type is to lie in each receptacle of a room, from the tables that the
 * generator uses: common sense about households rather than knowledge of the game.
 */
export function searchPrior(
  type: string,
  receptacles: readonly { readonly name: string; readonly type: string }[],
): ReadonlyMap<string, number> {
  const count = new Map<string, number>();
  for (const receptacle of receptacles) {
    count.set(receptacle.type, (count.get(receptacle.type) ?? 0) + 1);
  }
  const known = weights.get(type);
  return new Map(
    receptacles.map((receptacle) => [
      receptacle.name,
      floor / 4 + (known?.get(receptacle.type) ?? floor) / (count.get(receptacle.type) ?? 1),
    ]),
  );
}
