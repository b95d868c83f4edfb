import { describe, expect, test } from "vitest";
import { parseGoal } from "../src/goal.ts";
import { createWorld } from "../src/index.ts";
import { kitchen } from "./kitchen.ts";

/** Whether a goal holds in the kitchen after some commands. */
const holds = (goal: string, ...commands: string[]): boolean => {
  const world = createWorld({ ...kitchen, goal });
  for (const command of commands) world.step(command);
  return world.goalReached();
};

describe("goals", () => {
  test.each([
    ["(exists (?o - object) (objecttype ?o mugtype))", true],
    ["(exists (?o - object) (and (objecttype ?o mugtype) (heatable ?o)))", false],
    ["(not (exists (?o - object) (isclean ?o)))", true],
    ["(or (exists (?o - object) (ishot ?o)) (exists (?o - object) (iscool ?o)))", true],
    ["(exists (?a - agent) (holdsany ?a))", false],
    ["(and)", true],
    ["(or)", false],
    [
      "(exists (?x ?y - object) (and (not (= ?x ?y)) (objecttype ?x appletype) (objecttype ?y appletype)))",
      true,
    ],
    [
      "(exists (?x ?y ?z - object) (and (not (= ?x ?y)) (not (= ?x ?z)) (not (= ?y ?z)) (objecttype ?x appletype) (objecttype ?y appletype) (objecttype ?z appletype)))",
      false,
    ],
    [
      "(exists (?r - receptacle ?l - location) (and (receptacletype ?r cabinettype) (receptacleatlocation ?r ?l) (not (exists (?q - receptacle) (and (receptacleatlocation ?q ?l) (not (= ?q ?r)))))))",
      true,
    ],
    [
      "(exists (?o - object) (or (objecttype ?o windowtype) (and (sliceable ?o) (ishot ?o))))",
      true,
    ],
    ["(exists (?i ?o - object) (inreceptacleobject ?i ?o))", true],
    ["(cancontain cabinettype mugtype)", true],
    ["(cancontain toastertype mugtype)", false],
    ["(EXISTS (?O - object) (ObjectType ?o MugType))", true],
  ])("%s is %s at the start", (goal, expected) => {
    expect(holds(goal)).toBe(expected);
  });

  test("follows what happens", () => {
    const held = "(exists (?a - agent ?o - object) (and (holds ?a ?o) (objecttype ?o appletype)))";
    const take = ["go to countertop 1", "take apple 1 from countertop 1"];
    expect(holds(held)).toBe(false);
    expect(holds(held, ...take)).toBe(true);
    expect(holds(held, ...take, "move apple 1 to countertop 1")).toBe(false);
    const open = "(exists (?r - receptacle) (and (opened ?r) (openable ?r)))";
    expect(holds(open, "go to cabinet 1")).toBe(false);
    expect(holds(open, "go to cabinet 1", "open cabinet 2")).toBe(true);
  });

  test("an inner variable hides an outer one of the same name", () => {
    expect(
      holds(
        "(exists (?o - object) (and (objecttype ?o mugtype) (exists (?o - object) (objecttype ?o pentype))))",
      ),
    ).toBe(true);
  });

  test.each([
    ["", "ends too early"],
    ["(and", "ends too early"],
    ["(and))", "follows the end"],
    [")", "parenthesis too many"],
    ["mug", "expected a list"],
    ["()", "begin with a word"],
    ["((and))", "begin with a word"],
    ["(not)", "one expression"],
    ["(exists ?o (ishot ?o))", "list of variables"],
    ["(exists () (ishot ?o))", "declares no variable"],
    ["(exists (?o) (ishot ?o))", "has no type"],
    ["(exists (?o - thing) (ishot ?o))", "unknown type"],
    ["(exists (o - object) (ishot o))", "not a variable"],
    ["(ishot ?o)", "not declared"],
    ["(ishot (and))", "takes names"],
    ["(= a)", "two names"],
    [`${"(not ".repeat(100)}(and)${")".repeat(100)}`, "too deeply"],
    [`(exists (${"?o ".repeat(9)}- object) (ishot ?o))`, "too many variables"],
    [" ".repeat(20_001), "too long"],
  ])("rejects %s", (goal, problem) => {
    expect(() => parseGoal(goal)).toThrow(problem);
    expect(() => parseGoal(goal)).toThrow(SyntaxError);
  });

  test.each([
    ["(exists (?o - object) (isgreen ?o))", "unknown predicate"],
    ["(exists (?o - object) (constructor ?o))", "unknown predicate"],
    ["(exists (?o - object) (objecttype ?o hattype))", "which the game lacks"],
    ["(exists (?o - object) (opened ?o))", "takes no object"],
    ["(exists (?o - object) (ishot ?o ?o))", "takes 1 arguments"],
    ["(exists (?o - object) (= ?o mug))", "compares variables"],
  ])("refuses to compile %s", (goal, problem) => {
    expect(() => createWorld({ ...kitchen, goal })).toThrow(problem);
  });
});
