import { describe, expect, test, vi } from "vitest";
import { createWorld, parseTask, plan } from "../src/index.ts";
import { parseGoal } from "../src/goal.ts";
import { hasRealGames, rawSamples, realGames, why } from "./real-games.ts";
import type { RawSample } from "./real-games.ts";

// Seconds of work, with room for a busy machine.
vi.setConfig({ testTimeout: 60_000 });

describe.skipIf(!hasRealGames)(`upstream's games${why}`, () => {
  test("all 397 are valid, and none starts solved", () => {
    expect(realGames()).toHaveLength(397);
    for (const game of realGames()) expect(createWorld(game).goalReached()).toBe(false);
  });

  test("every walkthrough applies to its last command and reaches the goal there", () => {
    for (const game of realGames()) {
      const world = createWorld(game);
      const steps = game.walkthrough.map((command) => world.step(command));
      expect(
        steps.every(({ applied }) => applied),
        game.id,
      ).toBe(true);
      expect(
        steps.findIndex(({ done }) => done),
        game.id,
      ).toBe(steps.length - 1);
    }
  });

  test("every task is recognised from its sentence alone", () => {
    for (const game of realGames()) {
      expect(parseTask(game.task)?.type).toBe(game.taskType);
      expect(parseTask(createWorld(game).intro())).toEqual(parseTask(game.task));
    }
  });

  test("the planner needs no more commands than the walkthrough", () => {
    for (const game of realGames()) {
      const commands = plan(game);
      expect(commands?.length, game.id).toBeLessThanOrEqual(game.walkthrough.length);
    }
  });

  test("the compact form says what the untouched PDDL says", () => {
    for (const sample of rawSamples()) {
      const game = realGames().find(({ gamefile }) => gamefile === sample.gamefile);
      expect(game, sample.gamefile).toBeDefined();
      const raw = readPddl(sample);
      const byName = (a: { name: string }, b: { name: string }): number =>
        a.name < b.name ? -1 : 1;
      expect(
        game?.receptacles
          .map(({ name, flags }) => ({ name, openable: flags?.length === 1 }))
          .toSorted(byName),
      ).toEqual(raw.receptacles.toSorted(byName));
      expect(
        game?.objects
          .map((object) => ({
            name: object.name,
            in: (object.in ?? []).toSorted(),
            inObject: (object.inObject ?? []).toSorted(),
            flags: (object.flags ?? []).toSorted(),
          }))
          .toSorted(byName),
      ).toEqual(raw.objects.toSorted(byName));
      // Opaque indices stand for locations: what shares one must be the same.
      expect(
        partition(game?.receptacles.map(({ name, loc }) => [name, String(loc)]) ?? []),
      ).toEqual(partition(raw.places));
      expect(parseGoal(game?.goal ?? "")).toEqual(parseGoal(raw.goal));
    }
  });
});

/** Groups of names that share a place, in a comparable form. */
function partition(places: readonly (readonly string[])[]): string[] {
  const groups = new Map<string, string[]>();
  for (const [name = "", place = ""] of places)
    groups.set(place, [...(groups.get(place) ?? []), name]);
  return [...groups.values()].map((names) => names.toSorted().join(", ")).toSorted();
}

/** A converter of its own, written from the domain and the rule by which upstream names things. */
function readPddl({ pddl_problem: problem }: RawSample) {
  const start = problem.indexOf("(:init");
  const end = problem.indexOf("(:goal");
  const facts = [...problem.slice(start, end).matchAll(/\(([A-Za-z]+) ([^()]*)\)/g)].map(
    (match) => [match[1] as string, ...(match[2] as string).trim().split(/\s+/)] as const,
  );
  const of = (predicate: string): string[][] =>
    facts.filter(([name]) => name === predicate).map(([, ...args]) => args);
  const names = new Map<string, string>();
  for (const predicate of ["receptacleType", "objectType"]) {
    const groups = new Map<string, string[]>();
    for (const [id = "", type = ""] of of(predicate)) {
      const base = type.slice(0, -"Type".length).toLowerCase();
      groups.set(base, [...(groups.get(base) ?? []), id]);
    }
    for (const [type, ids] of groups) {
      ids.toSorted().forEach((id, index) => names.set(id, `${type} ${ids.length - index}`));
    }
  }
  const nameOf = (id = ""): string => names.get(id) ?? id;
  const has = (predicate: string, id: string): boolean => of(predicate).some(([arg]) => arg === id);
  const related = (predicate: string, id: string): string[] =>
    of(predicate)
      .filter(([first]) => first === id)
      .map(([, second]) => nameOf(second))
      .toSorted();
  const flags = [
    "pickupable",
    "cleanable",
    "heatable",
    "coolable",
    "sliceable",
    "toggleable",
    "isReceptacleObject",
    "isCool",
  ];
  return {
    receptacles: of("receptacleType").map(([id = ""]) => ({
      name: nameOf(id),
      openable: has("openable", id),
    })),
    objects: of("objectType").map(([id = ""]) => ({
      name: nameOf(id),
      in: related("inReceptacle", id),
      inObject: related("inReceptacleObject", id),
      flags: flags
        .filter((flag) => has(flag, id))
        .map((flag) => flag.toLowerCase())
        .toSorted(),
    })),
    places: of("receptacleAtLocation").map(([id, place = ""]) => [nameOf(id), place]),
    goal: problem.slice(
      end + "(:goal".length,
      problem.lastIndexOf(")", problem.lastIndexOf(")") - 1),
    ),
  };
}
