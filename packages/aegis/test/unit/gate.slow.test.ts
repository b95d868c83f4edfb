import { describe, expect, it } from "vitest";
import { rows } from "../../../../benchmarks/gate/rows.ts";
import { simulate, simulateDrift } from "../../../../benchmarks/gate/simulate.ts";

/** Fewer than in the benchmark, hence bounds that leave room for chance. */
const REPETITIONS = 200;
const SLACK = 0.04;

describe("operating characteristics of the gate (simulated)", () => {
  it.each(rows.filter(({ require }) => require))("$name", (row) => {
    const { required, sameShuffled, rollouts } = simulate(row, REPETITIONS);
    expect(required!.got.share).toBeGreaterThanOrEqual((required!.atLeast ?? 0) - SLACK);
    expect(required!.got.share).toBeLessThanOrEqual((required!.atMost ?? 1) + SLACK / 2);
    expect(rollouts.mean).toBeLessThan((required!.meanRollouts ?? Infinity) * 1.1);
    expect(sameShuffled.same).toBe(sameShuffled.tried);
  });

  it("sees ten edits of -1.5 points, and is quiet without any", () => {
    const drift = simulateDrift(REPETITIONS, 2);
    expect(drift.alarms.share).toBeGreaterThan(0.95);
    expect(drift.falseAlarms.share).toBeLessThan(0.06);
    expect(drift.seenByOneEdit.share).toBeLessThan(0.4);
  });

  it("is needed: the rules for comparison ship what has no effect", () => {
    const { shippedBy, decisions } = simulate(
      rows.find(({ name }) => name === "no effect")!,
      REPETITIONS,
    );
    expect(shippedBy.paper.share).toBeGreaterThan(0.6);
    expect(shippedBy.strictIncrease.share).toBeGreaterThan(0.3);
    expect(decisions.APPLY.share + decisions.FORK.share).toBeLessThan(0.03);
  });
});
