import { describe, expect, it } from "vitest";
import fc from "fast-check";
import {
  createDriftDetector,
  createGate,
  gatePolicy,
  logEValue,
  taskStatus,
  trunkDecision,
} from "../../src/gate/index.ts";
import type {
  GateOutcome,
  GatePolicy,
  GateTask,
  GateTrial,
  GateVerdict,
} from "../../src/gate/index.ts";
import { createRandom } from "../../src/statistics/index.ts";

const tasksOf = (count: number, clusters = 4, hist?: { s: number; f: number }): GateTask[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `t${index}`,
    cluster: `c${index % clusters}`,
    ...(hist ? { hist } : {}),
  }));

type Answer = (trial: GateTrial) => Omit<GateOutcome, keyof GateTrial>;

/** Drives a gate to its verdict and keeps the log. */
function drive(
  tasks: readonly GateTask[],
  answer: Answer,
  policy: Partial<GatePolicy> = {},
  context = {},
  order = <T>(list: T[]): T[] => list,
) {
  const gate = createGate(policy, tasks, context);
  const log: GateOutcome[][] = [];
  for (;;) {
    const step = gate.next();
    if (step.type === "verdict") return { verdict: step, log };
    const outcomes = step.trials.map((trial) => ({ ...trial, ...answer(trial) }));
    log.push(outcomes);
    gate.observe(order(outcomes));
  }
}

/** Independent coin flips with a pass rate for each arm and task. */
const coins =
  (seed: number | string, rate: (trial: GateTrial) => number): Answer =>
  (trial) => {
    const random = createRandom(`${seed} ${trial.arm} ${trial.task} ${trial.rep}`);
    return { pass: random.next() < rate(trial) ? 1 : 0 };
  };

describe("taskStatus", () => {
  it("calls a task solved at 5 of 5, 8 of 9 and 11 of 13, and not before", () => {
    for (const [s, f] of [
      [5, 0],
      [8, 1],
      [11, 2],
    ] as const) {
      expect(taskStatus(s, f)).toBe("SOLVED");
      expect(taskStatus(s - 1, f)).toBe("FLAKY");
    }
    expect(taskStatus(0, 3)).toBe("FAILED");
    for (const [s, f] of [
      [7, 0],
      [11, 1],
      [15, 2],
    ] as const) {
      expect(taskStatus(s, f, { theta: 0.6 })).toBe("SOLVED");
      expect(taskStatus(s - 1, f, { theta: 0.6 })).toBe("FLAKY");
    }
  });
});

describe("logEValue", () => {
  it("has expectation at most one under the hypothesis", () => {
    // Exact: all outcomes of six pairs with P(+1) = P(-1) = 0.3.
    let expectation = 0;
    for (let a = 0; a <= 6; a += 1)
      for (let b = 0; a + b <= 6; b += 1) {
        const c = 6 - a - b;
        const ways = factorial(6) / (factorial(a) * factorial(b) * factorial(c));
        expectation += ways * 0.3 ** (a + b) * 0.4 ** c * Math.exp(logEValue(0, { a, b, c }));
      }
    expect(expectation).toBeLessThanOrEqual(1 + 1e-12);
    expect(expectation).toBeGreaterThan(0.999);
  });

  it("grows with wins, falls with losses", () => {
    expect(logEValue(0, { a: 10, b: 0, c: 5 })).toBeGreaterThan(logEValue(0, { a: 9, b: 0, c: 6 }));
    expect(logEValue(0, { a: 5, b: 5, c: 0 })).toBeLessThan(0);
    expect(logEValue(-0.1, { a: 0, b: 0, c: 40 })).toBeGreaterThan(Math.log(5));
  });
});
const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));

describe("createGate", () => {
  it("applies a clear gain and rejects harm", () => {
    const gain = drive(
      tasksOf(40),
      coins("gain", ({ arm }) => (arm === "cand" ? 0.75 : 0.35)),
    );
    expect(gain.verdict).toMatchObject({ decision: "APPLY", collapsed: [] });
    expect(gain.verdict.interval[0]).toBeGreaterThan(0);
    expect(gain.verdict.interval[1]).toBeGreaterThan(gain.verdict.effect);
    expect(
      drive(
        tasksOf(40),
        coins("harm", ({ arm }) => (arm === "cand" ? 0.2 : 0.5)),
      ).verdict.decision,
    ).toBe("REJECT");
  });

  it("asks for whole blocks of both arms on every task", () => {
    const { log } = drive(
      tasksOf(5),
      coins(1, () => 0.5),
      { maxBlocks: 2 },
    );
    for (const block of log) {
      expect(block).toHaveLength(10);
      expect(new Set(block.map(({ arm, task }) => `${arm} ${task}`)).size).toBe(10);
    }
    const gate = createGate({}, tasksOf(3));
    expect(gate.next()).toBe(gate.next());
  });

  it("refuses outcomes that were not asked for, and keeps its state", () => {
    const gate = createGate({}, tasksOf(2));
    const step = gate.next();
    if (step.type !== "request") throw new Error("no request");
    const good = step.trials.map((trial) => ({ ...trial, pass: 1 as const }));
    const code = { code: "HX_GATE_OUTCOME_INVALID" };
    expect(() => gate.observe(good.slice(1))).toThrowError(expect.objectContaining(code));
    expect(() => gate.observe([...good, good[0]!])).toThrowError(expect.objectContaining(code));
    expect(() => gate.observe([{ ...good[0]!, rep: 7 }, ...good.slice(1)])).toThrowError(
      expect.objectContaining(code),
    );
    expect(() => gate.observe([{ ...good[0]!, pass: 2 as never }, ...good.slice(1)])).toThrowError(
      expect.objectContaining(code),
    );
    gate.observe(good);
    expect(gate.next().type).toBe("request");
  });

  it("rejects without a trial on static findings, and when the run's certifications are spent decides nothing", () => {
    expect(createGate({}, tasksOf(3), { staticFindings: ["reads answers"] }).next()).toMatchObject({
      decision: "REJECT",
      trials: 0,
    });
    expect(createGate({}, tasksOf(3), { confirmIndex: 15 }).next()).toMatchObject({
      decision: "INCONCLUSIVE",
    });
    expect(createGate({}, []).next()).toMatchObject({ decision: "INCONCLUSIVE" });
    expect(() => createGate({ alphaRun: 2 }, [])).toThrowError(
      expect.objectContaining({ code: "HX_GATE_POLICY_INVALID" }),
    );
    expect(() => createGate({ typo: 1 } as never, [])).toThrowError(
      expect.objectContaining({ code: "HX_GATE_POLICY_INVALID" }),
    );
  });

  it("forks when one cluster gains and another is harmed", () => {
    const rate = ({ arm, task }: GateTrial): number =>
      arm === "inc" ? 0.5 : task % 2 === 0 ? 0.95 : 0.1;
    const { verdict } = drive(tasksOf(40, 2), coins("fork", rate));
    expect(verdict).toMatchObject({ decision: "FORK", scope: ["c0"] });
    expect(drive(tasksOf(40, 2), coins("fork", rate), {}, { poolSize: 8 }).verdict.decision).toBe(
      "REJECT",
    );
  });

  it("does not ship a gain that loses a solved task", () => {
    const tasks = tasksOf(40, 1, { s: 20, f: 0 }).map((task, index) =>
      index === 0 ? task : { id: task.id, cluster: task.cluster },
    );
    const rate = ({ arm, task }: GateTrial): number =>
      task === 0 ? (arm === "cand" ? 0.02 : 1) : arm === "cand" ? 0.8 : 0.4;
    const { verdict } = drive(tasks, coins("lost", rate));
    expect(verdict).toMatchObject({ decision: "REJECT", collapsed: ["t0"] });
    const kept = drive(
      tasks,
      coins("kept", ({ arm, task }) => (task === 0 ? 1 : arm === "cand" ? 0.8 : 0.4)),
    );
    expect(kept.verdict.decision).toBe("APPLY");
    expect(kept.verdict.checks.find(({ check }) => check === "protected")).toMatchObject({
      result: "pass",
    });
  });

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

  it("does not depend on the order of delivery, and a replay gives the same bytes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (seed, inc, cand) => {
          const answer: Answer = (trial) => ({
            ...coins(seed, ({ arm }) => (arm === "cand" ? cand : inc))(trial),
            cost: 1 + createRandom(`${seed} ${trial.task} ${trial.arm}`).next(),
          });
          const tasks = tasksOf(12, 3, { s: 8, f: 0 });
          const straight = drive(tasks, answer);
          const mixed = drive(tasks, answer, {}, {}, (list) => createRandom(seed).shuffle(list));
          expect(JSON.stringify(mixed.verdict)).toBe(JSON.stringify(straight.verdict));
          const gate = createGate({}, tasks);
          for (const batch of straight.log) gate.observe(batch);
          expect(JSON.stringify(gate.next())).toBe(JSON.stringify(straight.verdict));
        },
      ),
      { numRuns: 40 },
    );
  });

  it("rarely ships nothing and nearly always ships twenty points", () => {
    const decisions = (effect: number, runs: number): GateVerdict["decision"][] =>
      Array.from({ length: runs }, (_, seed) => {
        const base = (task: number): number => [0.1, 0.3, 0.5, 0.6][task % 4]!;
        return drive(
          tasksOf(50),
          coins(
            `oc ${effect} ${seed}`,
            ({ arm, task }) => base(task) + (arm === "cand" ? effect : 0),
          ),
        ).verdict.decision;
      });
    const shipped = (list: readonly string[]): number =>
      list.filter((one) => one === "APPLY" || one === "FORK").length;
    expect(shipped(decisions(0, 40))).toBeLessThanOrEqual(1);
    expect(shipped(decisions(0.2, 20))).toBeGreaterThanOrEqual(19);
    expect(decisions(-0.15, 10).every((one) => one === "REJECT")).toBe(true);
  });

  it("knows the paper's rule for comparison, which ships noise", () => {
    let shipped = 0;
    for (let seed = 0; seed < 20; seed += 1) {
      const { verdict } = drive(
        tasksOf(50),
        coins(`paper ${seed}`, () => 0.4),
        { rule: "paper" },
      );
      expect(verdict.trials).toBe(200);
      if (verdict.decision !== "REJECT") shipped += 1;
    }
    expect(shipped).toBeGreaterThan(10);
    expect(gatePolicy.rule).toBe("certify");
  });
});

describe("createDriftDetector", () => {
  it("sees many small losses and is quiet without any", () => {
    const random = createRandom("drift");
    const look = (down: number) => {
      const detector = createDriftDetector({ A: 150 });
      for (let round = 1; round <= 30; round += 1) {
        const counts = { a: 0, b: 0, c: 0 };
        for (let pair = 0; pair < 100; pair += 1) {
          const u = random.next();
          counts[u < 0.2 ? "a" : u < 0.4 + down ? "b" : "c"] += 1;
        }
        if (detector.look(counts.a, counts.b, counts.c)) return round;
      }
      return Number.POSITIVE_INFINITY;
    };
    expect(look(0.1)).toBeLessThan(20);
    expect(
      Array.from({ length: 10 }, () => look(0)).filter(Number.isFinite).length,
    ).toBeLessThanOrEqual(1);
  });
});

describe("trunkDecision", () => {
  it("takes a gain, drops a loss and waits where it cannot tell", () => {
    const tasks = (cand: number, inc: number, n: number) =>
      Array.from({ length: 50 }, () => ({ cand: { pass: cand, n }, inc: { pass: inc, n } }));
    expect(trunkDecision(tasks(2, 1, 4)).decision).toBe("take");
    expect(trunkDecision(tasks(1, 2, 4)).decision).toBe("drop");
    expect(trunkDecision([]).decision).toBe("undecided");
    expect(trunkDecision(tasks(2, 1, 4)).mean).toBeGreaterThan(8);
  });
});
