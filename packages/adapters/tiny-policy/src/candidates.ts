import type { Command, Offer } from "./commands.ts";
import { instancesIn } from "./reply.ts";
import { typeOf, type Situation } from "./situation.ts";

/** More than this many places or objects are not considered: a bound on the cost of hostile input. */
const placeLimit = 96;
const objectLimit = 48;

/**
 * The commands that come to mind: go anywhere that the text names, and do with what is at hand
 * what the offered tools allow. Order is fixed by the text, so sampling is reproducible.
 */
export function listCandidates(situation: Situation, offer: Offer): Command[] {
  const { view, place, heldObject, visible } = situation;
  const found: Command[] = [];
  const places = placesInMind(situation);
  if (offer.has("go"))
    for (const each of places)
      if (each !== place) found.push({ verb: "go", object: undefined, place: each });
  const objects = visible.length > objectLimit ? visible.slice(0, objectLimit) : visible;
  if (place !== undefined) {
    if (offer.has("open")) found.push({ verb: "open", object: undefined, place });
    if (offer.has("close")) found.push({ verb: "close", object: undefined, place });
    if (offer.has("take"))
      for (const object of new Set(objects)) found.push({ verb: "take", object, place });
    if (heldObject !== undefined)
      for (const verb of ["move", "clean", "heat", "cool"] as const)
        if (offer.has(verb)) found.push({ verb, object: heldObject, place });
    if (offer.has("examine")) found.push({ verb: "examine", object: undefined, place });
  }
  if (heldObject !== undefined && offer.has("examine"))
    found.push({ verb: "examine", object: heldObject, place: undefined });
  if (offer.has("use"))
    for (const object of new Set(objects)) found.push({ verb: "use", object, place: undefined });
  // Cutting comes to mind only when something sharp is in hand and the task names a visible thing.
  if (offer.has("slice") && heldObject !== undefined)
    for (const object of new Set(objects))
      if (view.task.themes.has(typeOf(object)) && /knife/.test(heldObject))
        found.push({ verb: "slice", object, place: heldObject });
  for (const verb of ["look", "inventory", "help"] as const)
    if (offer.has(verb)) found.push({ verb, object: undefined, place: undefined });
  return found;
}

/** The room's places; without a room description, names that stand in the replies and advice. */
function placesInMind({ view, place }: Situation): readonly string[] {
  if (view.places.length > 0)
    return view.places.length > placeLimit ? view.places.slice(0, placeLimit) : view.places;
  const names = new Set<string>();
  if (place !== undefined) names.add(place);
  for (const { command, reply } of view.exchanges) {
    if (command.startsWith("go to "))
      for (const name of instancesIn(command)) names.add(name.replace(/^to /, ""));
    if (reply?.place !== undefined) names.add(reply.place);
  }
  for (const guidance of view.guidance)
    for (const name of guidance.byInstance.keys()) if (names.size < placeLimit) names.add(name);
  return [...names];
}
