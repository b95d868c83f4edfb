import { createExpert } from "../src/index.ts";
import type { Game, World } from "../src/index.ts";
import type { Random } from "../src/generator/random.ts";

/** Every text of the grammar over a game's names, and over the pairs that make no sense. */
export function* allCommands(game: Game): Generator<string> {
  const receptacles = game.receptacles.map(({ name }) => name);
  const objects = game.objects.map(({ name }) => name);
  const names = [...receptacles, ...objects];
  for (const name of names) {
    for (const verb of ["go to", "open", "close", "use", "examine"]) yield `${verb} ${name}`;
  }
  for (const first of names) {
    for (const second of receptacles) {
      for (const verb of ["clean", "heat", "cool"]) yield `${verb} ${first} with ${second}`;
      yield `take ${first} from ${second}`;
      yield `move ${first} to ${second}`;
    }
    for (const tool of objects) {
      if (/knife|spoon/.test(tool)) yield `slice ${first} with ${tool}`;
    }
  }
  yield* ["look", "inventory", "help"];
}

/** A command that has a fair chance to be applicable. */
export function randomCommand(game: Game, random: Random, here: string | undefined): string {
  const receptacle = random.chance(0.8) && here ? here : random.pick(game.receptacles).name;
  const inside = game.objects.filter((object) => object.in?.includes(receptacle));
  const object = random.pick(inside.length > 0 && random.chance(0.7) ? inside : game.objects).name;
  const knives = game.objects.filter(({ type }) => type.endsWith("knife"));
  const knife = (knives.length > 0 ? random.pick(knives) : random.pick(game.objects)).name;
  return random.weighted([
    [`go to ${random.pick(game.receptacles).name}`, 5],
    [`open ${receptacle}`, 4],
    [`close ${receptacle}`, 1],
    [`take ${object} from ${receptacle}`, 6],
    [`take ${knife} from ${receptacle}`, 1],
    [`move ${object} to ${receptacle}`, 4],
    [`put ${object} in/on ${receptacle}`, 1],
    [`clean ${object} with ${receptacle}`, 1],
    [`heat ${object} with ${receptacle}`, 1],
    [`cool ${object} with ${receptacle}`, 1],
    [`use ${object}`, 1],
    [`slice ${object} with ${knife}`, 1],
    [`examine ${random.chance(0.5) ? object : receptacle}`, 1],
    ["look", 1],
    ["inventory", 1],
    ["help", 0.2],
    [` ${object} `, 0.2],
  ]);
}

/** Where a `go to` has led. */
export const placeOf = (command: string): string | undefined => /^go to (.*)$/.exec(command)?.[1];

/** Plays the expert; the number of commands it needed, or undefined when they did not suffice. */
export function solve(world: World, budget: number): number | undefined {
  const expert = createExpert(world.intro());
  for (let step = 1; step <= budget; step += 1) {
    const command = expert.next();
    const { observation, done } = world.step(command);
    expert.observe(command, observation);
    if (done) return step;
  }
  return undefined;
}
