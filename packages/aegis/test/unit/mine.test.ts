import { describe, expect, it } from "vitest";
import { minePlaces } from "../../src/mine/places.ts";
import { mineProcedures } from "../../src/mine/procedures.ts";
import { mineRepetition } from "../../src/mine/repetition.ts";
import { mineUsual } from "../../src/mine/usual.ts";
import { kindOf, namePattern, namesIn, placeTemplate } from "../../src/mine/names.ts";
import type { Episode, EpisodeCall } from "../../src/index.ts";

const call = (
  seq: number,
  tool: string,
  args: Record<string, string>,
  reply: string,
): EpisodeCall => ({
  seq,
  step: seq,
  tool,
  args,
  key: `${tool} ${JSON.stringify(args)}`,
  reply,
  status: "ok",
});
const episode = (
  task: string,
  passed: boolean,
  calls: [string, Record<string, string>, string][],
): Episode => ({
  trace: `${task}-${passed}`,
  task,
  cluster: task.split(" ")[0]!,
  passed,
  text: "Room.",
  exit: "done",
  steps: calls.length,
  calls: calls.map(([tool, args, reply], index) => call(index + 1, tool, args, reply)),
  truncated: 0,
  processors: {},
  lastSeq: 100,
  lastText: "",
});

describe("names", () => {
  it("learns how names look from arguments", () => {
    expect(namePattern(["crate 1", "pear 12", "crate 3"])).toBe("[a-z]+ \\d+");
    expect(namePattern(["src/a.ts", "lib/b.ts", "src/c.js"])).toBe("[a-z]+\\/[a-z]+\\.[a-z]+");
    expect(namePattern(["red", "blue", "green"])).toBeUndefined();
    expect(namePattern(["crate 1", "hello there", "x", "12"])).toBeUndefined();
    expect(namesIn("At Crate 1 lie a pear 2 and a pear 2.", "[a-z]+ \\d+")).toEqual([
      "crate 1",
      "pear 2",
    ]);
    expect(kindOf("drawer 12")).toBe("drawer");
    expect(placeTemplate("The crate 1 is shut.", "crate 1", "[a-z]+ \\d+")).toBe(
      "the {place} is shut.",
    );
    expect(placeTemplate("A pear 2 in crate 1.", "crate 1", "[a-z]+ \\d+")).toBeUndefined();
  });
});

/** Chests must be unlocked, shelves show what they hold. Names of tools and wording are made up. */
const world = (n: number, passed: boolean): Episode =>
  episode(`peel ${n}`, passed, [
    ["walk", { where: "shelf 1" }, "Before you: shelf 1. Bare."],
    ["walk", { where: "chest 1" }, "Before you: chest 1. Locked."],
    ["unlock", { where: "chest 1" }, "The chest 1 now shows a pear 2, a plum 1."],
    ["grab", { what: "pear 2", where: "chest 1" }, "Yours."],
    ["walk", { where: "chest 1" }, "Before you: chest 1. It holds a plum 1, a nut 3."],
    ["peel", { what: "pear 2", where: "basin 1" }, "Peeled."],
    ["walk", { where: "shelf 2" }, `Before you: shelf 2. It holds a nut ${n}, a jar 1.`],
    ...(passed
      ? ([
          ["leave", { what: "pear 2", where: "shelf 2" }, "Left."],
          ["walk", { where: "shelf 2" }, `Before you: shelf 2. It holds a pear 2, a nut ${n}.`],
        ] as [string, Record<string, string>, string][])
      : ([
          ["walk", { where: "shelf 1" }, "Before you: shelf 1. Bare."],
          ["peel", { what: "nut 1", where: "shelf 1" }, "Nope."],
          ["peel", { what: "plum 1", where: "shelf 1" }, "Nope."],
        ] as [string, Record<string, string>, string][])),
  ]);
const episodes = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => world(n, n % 2 === 0));
const nope = new Set(["Nope."]);

describe("minePlaces", () => {
  it("finds places, empty replies, locked ones and what moves things, from co-occurrence alone", () => {
    const found = minePlaces(episodes, nope)!;
    expect(found.visit).toEqual({ tool: "walk", argument: "where" });
    expect(found.look.map(({ tool }) => tool)).toEqual(["walk", "unlock"]);
    expect(found.empty).toEqual(["before you: {place}. bare."]);
    expect(found.hidden).toEqual([
      { reply: "before you: {place}. locked.", tool: "unlock", kinds: ["chest"], followed: 1 },
    ]);
    expect(found.taking).toEqual([{ tool: "grab", thing: "what", place: "where" }]);
    expect(found.placing).toEqual([{ tool: "leave", thing: "what", place: "where" }]);
    expect(found.revisits.failing).toBeGreaterThan(0);
    expect(found.evidence[0]).toMatchObject({ quote: "Before you: shelf 1. Bare." });
  });

  it("finds none where arguments are no names", () => {
    expect(
      minePlaces(
        [
          episode(
            "t",
            false,
            Array.from(
              { length: 20 },
              (_, n) =>
                ["search", { query: `what is ${"x".repeat(n)}` }, "42"] as [
                  string,
                  Record<string, string>,
                  string,
                ],
            ),
          ),
        ],
        nope,
      ),
    ).toBeUndefined();
  });
});

describe("mineUsual", () => {
  it("says where kinds of things are, leaving out what the agent moved", () => {
    const usual = mineUsual(episodes, minePlaces(episodes, nope))!;
    const of = (thing: string) => usual.kinds.find((kind) => kind.thing === thing)?.places;
    expect(of("plum")).toEqual(["chest"]);
    expect(of("pear")).toEqual(["chest"]);
    expect(of("jar")).toEqual(["shelf"]);
  });
});

describe("mineProcedures", () => {
  const tasks = [
    ...[1, 2, 3, 4, 5, 6].map((n) => ({
      id: `peel ${n}`,
      text: "put a peeled pear on a shelf",
      family: `${n}`,
      cluster: "peel",
      split: "train" as const,
    })),
    ...[1, 2, 3].map((n) => ({
      id: `fetch ${n}`,
      text: "put a pear on a shelf",
      family: `f${n}`,
      cluster: "fetch",
      split: "train" as const,
    })),
  ];

  it("finds the steps that passing runs share and the words that tell the kind of task", () => {
    const [found] = mineProcedures(episodes, tasks, minePlaces(episodes, nope), nope);
    expect(found).toMatchObject({
      cluster: "peel",
      words: ["peeled"],
      steps: [
        { tool: "grab", object: "pear", at: "chest" },
        { tool: "peel", object: "pear", with: "basin" },
        { tool: "leave", object: "pear", at: "shelf" },
      ],
      decisive: { tool: "leave", passing: 1, failing: 0 },
    });
  });

  it("is silent without passing runs", () => {
    expect(
      mineProcedures(
        episodes.filter(({ passed }) => !passed),
        tasks,
        undefined,
        nope,
      ),
    ).toEqual([]);
  });
});

describe("mineRepetition", () => {
  it("takes its threshold from passing runs", () => {
    const again = (passed: boolean, times: number, n: number) =>
      episode(
        `t ${n}`,
        passed,
        Array.from(
          { length: times },
          () => ["walk", { where: "shelf 1" }, "Bare."] as [string, Record<string, string>, string],
        ),
      );
    const found = mineRepetition([
      again(true, 2, 1),
      again(true, 1, 2),
      again(false, 5, 3),
      again(false, 7, 4),
    ])!;
    expect(found).toMatchObject({
      tolerated: 2,
      beyond: { failing: 1, passing: 0 },
      tools: ["walk"],
    });
    expect(found.evidence[0]).toMatchObject({ trace: "t 4-false" });
    expect(mineRepetition([again(true, 4, 1), again(false, 1, 2)])).toBeUndefined();
  });
});
