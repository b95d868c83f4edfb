import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fc, test as property } from "@fast-check/vitest";
import { afterAll, describe, expect, test, vi } from "vitest";
import { generateGames, loadGames, parseGame } from "../src/index.ts";
import { kitchen } from "./kitchen.ts";

// Seconds of work, with room for a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const folder = mkdtempSync(join(tmpdir(), "household-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, lines: readonly string[]): string => {
  writeFileSync(join(folder, name), lines.join("\n"));
  return name;
};

/** What is thrown when a good line is followed by a bad one. */
const thrownBy = (bad: string): unknown => {
  const file = write("bad.jsonl", [JSON.stringify(kitchen), "", bad]);
  try {
    loadGames(file, folder);
  } catch (error) {
    return error;
  }
  return undefined;
};

const without = (field: string): string => {
  const { [field as "id"]: _, ...rest } = kitchen;
  return JSON.stringify(rest);
};
const change = (fields: object): string => JSON.stringify({ ...kitchen, ...fields });
const object = { name: "cup 1", type: "cup", loc: 3 };

describe("game files", () => {
  test("read back what was written", () => {
    const games = generateGames({ seed: 3, count: 12 });
    const file = write("good.jsonl", [
      "\uFEFF" + JSON.stringify(games[0]),
      ...games.slice(1).map((game) => JSON.stringify(game)),
      "",
      "",
    ]);
    expect(loadGames(file, folder)).toEqual(games);
  });

  test.each([
    ["{ not json", "not JSON"],
    ["[]", "the line must be an object"],
    ["null", "the line must be an object"],
    [without("goal"), "goal must be a string"],
    [without("objects"), "objects must be an array"],
    [without("agentLoc"), "agentLoc must be a whole number"],
    [change({ taskType: "sing" }), "taskType must be one of"],
    [change({ task: "Sing." }), "task must be one line"],
    [change({ agentLoc: -1 }), "agentLoc must be a whole number"],
    [change({ receptacles: [] }), "receptacles is empty"],
    [
      change({ receptacles: [{ name: "desk", type: "desk", loc: 1 }] }),
      "must be a word and a number",
    ],
    [change({ objects: [{ ...object, type: "Mug 1" }] }), "type of object 1 must be a word"],
    [
      change({ objects: [{ ...object, in: ["shelf 1"] }] }),
      'in of "cup 1" names "shelf 1", which does not exist',
    ],
    [
      change({ objects: [{ ...object, inObject: ["cup 2"] }] }),
      'inObject of "cup 1" names "cup 2"',
    ],
    [change({ objects: [{ ...object, flags: ["magic"] }] }), 'a flag of "cup 1" must be one of'],
    [change({ objects: [object, object] }), 'the name "cup 1" occurs twice'],
    [
      change({ objects: [...kitchen.objects, { name: "cabinet 1", type: "cabinet", loc: 1 }] }),
      'the name "cabinet 1" occurs twice',
    ],
    [change({ objects: Array.from({ length: 501 }, () => object) }), "more than 500"],
    [change({ canContain: { cabinet: [1] } }), "canContain of cabinet must be a string"],
    [change({ canContain: [] }), "canContain must be an object"],
    [change({ goal: "(and (ishot ?o))" }), "the variable ?o is not declared"],
    [change({ goal: "(and" }), "the goal ends too early"],
    [change({ goal: "(and)" }), "the goal holds before the first command"],
    [change({ walkthrough: ["dance"] }), 'walkthrough has "dance", which is no command'],
    [change({ id: "x".repeat(501) }), "id is longer than 500 characters"],
  ])("name file and line of %s", (line, problem) => {
    const error = thrownBy(line) as Error & { code: string; hint: string; details: unknown };
    expect(error).toBeInstanceOf(Error);
    expect(error.code).toBe("HX_SUITE_GAME_INVALID");
    expect(error.message).toContain("bad.jsonl, line 3: ");
    expect(error.message).toContain(problem);
    expect(error.hint).not.toBe("");
    expect(error.details).toMatchObject({ file: "bad.jsonl", line: 3 });
  });

  test("that are missing are named", () => {
    expect(() => loadGames("nowhere.jsonl", folder)).toThrowError(
      expect.objectContaining({
        code: "HX_SUITE_GAMES_MISSING",
        details: expect.objectContaining({ file: "nowhere.jsonl" }),
      }),
    );
  });

  property.prop([fc.jsonValue({ maxDepth: 4 })])(
    "any other JSON is refused with a code",
    (value) => {
      expect(() => parseGame(JSON.stringify(value), { file: "f", line: 1 })).toThrowError(
        expect.objectContaining({ code: "HX_SUITE_GAME_INVALID" }),
      );
    },
  );

  property.prop([
    fc.constantFrom(...(Object.keys(kitchen) as (keyof typeof kitchen)[])),
    fc.jsonValue({ maxDepth: 2 }),
  ])("a field of any other value is taken as valid or refused with a code", (field, value) => {
    try {
      parseGame(change({ [field]: value }), { file: "f", line: 1 });
    } catch (error) {
      expect(error).toMatchObject({ code: "HX_SUITE_GAME_INVALID" });
    }
  });

  test("names of built-in properties are names like any other", () => {
    const line = change({
      receptacles: [...kitchen.receptacles, { name: "constructor 1", type: "constructor", loc: 9 }],
      objects: [
        ...kitchen.objects,
        {
          name: "prototype 1",
          type: "prototype",
          loc: 9,
          in: ["constructor 1"],
          flags: ["pickupable"],
        },
      ],
    });
    expect(parseGame(line, { file: "f", line: 1 }).receptacles).toHaveLength(9);
  });
});
