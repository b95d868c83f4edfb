import { describe, expect, it } from "vitest";
import fc from "fast-check";
import {
  createDriftDetector,
  createGate,
  gatePolicy,
  logEValue,
  measureNoise,
  resolvePolicy,
  taskStatus,
  trunkDecision,
} from "../../src/gate/index.ts";
import type { GateContext, GatePolicy, GateVerdict } from "../../src/gate/index.ts";
import { inOrder } from "../../src/gate/requests.ts";
import { createRandom } from "../../src/statistics/index.ts";
import { coins, drive, tasksOf, type Answer } from "./gate-drive.ts";

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

  it("ships nothing before the least number of blocks, and needs not as many to reject", () => {
    const gain = coins("gain", ({ arm }) => (arm === "cand" ? 0.95 : 0.1));
    expect(drive(tasksOf(40), gain).log).toHaveLength(2);
    expect(drive(tasksOf(40), gain, { minBlocks: 4 }).log).toHaveLength(4);
    const harm = coins("harm", ({ arm }) => (arm === "cand" ? 0.05 : 0.9));
    expect(drive(tasksOf(40), harm, { minBlocks: 4 }).log).toHaveLength(1);
    const same = drive(tasksOf(40), () => ({ pass: 1 }));
    expect(same.verdict).toMatchObject({
      decision: "REJECT",
      reason: expect.stringMatching(/^futile/),
    });
  });

  it("resumes an undecided certification with more blocks, from its own log", () => {
    const answer = coins("resume 1", ({ arm }) => (arm === "cand" ? 0.55 : 0.4));
    const short = drive(tasksOf(40), answer, { maxBlocks: 2 });
    expect(short.verdict.decision).toBe("INCONCLUSIVE");
    const gate = createGate({}, tasksOf(40));
    for (const batch of short.log) gate.observe(batch);
    let step = gate.next();
    while (step.type === "request") {
      gate.observe(step.trials.map((trial) => ({ ...trial, ...answer(trial) })));
      step = gate.next();
    }
    expect(step).toEqual(drive(tasksOf(40), answer).verdict);
    expect(step.decision).toBe("APPLY");
  });

  it("refuses policies that mean nothing", () => {
    const bad: unknown[] = [
      { rule: "certify" },
      { audit: "yes" },
      { effect: 0 },
      { forkGain: -0.1 },
      { forkGain: Number.NaN },
      { maxBlocks: 5000 },
      { guardBlocks: 0.5 },
      { minBlocks: 11 },
      { futility: 1 },
      { watchFloor: -2 },
      { costLimit: 1 },
    ];
    for (const policy of bad)
      expect(() => createGate(policy as Partial<GatePolicy>, []), JSON.stringify(policy)).toThrow(
        expect.objectContaining({ code: "HX_GATE_POLICY_INVALID" }),
      );
    expect(resolvePolicy()).toEqual(gatePolicy);
  });

  it("counts what the log holds, whatever the mix of failures", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const random = createRandom(seed);
        const bit = (rate: number): 0 | 1 => (random.next() < rate ? 1 : 0);
        const { verdict, log } = drive(tasksOf(14, 3), ({ arm }) => ({
          pass: bit(arm === "cand" ? 0.6 : 0.5),
          audit: bit(0.97),
          ...(random.next() < 0.05 ? { infra: true } : {}),
        }));
        const outcomes = log.flat();
        const expected = new Map<string, { a: number; b: number; c: number }>();
        for (const cand of outcomes.filter(({ arm }) => arm === "cand")) {
          const inc = outcomes.find(
            ({ arm, task, rep }) => arm === "inc" && task === cand.task && rep === cand.rep,
          );
          if (!inc || cand.infra || inc.infra) continue;
          const difference = (cand.pass && cand.audit!) - (inc.pass && inc.audit!);
          const id = `c${cand.task % 3}`;
          const counts = expected.get(id) ?? { a: 0, b: 0, c: 0 };
          counts[difference > 0 ? "a" : difference < 0 ? "b" : "c"] += 1;
          expected.set(id, counts);
        }
        for (const { id, a, b, c } of verdict.clusters)
          expect({ id, a, b, c }).toEqual({ id, ...expected.get(id) });
        expect(verdict.trials).toBe(outcomes.length);
      }),
      { numRuns: 30 },
    );
  });

  it("takes outcomes in the order of the request, so that sums of costs round alike", () => {
    const step = createGate({}, tasksOf(20)).next();
    if (step.type !== "request") throw new Error("no request");
    const outcomes = step.trials.map((trial) => ({ ...trial, pass: 1 as const }));
    const shuffled = createRandom(1).shuffle(outcomes);
    expect(shuffled).not.toEqual(outcomes);
    expect(inOrder(step.trials, shuffled)).toEqual(outcomes);
  });

  it("does not depend on the order of delivery, and a replay gives the same bytes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom<GateContext>({}, { intent: "simplify" }, { minShareOfFlips: 0.5 }),
        (seed, inc, cand, context) => {
          const answer: Answer = (trial) => {
            const random = createRandom(`${seed} ${trial.task} ${trial.arm} ${trial.rep}`);
            const own = trial.arm === "cand" ? cand : inc;
            // The second cluster goes the other way, so that forks come up as well.
            const rate = trial.task % 3 === 1 ? 1 - own : own;
            return {
              pass: random.next() < rate ? 1 : 0,
              cost: (trial.arm === "cand" ? 0.7 : 1) + random.next(),
              audit: random.next() < 0.97 ? 1 : 0,
              infra: random.next() < 0.02,
              fired: random.next() < 0.8 ? 1 : 0,
            };
          };
          const tasks = tasksOf(18, 3, { s: 8, f: 0 });
          const straight = drive(tasks, answer, {}, context);
          const mixed = drive(tasks, answer, {}, context, (list) =>
            createRandom(seed).shuffle(list),
          );
          expect(JSON.stringify(mixed.verdict)).toBe(JSON.stringify(straight.verdict));
          expect(mixed.log).toEqual(straight.log);
          const gate = createGate({}, tasks, context);
          for (const batch of straight.log) gate.observe(batch);
          expect(JSON.stringify(gate.next())).toBe(JSON.stringify(straight.verdict));
        },
      ),
      { numRuns: 30 },
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

  it("knows two plain rules for comparison, which ship noise", () => {
    let shipped = 0;
    let increased = 0;
    for (let seed = 0; seed < 20; seed += 1) {
      const { verdict } = drive(
        tasksOf(50),
        coins(`paper ${seed}`, () => 0.4),
        { rule: "paper" },
      );
      expect(verdict.trials).toBe(200);
      if (verdict.decision !== "REJECT") shipped += 1;
      const strict = drive(
        tasksOf(50),
        coins(`paper ${seed}`, () => 0.4),
        { rule: "strict-increase" },
      ).verdict;
      expect(strict.decision).toBe(strict.effect > 0 ? "APPLY" : "REJECT");
      if (strict.decision === "APPLY") increased += 1;
    }
    expect(shipped).toBeGreaterThan(10);
    // Ever solved: a pass long ago is one to lose.
    const gains: Answer = ({ arm, task }) => ({ pass: arm === "cand" && task === 0 ? 1 : 0 });
    const paper = { rule: "paper" } as const;
    expect(drive(tasksOf(2, 2), gains, paper).verdict.decision).toBe("APPLY");
    const once = tasksOf(2, 2).map((task) =>
      task.id === "t1" ? { ...task, hist: { s: 1, f: 9 } } : task,
    );
    expect(drive(once, gains, paper).verdict).toMatchObject({ decision: "FORK", scope: ["c0"] });
    expect(increased).toBeGreaterThan(4);
    expect(gatePolicy.rule).toBe("certified");
  });
});

describe("measureNoise", () => {
  it("tells how many tasks flip and how far apart two measurements of one harness may be", () => {
    const tasks = [
      [0, 0],
      [1, -1],
      [0, 1],
      [0, 0],
    ].map((differences, index) => ({ task: `t${index}`, cluster: "a", differences }));
    const noise = measureNoise([...tasks, { task: "unplayed", cluster: "a", differences: [] }], 1);
    expect(noise).toMatchObject({ tasks: 4, pairs: 8, flipped: 0.5 });
    expect(noise.halfWidth).toBeGreaterThan(5);
    expect(noise.halfWidth).toBeLessThan(40);
    expect(measureNoise([tasks[0]!], 1).halfWidth).toBe(0);
    expect(measureNoise([], 1)).toEqual({ tasks: 0, pairs: 0, flipped: 0, halfWidth: 100 });
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
