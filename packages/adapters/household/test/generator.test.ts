import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test, vi } from "vitest";
import {
  allFamilies,
  createWorld,
  dealFamilies,
  familyName,
  generateGames,
  parseGame,
  parseTask,
  plan,
  taskTypes,
} from "../src/index.ts";
import type { Game } from "../src/index.ts";

// Seconds of work, with room for a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

function check(game: Game): void {
  const world = createWorld(game);
  expect(world.goalReached(), "solved at the start").toBe(false);
  for (const command of game.walkthrough) expect(world.step(command).applied, command).toBe(true);
  expect(world.goalReached(), "not solved by the walkthrough").toBe(true);
  // Valid by the same standard as a file from outside, and unchanged by reading.
  expect(parseGame(JSON.stringify(game), { file: "f", line: 1 })).toEqual(game);
  expect(parseTask(game.task)?.type).toBe(game.taskType);
}

describe("generated games", () => {
  property.prop([seeds], { numRuns: 25 })(
    "are valid, unsolved and solvable, of all six types",
    (seed) => {
      const games = generateGames({ seed, count: 12 });
      expect(games.map(({ taskType }) => taskType)).toEqual([...taskTypes, ...taskTypes]);
      games.forEach(check);
    },
  );

  property.prop([seeds], { numRuns: 8 })("are the same for the same seed", (seed) => {
    const make = (): string => JSON.stringify(generateGames({ seed, count: 6 }));
    const first = make();
    expect(make()).toBe(first);
    expect(JSON.stringify(generateGames({ seed: seed + 1, count: 6 }))).not.toBe(first);
  });

  property.prop([seeds], { numRuns: 8 })("a longer list begins with the shorter one", (seed) => {
    expect(generateGames({ seed, count: 9 }).slice(0, 4)).toEqual(
      generateGames({ seed, count: 4 }),
    );
  });

  property.prop([seeds, fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 0, max: 300 })))], {
    numRuns: 30,
  })("families are dealt out whole, and every split gets all six types", (seed, sizes) => {
    const dealt = dealFamilies(
      seed,
      sizes.map((size, index) => [`${index}`, size] as const),
    );
    const names = [...dealt.values()].flatMap((families) => families.map(familyName));
    expect(new Set(names).size).toBe(names.length);
    if (sizes.some((size) => size > 0)) expect(names.length).toBe(allFamilies().length);
    for (const [split, families] of dealt) {
      expect(sizes[Number(split)]).toBeGreaterThan(0);
      expect(new Set(families.map(({ type }) => type)).size).toBe(taskTypes.length);
    }
  });

  test("families of every kind can be generated", () => {
    for (const family of allFamilies().filter((_, index) => index % 4 === 0)) {
      const [game] = generateGames({ seed: 1, count: 1, types: [family.type], families: [family] });
      expect(game?.gamefile).toContain(familyName(family));
      expect(parseTask(game?.task ?? "")).toEqual({
        type: family.type,
        object: family.object,
        target: family.target,
      });
    }
  });

  test("look like upstream's: sizes, closed targets, wordings", () => {
    const games = generateGames({ seed: 2, count: 300 });
    const middle = (values: number[]): number =>
      values.toSorted((a, b) => a - b)[values.length >> 1] as number;
    const receptacles = games.map((game) => game.receptacles.length);
    const objects = games.map((game) => game.objects.length);
    expect(Math.min(...receptacles)).toBeGreaterThanOrEqual(9);
    expect(Math.max(...receptacles)).toBeLessThanOrEqual(55);
    expect(middle(receptacles)).toBeGreaterThan(15);
    expect(middle(receptacles)).toBeLessThan(30);
    expect(Math.min(...objects)).toBeGreaterThanOrEqual(12);
    expect(Math.max(...objects)).toBeLessThanOrEqual(80);
    expect(middle(objects)).toBeGreaterThan(25);

    // Upstream: in 5 % of the games every object of the wanted type is behind a door.
    const hidden = games.filter((game) => {
      const doors = new Set(
        game.receptacles.flatMap(({ name, flags }) => (flags?.length ? [name] : [])),
      );
      const wanted = game.objects.filter(({ type }) => type === parseTask(game.task)?.object);
      return wanted.every((object) => object.in?.every((name) => doors.has(name)));
    });
    expect(hidden.length / games.length).toBeGreaterThan(0.01);
    expect(hidden.length / games.length).toBeLessThan(0.15);

    for (const type of taskTypes) {
      const wordings = new Set(
        games
          .filter((game) => game.taskType === type)
          .map(({ task }) => {
            const spec = parseTask(task);
            return task.replace(` ${spec?.object}`, " X").replace(` ${spec?.target}.`, " Y.");
          }),
      );
      expect(wordings.size).toBe(2);
    }
  });

  test("without a family of the type are refused", () => {
    expect(() => generateGames({ seed: 1, count: 1, families: [] })).toThrow(RangeError);
  });

  test("a plan from the middle of a game reaches the goal", () => {
    for (const game of generateGames({ seed: 4, count: 60 })) {
      const world = createWorld(game);
      for (let step = 0; !world.goalReached(); step += 1) {
        expect(step).toBeLessThan(40);
        // A wrong object in the hands must be put down first.
        const stray = game.objects.find(
          (object) =>
            object.type !== parseTask(game.task)?.object && object.flags?.includes("pickupable"),
        );
        if (step === 0 && stray?.in?.[0] !== undefined) {
          for (const command of [
            `go to ${stray.in[0]}`,
            `open ${stray.in[0]}`,
            `take ${stray.name} from ${stray.in[0]}`,
          ])
            world.step(command);
        }
        const before = Buffer.from(world.save().bytes);
        const commands = plan(world);
        expect(before.equals(world.save().bytes)).toBe(true);
        expect(commands?.length).toBeGreaterThan(0);
        expect(world.step(commands?.[0] as string).applied).toBe(true);
      }
      expect(plan(world)).toEqual([]);
    }
  });

  test("a goal out of reach has no plan", () => {
    const [game] = generateGames({ seed: 1, count: 1, types: ["pick_and_place_simple"] });
    const stuck = { ...(game as Game), canContain: {} };
    expect(plan(stuck)).toBeUndefined();
    const odd = {
      ...(game as Game),
      goal: "(exists (?r - receptacle) (and (opened ?r) (not (openable ?r))))",
    };
    expect(plan(odd)).toBeUndefined();
  });
});
