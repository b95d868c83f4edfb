import { describe, expect, test } from "vitest";
import { createWorld } from "../src/index.ts";
import { kitchen } from "./kitchen.ts";

/** Plays commands and gives the last reply. */
const after = (...commands: string[]): string => {
  const world = createWorld(kitchen);
  return commands.map((command) => world.step(command).observation).at(-1) as string;
};

describe("texts", () => {
  test("the opening lists receptacles by type and falling number", () => {
    expect(createWorld(kitchen).intro()).toBe(
      "-= Welcome to TextWorld, ALFRED! =-\n\n" +
        "You are in the middle of a room. Looking quickly around you, you see a cabinet 10, a cabinet 2, a cabinet 1, a countertop 1, a fridge 1, a microwave 1, a sinkbasin 1, and a toaster 1.\n\n" +
        "Your task is to: put a clean mug in cabinet.",
    );
  });

  const replies: readonly (readonly [string[], string])[] = [
    [["look"], "You are in the middle of a room. Looking quickly around you, you see nothing."],
    [["inventory"], "You are not carrying anything."],
    [["go to cabinet 1"], "You arrive at cabinet 1. The cabinet 1 is closed."],
    [["go to cabinet 10"], "You arrive at cabinet 10. On the cabinet 10, you see nothing."],
    [
      ["go to cabinet 1", "open cabinet 1"],
      "You open the cabinet 1. The cabinet 1 is open. In it, you see a box 1.",
    ],
    [["go to cabinet 1", "open cabinet 2", "close cabinet 2"], "You close the cabinet 2."],
    [
      ["go to fridge 1", "open fridge 1", "go to cabinet 1", "go to fridge 1"],
      "You arrive at fridge 1. The fridge 1 is open. In it, you see a apple 2.",
    ],
    [
      ["go to countertop 1"],
      "You arrive at countertop 1. On the countertop 1, you see a apple 1, a desklamp 1, a knife 1, and a mug 1.",
    ],
    [
      ["go to countertop 1", "look"],
      "You are facing the countertop 1, and toaster 1. Next to it, you see nothing.",
    ],
    [
      ["go to cabinet 1", "look"],
      "You are facing the cabinet 2, and cabinet 1. Next to it, you see nothing.",
    ],
    [
      ["go to countertop 1", "take mug 1 from countertop 1"],
      "You pick up the mug 1 from the countertop 1.",
    ],
    [
      ["go to countertop 1", "take mug 1 from countertop 1", "inventory"],
      "You are carrying: a mug 1.",
    ],
    [
      [
        "go to countertop 1",
        "take mug 1 from countertop 1",
        "go to cabinet 10",
        "move mug 1 to cabinet 10",
      ],
      "You move the mug 1 to the cabinet 10.",
    ],
    [
      [
        "go to countertop 1",
        "take mug 1 from countertop 1",
        "go to cabinet 10",
        "put mug 1 in/on cabinet 10",
      ],
      "You move the mug 1 to the cabinet 10.",
    ],
    [
      [
        "go to countertop 1",
        "take mug 1 from countertop 1",
        "go to sinkbasin 1",
        "clean mug 1 with sinkbasin 1",
      ],
      "You clean the mug 1 using the sinkbasin 1.",
    ],
    [
      [
        "go to countertop 1",
        "take apple 1 from countertop 1",
        "go to microwave 1",
        "heat apple 1 with microwave 1",
      ],
      "You heat the apple 1 using the microwave 1.",
    ],
    [
      [
        "go to countertop 1",
        "take apple 1 from countertop 1",
        "go to fridge 1",
        "cool apple 1 with fridge 1",
      ],
      "You cool the apple 1 using the fridge 1.",
    ],
    [["go to countertop 1", "use desklamp 1"], "You turn on the desklamp 1."],
    [
      ["go to countertop 1", "take knife 1 from countertop 1", "slice apple 1 with knife 1"],
      "You sliced the apple 1 with the knife 1.",
    ],
    [["go to cabinet 1", "examine cabinet 2"], "The cabinet 2 is closed."],
    [
      ["go to cabinet 1", "open cabinet 1", "examine box 1"],
      "This is a normal box 1. In it, you see a pen 1.",
    ],
    [["go to countertop 1", "examine mug 1"], "There's nothing special about mug 1."],
    [["go to countertop 1", "examine desklamp 1"], "There's nothing special about desklamp 1."],
    [
      ["go to countertop 1", "use desklamp 1", "use desklamp 1", "examine desklamp 1"],
      "This desklamp 1 is on.",
    ],
    [["go to fridge 1", "open fridge 1", "examine apple 2"], "This is a cold apple 2."],
  ];
  test.each(replies)("%j", (commands, reply) => {
    expect(after(...commands)).toBe(reply);
  });

  test("an object is described by all that was done to it", () => {
    const world = createWorld(kitchen);
    const says = (...commands: string[]): string => {
      for (const command of commands) expect(world.step(command).applied, command).toBe(true);
      return world.step("examine apple 1").observation;
    };
    expect(
      says(
        "go to countertop 1",
        "take apple 1 from countertop 1",
        "go to microwave 1",
        "heat apple 1 with microwave 1",
      ),
    ).toBe("This is a hot apple 1.");
    expect(says("go to sinkbasin 1", "clean apple 1 with sinkbasin 1")).toBe(
      "This is a hot and clean apple 1.",
    );
    expect(says("go to fridge 1", "cool apple 1 with fridge 1")).toBe(
      "This is a cool and clean apple 1.",
    );
    expect(
      says(
        "go to countertop 1",
        "move apple 1 to countertop 1",
        "take knife 1 from countertop 1",
        "slice apple 1 with knife 1",
      ),
    ).toBe("This is a cool and clean sliced apple 1.");
  });

  test("what was taken out of one receptacle and put into its neighbour lies beside it", () => {
    const world = createWorld(kitchen);
    for (const command of [
      "go to cabinet 1",
      "open cabinet 1",
      "open cabinet 2",
      "take box 1 from cabinet 1",
      "move box 1 to cabinet 2",
    ]) {
      expect(world.step(command).applied).toBe(true);
    }
    expect(world.step("look").observation).toBe(
      "You are facing the cabinet 2, and cabinet 1. Next to it, you see a box 1.",
    );
  });
});

describe("rules", () => {
  const refused: readonly (readonly [string, string[]])[] = [
    ["to go where one stands", ["go to cabinet 1", "go to cabinet 2"]],
    [
      "to take with full hands",
      ["go to countertop 1", "take mug 1 from countertop 1", "take apple 1 from countertop 1"],
    ],
    ["to take out of a closed receptacle", ["go to fridge 1", "take apple 2 from fridge 1"]],
    ["to take from afar", ["go to fridge 1", "take mug 1 from countertop 1"]],
    ["to take what is fixed", ["go to countertop 1", "take desklamp 1 from countertop 1"]],
    [
      "to put into a closed receptacle",
      [
        "go to countertop 1",
        "take mug 1 from countertop 1",
        "go to fridge 1",
        "move mug 1 to fridge 1",
      ],
    ],
    [
      "to put where it does not belong",
      ["go to countertop 1", "take apple 1 from countertop 1", "move apple 1 to toaster 1"],
    ],
    ["to open what has no door", ["go to cabinet 10", "open cabinet 10"]],
    ["to open twice", ["go to cabinet 1", "open cabinet 1", "open cabinet 1"]],
    ["to close what is closed", ["go to cabinet 1", "close cabinet 1"]],
    [
      "to clean in the wrong place",
      [
        "go to countertop 1",
        "take mug 1 from countertop 1",
        "go to fridge 1",
        "clean mug 1 with fridge 1",
      ],
    ],
    [
      "to heat what cannot be heated",
      [
        "go to countertop 1",
        "take mug 1 from countertop 1",
        "go to microwave 1",
        "heat mug 1 with microwave 1",
      ],
    ],
    ["to clean what is not held", ["go to sinkbasin 1", "clean mug 1 with sinkbasin 1"]],
    ["to slice without a knife", ["go to countertop 1", "slice apple 1 with knife 1"]],
    ["to use what has no switch", ["go to countertop 1", "use mug 1"]],
    ["to use a lamp from afar", ["go to fridge 1", "use desklamp 1"]],
    ["to examine what is hidden", ["go to fridge 1", "examine apple 2"]],
    [
      "an old wording",
      ["go to countertop 1", "take mug 1 from countertop 1", "put mug 1 on countertop 1"],
    ],
    ["capitals", ["Look"]],
  ];
  test.each(refused)("refuses %s", (_, commands) => {
    const world = createWorld(kitchen);
    for (const command of commands.slice(0, -1)) expect(world.step(command).applied).toBe(true);
    const before = world.save();
    expect(world.step(commands.at(-1) as string)).toEqual({
      observation: "Nothing happens.",
      done: false,
      applied: false,
    });
    expect(world.save()).toEqual(before);
  });

  test("the walkthrough reaches the goal at its last command", () => {
    const world = createWorld(kitchen);
    expect(kitchen.walkthrough.map((command) => world.step(command).done)).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  test("spaces around a command do not matter", () => {
    expect(createWorld(kitchen).step("  look \n").applied).toBe(true);
  });
});

describe("states", () => {
  test("save, restore, reset and clone are independent of each other", () => {
    const world = createWorld(kitchen);
    const start = world.save();
    world.step("go to countertop 1");
    world.step("take mug 1 from countertop 1");
    const held = world.save();
    const twin = world.clone();
    world.step("move mug 1 to countertop 1");
    expect(twin.save()).toEqual(held);
    expect(world.save()).not.toEqual(held);
    world.restore(held);
    expect(world.save()).toEqual(held);
    world.reset();
    expect(world.save()).toEqual(start);
    expect(twin.save()).toEqual(held);
  });

  test("a restored world knows again whether the goal holds", () => {
    const world = createWorld(kitchen);
    for (const command of kitchen.walkthrough) world.step(command);
    const won = world.save();
    world.reset();
    expect(world.goalReached()).toBe(false);
    world.restore(won);
    expect(world.goalReached()).toBe(true);
  });

  test("a state of another game is refused", () => {
    const other = createWorld({ ...kitchen, objects: kitchen.objects.slice(1) });
    expect(() => other.restore(createWorld(kitchen).save())).toThrow(RangeError);
  });
});
