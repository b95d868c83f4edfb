import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test, vi } from "vitest";
import { createRandom } from "../src/generator/random.ts";
import { createWorld, generateGames } from "../src/index.ts";
import type { World, WorldState } from "../src/index.ts";
import { createReferee } from "../src/referee.ts";
import { allCommands, placeOf, randomCommand } from "./commands.ts";
import { kitchen } from "./kitchen.ts";

// Seconds of work, with room for a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const same = (a: WorldState, b: WorldState): boolean =>
  a.at === b.at && a.holding === b.holding && Buffer.compare(a.bytes, b.bytes) === 0;

const looksOnly = /^(look|inventory|help|examine .*)$/;

/** The applicable ones of all commands; checks that every other one does and says nothing. */
function applicable(world: World): Set<string> {
  const found = new Set<string>();
  const before = world.save();
  for (const command of allCommands(world.game)) {
    const { applied, observation } = world.step(command);
    const unchanged = same(world.save(), before);
    if (applied) {
      found.add(command);
      if (observation === "Nothing happens.") throw new Error(`${command} says nothing`);
      if (unchanged !== looksOnly.test(command) && !/^(clean|heat|cool|slice) /.test(command)) {
        throw new Error(`${command} changes ${unchanged ? "nothing" : "something"}`);
      }
      world.restore(before);
    } else if (!unchanged || observation !== "Nothing happens.") {
      throw new Error(`${command} is not applicable but has an effect`);
    }
  }
  return found;
}

describe("inapplicable commands", () => {
  test("over all verbs and names, in many states, exactly those that the referee allows apply", () => {
    const random = createRandom(1);
    let checked = 0;
    for (const game of generateGames({ seed: 11, count: 4 })) {
      const world = createWorld(game);
      const history: string[] = [];
      for (let state = 0; state < 2; state += 1) {
        for (let step = 0, here: string | undefined; step < 15; step += 1) {
          const command = randomCommand(game, random, here);
          if (world.step(command).applied) {
            history.push(command);
            here = placeOf(command) ?? here;
          }
        }
        const found = applicable(world);
        const rest = [...allCommands(game)].filter((command) => !found.has(command));
        for (const command of [...found, ...random.shuffle(rest).slice(0, 100)]) {
          const referee = createReferee(game);
          for (const earlier of history) expect(referee.play(earlier)).toBe(true);
          expect(referee.play(command), command).toBe(found.has(command));
          checked += 1;
        }
      }
    }
    expect(checked).toBeGreaterThan(1000);
  });

  property.prop([
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.string({ unit: "grapheme", maxLength: 60 }),
      fc
        .array(
          fc.constantFrom(
            "go",
            "to",
            "take",
            "move",
            "from",
            "open",
            "mug",
            "1",
            "countertop 1",
            "in/on",
            "with",
            "__proto__",
            "constructor",
            "\u0000",
            "",
            "MUG 1",
            "mug 01",
            "mug  1",
            "ｍｕｇ 1",
          ),
          { maxLength: 7 },
        )
        .map((words) => words.join(" ")),
    ),
  ])("garbage changes nothing", (text) => {
    const world = createWorld(kitchen);
    world.step("go to countertop 1");
    const before = world.save();
    const { applied, observation } = world.step(text);
    if (applied) return;
    expect(observation).toBe("Nothing happens.");
    expect(same(world.save(), before)).toBe(true);
  });

  test("huge texts are refused at once", () => {
    const world = createWorld(kitchen);
    const before = world.save();
    const start = performance.now();
    for (const text of [
      "x".repeat(5_000_000),
      `take ${"mug 1 from ".repeat(400_000)}`,
      "look" + "\u200b".repeat(1_000_000),
    ]) {
      expect(world.step(text).applied).toBe(false);
    }
    expect(performance.now() - start).toBeLessThan(500);
    expect(same(world.save(), before)).toBe(true);
  });
});
