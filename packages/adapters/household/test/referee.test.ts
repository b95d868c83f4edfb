import { describe, expect, test, vi } from "vitest";
import { createRandom } from "../src/generator/random.ts";
import { createWorld, generateGames } from "../src/index.ts";
import type { Game } from "../src/index.ts";
import { createReferee } from "../src/referee.ts";
import { placeOf, randomCommand } from "./commands.ts";
import { hasRealGames, realGames, why } from "./real-games.ts";

// Seconds of work, with room for a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Plays world and referee in step; returns how many commands applied and how often the goal held. */
function compare(game: Game, seed: number, steps: number): { applied: number; held: number } {
  const random = createRandom(seed, game.id);
  const world = createWorld(game);
  const referee = createReferee(game);
  const count = { applied: 0, held: 0 };
  let here: string | undefined;
  let gold = 0;
  for (let step = 0; step < steps; step += 1) {
    // The gold commands among the random ones lead close to the goal, where a difference would matter.
    const command =
      random.chance(0.25) && gold < game.walkthrough.length
        ? (game.walkthrough[gold++] as string)
        : randomCommand(game, random, here);
    const { applied, done } = world.step(command);
    if (referee.play(command) !== applied) {
      throw new Error(`${game.id}: the referee disagrees about "${command}"`);
    }
    if (referee.verdict() !== done) {
      throw new Error(`${game.id}: the referee disagrees about the goal after "${command}"`);
    }
    if (applied) {
      count.applied += 1;
      here = placeOf(command) ?? here;
    }
    if (done) count.held += 1;
  }
  return count;
}

describe("referee", () => {
  test("agrees with the world about every command and goal on generated games", () => {
    const counts = generateGames({ seed: 5, count: 120 }).map((game, seed) =>
      compare(game, seed, 120),
    );
    const share = counts.reduce((sum, { applied }) => sum + applied, 0) / (120 * 120);
    expect(share).toBeGreaterThan(0.3);
    expect(counts.filter(({ held }) => held > 0).length).toBeGreaterThan(15);
  });

  test.skipIf(!hasRealGames)(`agrees on upstream's games${why}`, () => {
    const games = realGames().filter((_, index) => index % 3 === 0);
    const counts = games.map((game, seed) => compare(game, seed, 100));
    expect(counts.filter(({ held }) => held > 0).length).toBeGreaterThan(15);
  });

  test("has no verdict on a sentence of unknown wording", () => {
    const [game] = generateGames({ seed: 1, count: 1 });
    const other = { ...(game as Game), task: "Your task is to: dance." };
    expect(createReferee(other).verdict()).toBeUndefined();
  });
});
