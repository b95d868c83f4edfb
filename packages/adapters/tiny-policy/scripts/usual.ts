import type { Game } from "@harnessx/adapter-household";

/**
 * Where each kind of object lies in games: kinds of places, the best to visit first. A kind of which
 * a room has many (drawers) is the less worth a visit, so counts are per place.
 */
export function usualPlaces(games: readonly Game[]): Map<string, string[]> {
  const counts = new Map<string, Map<string, number>>();
  const instances = new Map<string, number>();
  for (const game of games)
    for (const { type } of game.receptacles) instances.set(type, (instances.get(type) ?? 0) + 1);
  for (const game of games) {
    const types = new Map(game.receptacles.map(({ name, type }) => [name, type]));
    for (const object of game.objects) {
      if (object.flags?.includes("pickupable") !== true && object.type !== "desklamp") continue;
      for (const name of object.in ?? []) {
        const type = types.get(name);
        if (type === undefined) continue;
        const byPlace = counts.get(object.type) ?? new Map<string, number>();
        counts.set(object.type, byPlace);
        byPlace.set(type, (byPlace.get(type) ?? 0) + 1 / instances.get(type)!);
      }
    }
  }
  return new Map(
    [...counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([type, byPlace]) => [
        type,
        [...byPlace].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name),
      ]),
  );
}
