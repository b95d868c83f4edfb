import { change } from "./facts.ts";
import type { Facts } from "./facts.ts";
import { flagBit } from "./model.ts";
import type { CompiledGame } from "./model.ts";

/** The reply to anything that cannot be done. */
export const nothingHappens = "Nothing happens.";

/** The reply to `help`. */
export const helpText = `Available commands:
  look:                             look around your current location
  inventory:                        check your current inventory
  go to (receptacle):               move to a receptacle
  open (receptacle):                open a receptacle
  close (receptacle):               close a receptacle
  take (object) from (receptacle):  take an object from a receptacle
  move (object) to (receptacle):  place an object in or on a receptacle
  examine (something):              examine a receptacle or an object
  use (object):                     use an object
  heat (object) with (receptacle):  heat an object using a receptacle
  clean (object) with (receptacle): clean an object using a receptacle
  cool (object) with (receptacle):  cool an object using a receptacle
  slice (object) with (object):     slice an object using a sharp object
`;

/** "a", "a, and b", "a, b, and c"; "nothing" for none. */
export function list(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? "nothing";
  return `${items.slice(0, -1).join(", ")}, and ${items.at(-1)}`;
}

/** Upstream gives every name the article "a", also before a vowel. */
const indefinite = ({ name }: { readonly name: string }): string => `a ${name}`;

/** The text that opens a game. */
export function introText(model: CompiledGame): string {
  const seen = list(model.receptacles.map(indefinite));
  return `-= Welcome to TextWorld, ALFRED! =-\n\nYou are in the middle of a room. Looking quickly around you, you see ${seen}.\n\n${model.game.task}`;
}

/** What one sees in or on a receptacle. */
export function receptacleText(model: CompiledGame, facts: Facts, receptacle: number): string {
  const name = model.receptacles[receptacle]?.name;
  const openable = model.openable[receptacle] === 1;
  if (openable && facts.opened[receptacle] !== 1) return `The ${name} is closed.`;
  const start = receptacle * model.sizes.objects;
  const seen: string[] = [];
  for (let object = 0; object < model.sizes.objects; object += 1) {
    if (facts.inside[start + object] === 1) seen.push(indefinite(model.objects[object]!));
  }
  return openable
    ? `The ${name} is open. In it, you see ${list(seen)}.`
    : `On the ${name}, you see ${list(seen)}.`;
}

/** What one sees of an object close by. The order of the cases is upstream's. */
export function objectText(model: CompiledGame, facts: Facts, object: number): string {
  const name = model.objects[object]?.name;
  const flags = model.flags[object] as number;
  const is = (bit: number): boolean => ((facts.changes[object] as number) & bit) !== 0;
  if ((flags & flagBit.isreceptacleobject) !== 0) {
    const seen = (model.contents[object] ?? []).map((inner) => indefinite(model.objects[inner]!));
    return `This is a normal ${name}. In it, you see ${list(seen)}.`;
  }
  const [clean, hot, cool, sliced] = [
    is(change.clean),
    is(change.hot),
    is(change.cool),
    is(change.sliced),
  ];
  if (sliced && (clean || hot || cool)) {
    if (clean && hot) return `This is a hot and clean sliced ${name}.`;
    if (clean && cool) return `This is a cool and clean sliced ${name}.`;
    return `This is a ${clean ? "clean" : hot ? "hot" : "cool"} sliced ${name}.`;
  }
  if (clean && hot) return `This is a hot and clean ${name}.`;
  if (clean && cool) return `This is a cool and clean ${name}.`;
  if (hot) return `This is a hot ${name}.`;
  if (clean) return `This is a clean ${name}.`;
  if (cool) return `This is a cold ${name}.`;
  // Upstream asks for the negated fact to say "off", which no action ever states.
  if ((flags & flagBit.toggleable) !== 0 && is(change.toggled)) return `This ${name} is on.`;
  if ((flags & flagBit.sliceable) !== 0 && sliced) return `This is a sliced ${name}.`;
  return `There's nothing special about ${name}.`;
}

/** What one sees around the agent. */
export function lookText(model: CompiledGame, facts: Facts): string {
  const here = model.receptaclesAt[facts.at] ?? [];
  if (here.length === 0) {
    // Upstream binds the agent's own location here, so even the first look shows nothing.
    return "You are in the middle of a room. Looking quickly around you, you see nothing.";
  }
  const { objects } = model.sizes;
  const beside: string[] = [];
  for (let object = 0; object < objects; object += 1) {
    if (facts.near[facts.at * objects + object] !== 1) continue;
    for (const receptacle of here) {
      // Upstream's engine knows that something is not in a receptacle only once it was taken out.
      if (facts.removed[receptacle * objects + object] === 1) {
        beside.push(indefinite(model.objects[object]!));
      }
    }
  }
  const facing = list(here.map((receptacle) => model.receptacles[receptacle]!.name));
  return `You are facing the ${facing}. Next to it, you see ${list(beside)}.`;
}

/** What the agent carries. */
export function inventoryText(model: CompiledGame, facts: Facts): string {
  return facts.holding < 0
    ? "You are not carrying anything."
    : `You are carrying: a ${model.objects[facts.holding]?.name}.`;
}
