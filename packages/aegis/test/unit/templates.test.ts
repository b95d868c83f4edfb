import { describe, expect, it } from "vitest";
import {
  verifyPackage,
  type GeneratedPackage,
  type NavigationFinding,
  type PlaceFinding,
  type ProcedureFinding,
  type RepetitionFinding,
} from "../../src/index.ts";
import { followUp } from "../../src/evolve/templates/follow-up.ts";
import { navigationAdvice } from "../../src/evolve/templates/navigation-advice.ts";
import { placeMemory } from "../../src/evolve/templates/place-memory.ts";
import { progressAdvice } from "../../src/evolve/templates/progress-advice.ts";
import { taskProcedures } from "../../src/evolve/templates/task-procedures.ts";
import { usualPlaces } from "../../src/evolve/templates/usual-places.ts";

const evidence = [{ trace: "run-1", seq: 4, quote: "Crate 1 is locked." }];
const places: PlaceFinding = {
  visit: { tool: "go_to", argument: "where" },
  look: [
    { tool: "go_to", argument: "where" },
    { tool: "unlock", argument: "where" },
  ],
  names: "[a-z]+ \\d+",
  empty: ["there is nothing at {place}."],
  hidden: [
    {
      reply: "you reach {place}. {place} is locked.",
      tool: "unlock",
      kinds: ["crate", "box", "safe"],
      followed: 0.2,
    },
    { reply: "{place}: ???", tool: "unlock", kinds: ["crate"], followed: 0.2 },
  ],
  taking: [{ tool: "take", thing: "thing", place: "where" }],
  placing: [],
  revisits: { failing: 0.5, passing: 0.2 },
  evidence,
};
const procedure: ProcedureFinding = {
  cluster: "c",
  words: ["washed", "clean"],
  steps: [
    { tool: "take", object: "thing" },
    { tool: "wash", object: "thing", at: "sink" },
    { tool: "dry", object: "thing", with: "towel" },
    { tool: "leave", object: "thing" },
  ],
  visit: "go_to",
  decisive: { tool: "wash", passing: 1, failing: 0.25 },
  passing: 8,
  failing: 4,
  evidence,
};
const repetition: RepetitionFinding = {
  tolerated: 2,
  beyond: { failing: 0.8, passing: 0.1 },
  tools: ["go_to"],
  evidence,
};

const navigation: NavigationFinding = {
  tools: ["turn_over", "lookUp"],
  follow: { tool: "readCard", argument: "card", pattern: "c-\\d+" },
  lines: 2,
  tolerated: 4,
  beyond: { failing: 0.9, passing: 0.2 },
  followed: { failing: 0.03, passing: 0.1 },
  finish: ["sign_off"],
  evidence,
};

const packages: Record<string, GeneratedPackage> = {
  "place memory": placeMemory(places, ["No."], "0.1.3"),
  "follow-up": followUp(places, "0.1.3"),
  "progress advice": progressAdvice(repetition, ["No."], "0.1.3"),
  "navigation advice": navigationAdvice(navigation, "0.1.3"),
  "task procedures": taskProcedures([procedure], "0.1.3"),
  "usual places": usualPlaces(
    { kinds: [{ thing: "pear", places: ["crate", "box"] }], evidence },
    "0.1.3",
  ),
};
const defaultOf = (name: string, option: string): unknown =>
  (
    JSON.parse(packages[name]!.files["options.schema.json"]!) as {
      properties: Record<string, { default: unknown }>;
    }
  ).properties[option]!.default;

describe("templates", () => {
  it.each(Object.keys(packages))("%s passes the verification", async (name) => {
    const { report } = await verifyPackage(packages[name]!);
    expect(report.checks.flatMap(({ findings }) => findings)).toEqual([]);
    expect(report.ok).toBe(true);
  });

  it("speak plain English, made of the traces' own words", () => {
    expect(defaultOf("task procedures", "procedures")).toEqual([
      {
        words: ["washed", "clean"],
        advice:
          "To do a task that says washed or clean: take the thing, go to the sink, wash the thing there, dry the thing with the towel, and only then leave the thing.",
      },
    ]);
    expect(defaultOf("follow-up", "advice")).toBe(
      "If a crate, box or safe is locked, unlock it: what it holds shows only then.",
    );
    expect(defaultOf("follow-up", "replies")).toEqual([
      { reply: "you reach {place}. {place} is locked.", state: "is locked", act: "unlock" },
      { reply: "{place}: ???", state: "shows nothing yet", act: "unlock" },
    ]);
    expect(defaultOf("progress advice", "repeats")).toBe(3);
    expect(defaultOf("navigation advice", "tolerated")).toBe(4);
    expect(defaultOf("navigation advice", "follow")).toEqual({
      tool: "readCard",
      argument: "card",
    });
  });

  it("say in their README why they exist", () => {
    for (const { files } of Object.values(packages)) {
      expect(files["README.md"]).toMatch(/## Why\n[^#]+## How\n/);
      expect(files["README.md"]).not.toContain("undefined");
    }
    expect(packages["place memory"]!.files["README.md"]).toContain("50 %");
    expect(packages["navigation advice"]!.files["README.md"]).toMatch(
      /90 % of the failing and 20 % of the passing runs made more than 4 moves/,
    );
  });
});
