import { describe, expect, it } from "vitest";
import { gatePolicy } from "../../src/gate/index.ts";
import type { GateContext, GatePolicy, GateTrial, GateVerdict } from "../../src/gate/index.ts";
import { checkOf, coins, drive, tasksOf, type Answer } from "./gate-drive.ts";

describe("createGate: what else a verdict needs", () => {
  it("rejects what costs too much, breaks episodes, is refused by the audit, or cannot be attributed", () => {
    const good = coins("good", ({ arm }) => (arm === "cand" ? 0.8 : 0.4));
    const tasks = tasksOf(40);
    const cost = drive(tasks, (trial) => ({
      ...good(trial),
      cost: trial.arm === "cand" ? 300 : 100,
    }));
    expect(cost.verdict.reason).toMatch(/^cost/);
    const cheap = drive(tasks, (trial) => ({
      ...good(trial),
      cost: trial.arm === "cand" ? 120 : 100,
    }));
    expect(cheap.verdict.decision).toBe("APPLY");
    const infra = drive(tasks, (trial) => ({
      ...good(trial),
      infra: trial.arm === "cand" && trial.task % 2 === 0,
    }));
    expect(infra.verdict.reason).toMatch(/^infra/);
    const audit = drive(tasks, (trial) => ({
      ...good(trial),
      audit: trial.arm === "cand" && trial.task % 2 === 0 ? 0 : 1,
    }));
    expect(audit.verdict.reason).toMatch(/^audit/);
    const idle = drive(
      tasks,
      (trial) => ({ ...good(trial), fired: 0 }),
      {},
      { minShareOfFlips: 0.6 },
    );
    expect(idle.verdict.reason).toMatch(/^unattributable/);
    const active = drive(
      tasks,
      (trial) => ({ ...good(trial), fired: 1 }),
      {},
      { minShareOfFlips: 0.6 },
    );
    expect(active.verdict.decision).toBe("APPLY");
    expect(drive(tasks, good, {}, { minShareOfFlips: 0.6 }).verdict.decision).toBe("REJECT");
  });

  it("counts a cost of nothing, wants costs of most pairs, and refuses what is no amount", () => {
    const good = coins("good", ({ arm }) => (arm === "cand" ? 0.8 : 0.4));
    const withCosts = (cost: (trial: GateTrial) => number | undefined): GateVerdict => {
      const answer: Answer = (trial) => {
        const amount = cost(trial);
        return { ...good(trial), ...(amount === undefined ? {} : { cost: amount }) };
      };
      return drive(tasksOf(40), answer).verdict;
    };
    expect(withCosts(() => undefined).decision).toBe("APPLY");
    expect(withCosts(({ arm }) => (arm === "cand" ? 0 : 1)).decision).toBe("APPLY");
    expect(withCosts(({ arm }) => (arm === "cand" ? 1 : 0)).reason).toMatch(/^cost/);
    expect(withCosts(({ task }) => (task < 10 ? 1 : undefined))).toMatchObject({
      decision: "INCONCLUSIVE",
      reason: expect.stringMatching(/^cost is not covered/),
    });
    for (const cost of [Number.NaN, -1, Number.POSITIVE_INFINITY])
      expect(() => withCosts(() => cost)).toThrowError(
        expect.objectContaining({ code: "HX_GATE_OUTCOME_INVALID" }),
      );
  });

  it("wants an audit of every pass that is won with, where audits are made", () => {
    const good = coins("good", ({ arm }) => (arm === "cand" ? 0.8 : 0.4));
    const { verdict } = drive(tasksOf(40), (trial) => ({
      ...good(trial),
      ...(trial.arm === "cand" && trial.task === 3 ? {} : { audit: 1 }),
    }));
    expect(verdict).toMatchObject({
      decision: "INCONCLUSIVE",
      reason: expect.stringMatching(/^audit is not covered/),
    });
  });

  it("ships nothing but a revert under a drift alarm", () => {
    const good = coins("good", ({ arm }) => (arm === "cand" ? 0.8 : 0.4));
    const under = (context: GateContext): GateVerdict =>
      drive(tasksOf(40), good, {}, context).verdict;
    expect(under({ driftAlarm: true })).toMatchObject({ decision: "INCONCLUSIVE", trials: 0 });
    expect(checkOf(under({ driftAlarm: true }), "drift").result).toBe("fail");
    expect(under({ driftAlarm: false }).decision).toBe("APPLY");
    expect(checkOf(under({ driftAlarm: false }), "drift").result).toBe("pass");
    expect(under({ driftAlarm: true, intent: "revert" }).decision).toBe("APPLY");
  });

  it("ships a simplification that saves within the degradation budget, and nothing else under that name", () => {
    const same = coins("same", ({ task }) => [0.1, 0.9][task % 2]!);
    const shared: Answer = (trial) => same({ ...trial, arm: "inc" });
    const simplify = (
      answer: Answer,
      cost: number | undefined,
      context: GateContext = {},
      policy: Partial<GatePolicy> = {},
    ): GateVerdict =>
      drive(
        tasksOf(40),
        (trial) => ({
          ...answer(trial),
          ...(cost === undefined ? {} : { cost: trial.arm === "cand" ? cost : 1 }),
        }),
        policy,
        { intent: "simplify", ...context },
      ).verdict;
    const shipped = simplify(shared, 0.7);
    expect(shipped.decision).toBe("APPLY");
    expect(shipped.marginSpent).toBeGreaterThan(0);
    expect(shipped.marginSpent).toBeLessThanOrEqual(gatePolicy.simplifyMargin);
    expect(checkOf(shipped, "non_inferiority").result).toBe("pass");
    expect(checkOf(shipped, "saving").result).toBe("pass");
    // The same edit as a gain is none.
    expect(drive(tasksOf(40), shared).verdict.decision).not.toBe("APPLY");
    // What is left of the budget is what may be given away.
    expect(simplify(shared, 0.7, { marginSpent: 0.05 })).toMatchObject({
      decision: "INCONCLUSIVE",
      trials: 0,
    });
    expect(simplify(shared, 0.7, { marginSpent: 0.049 }).decision).toBe("INCONCLUSIVE");
    expect(simplify(shared, 1).decision).toBe("INCONCLUSIVE");
    expect(simplify(shared, 1.3).reason).toMatch(/costs more/);
    expect(checkOf(simplify(shared, undefined), "saving").result).toBe("no_coverage");
    const worse: Answer = (trial) =>
      trial.arm === "cand" && trial.task % 4 === 1 ? { pass: 0 } : shared(trial);
    expect(simplify(worse, 0.7).decision).toBe("REJECT");
    const everywhere: Answer = (trial) =>
      trial.arm === "cand" && [1, 3].includes(trial.task % 8) ? { pass: 0 } : shared(trial);
    expect(simplify(everywhere, 0.7).reason).toMatch(/it is worse/);
    const slightly: Answer = (trial) =>
      trial.arm === "cand" && trial.task === 1 && trial.rep % 2 === 1 ? { pass: 0 } : shared(trial);
    expect(simplify(slightly, 0.7, {}, { maxBlocks: 5 }).decision).toBe("INCONCLUSIVE");
  });

  it("gives an undecided cluster extra blocks, then lets it through on its estimate alone", () => {
    const good = coins("good", ({ arm }) => (arm === "cand" ? 0.8 : 0.4));
    const tasks = tasksOf(42, 1).map((task, index) =>
      index < 40 ? task : { ...task, cluster: "small" },
    );
    const steady: Answer = (trial) => (trial.task < 40 ? good(trial) : { pass: 1 });
    const watched = drive(tasks, steady);
    expect(watched.verdict.decision).toBe("APPLY");
    expect(watched.verdict.clusters[1]).toMatchObject({ id: "small", state: "OPEN", watch: true });
    expect(checkOf(watched.verdict, "clusters")).toMatchObject({
      result: "pass",
      counts: { open: 1, watched: 1 },
    });
    const extra = watched.log.flat().filter(({ rep }) => rep >= 1000);
    expect(extra).toHaveLength(2 * 2 * gatePolicy.guardBlocks);
    // One loss in fourteen pairs is an estimate below the floor.
    const slipping: Answer = (trial) =>
      trial.arm === "cand" && trial.task === 40 && trial.rep === 0 ? { pass: 0 } : steady(trial);
    expect(drive(tasks, slipping).verdict).toMatchObject({ decision: "FORK", scope: ["c0"] });
    expect(drive(tasks, slipping, {}, { poolSize: 8 }).verdict).toMatchObject({
      decision: "INCONCLUSIVE",
      reason: "undecided clusters: small",
    });
  });

  it("says of every check how it ended and by which counts", () => {
    const { verdict } = drive(
      tasksOf(40),
      coins("gain", ({ arm }) => (arm === "cand" ? 0.75 : 0.35)),
    );
    expect(verdict.checks.map(({ check, result }) => `${check} ${result}`)).toEqual([
      "static not_applicable",
      "drift not_applicable",
      "superiority pass",
      "futility pass",
      "clusters pass",
      "protected not_applicable",
      "infra pass",
      "audit not_applicable",
      "cost not_applicable",
      "activation not_applicable",
    ]);
    for (const { counts } of verdict.checks) {
      expect(Object.keys(counts).length).toBeGreaterThan(0);
      expect(Object.values(counts).every(Number.isFinite)).toBe(true);
    }
    const broken = drive(tasksOf(4), () => ({ pass: 1, infra: true })).verdict;
    expect(broken.decision).toBe("INCONCLUSIVE");
    expect(checkOf(broken, "superiority").result).toBe("no_coverage");
    expect(checkOf(broken, "clusters").result).toBe("no_coverage");
  });
});
