import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { auditRows, kendallTau, scoreRows } from "../src/index.ts";

/** Every case worked out by hand: agent, gold, score. */
const cases: readonly (readonly [string, string, string, number])[] = [
  ["the same", "a b c", "a b c", 1],
  ["both empty", "", "", 1],
  ["nothing where something is wanted", "", "a", 0],
  ["something where nothing is wanted", "a", "", 0],
  ["nothing in common", "a b", "c d", 0],
  ["one of two, no order to judge", "a", "a b", 0.5],
  ["one of three in the union", "a c", "a b", 0.33],
  ["a row too often: 1 of 2", "a a", "a", 0.5],
  ["equal rows have no order", "a a", "a a", 1],
  ["reversed: tau is -1", "c b a", "a b c", -1],
  ["reversed half: 2 of 4 times -1", "b a x", "a b y", -0.5],
  // Pairs (a,a) (c,b) (b,c): two agree, one does not: 1/3.
  ["one swap in three", "a c b", "a b c", 0.33],
  // Common rows in order; 3 of 4.
  ["a row too many at the end", "a b c d", "a b c", 0.75],
  ["a row too many in the middle keeps the order", "a x b c", "a b c", 0.75],
  // By place: (1,2) is tied in gold, (1,3) in the answer, (2,3) disagrees: -1 of sqrt(2 * 2).
  ["ties: -1 of 2", "a b a", "a a b", -0.5],
  ["an eighth goes to the even digit", "a", "a b c d e f g h", 0.12],
  ["three eighths go to the even digit", "a b c", "a b c d e f g h", 0.38],
];

const rows = (text: string): string[] => text.split(" ").filter((row) => row !== "");

describe("the score of rows", () => {
  test.each(cases)("%s: %j against %j is %d", (_, agent, gold, wanted) => {
    expect(scoreRows(rows(agent), rows(gold))).toBe(wanted);
    expect(Math.abs(auditRows(rows(agent), rows(gold)) - wanted)).toBeLessThanOrEqual(0.005 + 1e-9);
  });

  test("200 of 201 rows, and none of them in another order, is rounded to a pass as upstream", () => {
    const gold = Array.from({ length: 201 }, (_, index) => String(index).padStart(3, "0"));
    expect(scoreRows(gold.slice(0, 200), gold)).toBe(1);
    expect(scoreRows(gold.slice(0, 199), gold)).toBe(0.99);
  });

  test("tau is no number without two different rows", () => {
    expect(kendallTau([], [])).toBeNaN();
    expect(kendallTau(["a"], ["a"])).toBeNaN();
    expect(kendallTau(["a", "a"], ["a", "a"])).toBeNaN();
    expect(kendallTau(["a", "b"], ["a", "b"])).toBe(1);
  });
});

const someRows = fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 12 });

describe("for any rows", () => {
  property.prop([someRows, someRows])("the audit agrees and both stay in range", (agent, gold) => {
    const score = scoreRows(agent, gold);
    const audit = auditRows(agent, gold);
    expect(Math.abs(score)).toBeLessThanOrEqual(1);
    expect(Math.abs(score - audit)).toBeLessThanOrEqual(0.005 + 1e-9);
    expect(audit > 0.995).toBe(score === 1);
  });

  property.prop([someRows, someRows])("agent and gold may change places", (agent, gold) => {
    expect(scoreRows(agent, gold)).toBe(scoreRows(gold, agent));
  });

  property.prop([someRows])("a result agrees with itself", (gold) => {
    expect(scoreRows(gold, gold)).toBe(1);
  });

  property.prop([someRows, fc.constantFrom("x", "y")])("an extra row never passes", (gold, row) => {
    expect(scoreRows([...gold, row], gold)).toBeLessThan(1);
  });
});
