import { describe, expect, test } from "vitest";
import {
  advantagesOf,
  computeAdvantages,
  isInformative,
  parseRewardLine,
  type AdvantageOptions,
  type RewardRecord,
} from "../src/index.ts";

const records = (rewards: readonly (number | null)[], harness = "h", taskId = "t") =>
  rewards.map((reward): RewardRecord => ({ taskId, harness, reward }));

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [at, value] of expected.entries())
    expect(Math.abs(actual[at]! - value)).toBeLessThan(1e-6);
}

const of = (rows: readonly RewardRecord[], options: AdvantageOptions) =>
  advantagesOf(rows, options).advantages;

describe("the worked examples of the estimators", () => {
  const rewards = [1, 0, 0, 1, 0, 0, 0, 0];
  test.each([
    ["grpo", 1.620182, -0.540061],
    ["dr-grpo", 0.75, -0.25],
    ["rloo", 0.857143, -0.285714],
    ["maxrl", 3, -1],
  ] as const)("%s", (estimator, good, bad) => {
    for (const mode of ["within", "cross"] as const)
      expectClose(
        of(records(rewards), { mode, estimator }),
        rewards.map((reward) => (reward === 1 ? good : bad)),
      );
  });

  test("normalize decides about σ, whatever the estimator", () => {
    const grpo = { mode: "cross", estimator: "grpo" } as const;
    expectClose(
      of(records(rewards), { ...grpo, normalize: "none" }),
      of(records(rewards), { mode: "cross", estimator: "dr-grpo" }),
    );
    expectClose(
      of(records(rewards), { mode: "cross", estimator: "dr-grpo", normalize: "std" }),
      of(records(rewards), grpo),
    );
  });
});

describe("the worked examples of the modes", () => {
  const both = [...records([1, 1, 1, 0], "h1"), ...records([1, 0, 0, 0], "h2")];

  test("cross compares over harnesses, within does not", () => {
    const x = 0.935413;
    expectClose(of(both, { mode: "cross", estimator: "grpo" }), [x, x, x, -x, x, -x, -x, -x]);
    const [a, b] = [0.499999, 1.499997];
    expectClose(of(both, { mode: "within", estimator: "grpo" }), [a, a, a, -b, b, -a, -a, -a]);
  });

  test("hybrid lies between the two and reaches both", () => {
    const estimator = "rloo";
    const cross = of(both, { mode: "cross", estimator });
    const within = of(both, { mode: "within", estimator });
    expectClose(of(both, { mode: "hybrid", estimator, lambda: 0 }), cross);
    expectClose(of(both, { mode: "hybrid", estimator, lambda: 1 }), within);
    expectClose(
      of(both, { mode: "hybrid", estimator, lambda: 0.25 }),
      cross.map((value, at) => 0.75 * value + 0.25 * within[at]!),
    );
    expectClose(
      of(both, { mode: "hybrid", estimator: "dr-grpo" }),
      [0.375, 0.375, 0.375, -0.625, 0.625, -0.375, -0.375, -0.375],
    );
  });

  test("residual takes off what the harness gets on other tasks, and no σ", () => {
    const rows = [
      ...records([1, 1], "strong", "a"),
      ...records([1, 0], "weak", "a"),
      // Means on the other task: strong 1, weak 0.5.
      ...records([1, 1], "strong", "b"),
      ...records([0, 1], "weak", "b"),
    ];
    const result = of(rows, { mode: "residual", estimator: "grpo" });
    // 1−1, 1−1, 1−½, 0−½: their mean is 0.
    expectClose(result, [0, 0, 0.5, -0.5, 0, 0, -0.5, 0.5]);
    expectClose(
      of(rows.slice(0, 4), { mode: "residual", estimator: "grpo" }),
      [0.25, 0.25, 0.25, -0.75],
    );
  });
});

describe("flags", () => {
  const options = { mode: "within", estimator: "grpo" } as const;
  const mixed: RewardRecord[] = [
    ...records([1, 0, null], "h", "nan"),
    ...records([1, 1, 1], "h", "flat"),
    ...records([0.7], "h", "alone"),
    ...records([1, 0, 0], "h", "good"),
    { taskId: "good", harness: "h" },
    { taskId: "good", harness: "h", reward: Infinity },
  ];

  test("say why an advantage is 0, and leave healthy groups alone", () => {
    const { flags, advantages, stats } = advantagesOf(mixed, options);
    expect(flags).toEqual([
      "uneven-group",
      "uneven-group",
      "nan-reward",
      ...Array(3).fill("zero-variance"),
      "single-member",
      null,
      null,
      null,
      "missing-reward",
      "infinite-reward",
    ]);
    for (const [at, flag] of flags.entries())
      expect(advantages[at] !== 0).toBe(isInformative(flag));
    expect(stats).toMatchObject({
      trajectories: 12,
      groups: 4,
      degenerateGroups: 2,
      degenerateShare: 0.5,
      flagged: { "nan-reward": 1, "zero-variance": 3, "single-member": 1 },
    });
  });

  test("a lone reward is no advantage, and a NaN does not spoil its group", () => {
    expectClose(of(mixed, options).slice(0, 3), [Math.SQRT1_2, -Math.SQRT1_2, 0]);
    expect(of(mixed, options)[6]).toBe(0);
  });

  test("group size is checked where one is expected", () => {
    const rows = [...records([1, 0, 0, 1], "h", "a"), ...records([1, 0], "h", "b")];
    const flagged = advantagesOf(rows, { ...options, groupSize: 4 }).flags;
    expect(flagged).toEqual([null, null, null, null, "wrong-cardinality", "wrong-cardinality"]);
    expect(advantagesOf(rows.slice(0, 4), { ...options, groupSize: 4 }).flags).toEqual(
      Array(4).fill(null),
    );
  });

  test("maxrl has no advantage where the mean is not positive", () => {
    const { advantages, flags } = advantagesOf(records([1, -1]), {
      mode: "cross",
      estimator: "maxrl",
    });
    expect([advantages, flags]).toEqual([
      [0, 0],
      ["mean-not-positive", "mean-not-positive"],
    ]);
  });

  test("rewards equal but for rounding have no variance; small true differences have", () => {
    const flat = records([0.1 + 0.2, 0.3, 0.3]);
    expect(advantagesOf(flat, { ...options, epsilon: 0 }).advantages).toEqual([0, 0, 0]);
    const small = advantagesOf(records([1e-9, 0]), { ...options, epsilon: 0 });
    expectClose(small.advantages, [Math.SQRT1_2, -Math.SQRT1_2]);
  });
});

describe("what is never mixed", () => {
  test.each(["taskSetId", "rewardSpec", "tokenizer"])("%s", (key) => {
    const rows = [1, 0].map((reward) => ({
      taskId: "t",
      harness: "h",
      reward,
      [key]: `${reward}`,
    }));
    const options = { mode: "cross", estimator: "grpo" } as const;
    expect(advantagesOf(rows, options).flags).toEqual(["single-member", "single-member"]);
    const same = rows.map((row) => ({ ...row, [key]: "same" }));
    expect(advantagesOf(same, options).flags).toEqual([null, null]);
  });

  test("versions of one lineage are two harnesses", () => {
    const rows = [1, 2].map((version) => ({
      taskId: "t",
      harness: { lineage: "h", version },
      reward: version,
    }));
    const within = { mode: "within", estimator: "grpo" } as const;
    expect(advantagesOf(rows, within).flags).toEqual(["single-member", "single-member"]);
    expect(advantagesOf(rows, { ...within, mode: "cross" }).flags).toEqual([null, null]);
  });
});

describe("stats", () => {
  test("leakage is the share of variance between harnesses", () => {
    const apart = [...records([1, 1], "h1"), ...records([0, 0], "h2")];
    const cross = advantagesOf(apart, { mode: "cross", estimator: "dr-grpo" }).stats;
    expect(cross.leakage).toBeCloseTo(1, 12);
    expect(cross.meanAdvantageByHarness).toEqual({ h1: 0.5, h2: -0.5 });
    expect(cross.effectiveSampleSize).toBeCloseTo(4, 12);
    const same = [...records([1, 0], "h1"), ...records([1, 0], "h2")];
    expect(advantagesOf(same, { mode: "cross", estimator: "grpo" }).stats.leakage).toBeCloseTo(
      0,
      12,
    );
  });

  test("staleness counts lags", () => {
    const rows = [3, 4, 4].map((modelVersion) => ({ ...records([1])[0]!, modelVersion }));
    const options = { mode: "cross", estimator: "grpo", currentModelVersion: 5 } as const;
    expect(advantagesOf(rows, options).stats.staleness).toEqual({ "1": 2, "2": 1 });
  });

  test("of nothing", () => {
    const { advantages, stats } = advantagesOf([], { mode: "within", estimator: "grpo" });
    expect(advantages).toEqual([]);
    expect(stats).toMatchObject({ groups: 0, degenerateShare: 0, meanReward: null, leakage: 0 });
  });
});

describe("refused", () => {
  const rows = records([1, 0]);
  const good = { mode: "within", estimator: "grpo" } as const;
  test.each([
    [{ mode: "both" }],
    [{ estimator: "ppo" }],
    [{ epsilon: -1 }],
    [{ epsilon: NaN }],
    [{ lambda: 1.1 }],
    [{ normalize: "mean" }],
    [{ estimator: "maxrl", normalize: "std" }],
    [{ groupSize: 0 }],
  ])("options %j", (bad) => {
    expect(() => advantagesOf(rows, { ...good, ...(bad as Partial<AdvantageOptions>) })).toThrow(
      expect.objectContaining({ code: "HX_GRPO_OPTIONS_INVALID" }),
    );
  });

  test("columns that do not fit, ids below 0 and a missing harness", () => {
    const columns = {
      rewards: Float64Array.of(1, 0),
      tasks: new Int32Array(2),
      harnesses: new Int32Array(2),
    };
    expect(computeAdvantages(columns, good).advantages).toHaveLength(2);
    for (const bad of [{ tasks: new Int32Array(1) }, { harnesses: Int32Array.of(0, -1) }])
      expect(() => computeAdvantages({ ...columns, ...bad }, good)).toThrow(
        expect.objectContaining({ code: "HX_GRPO_COLUMNS_INVALID" }),
      );
    const nameless = [1, 0].map((reward) => ({ taskId: "t", reward }));
    expect(() => advantagesOf(nameless, good)).toThrow(/has no harness/);
    expect(advantagesOf(nameless, { ...good, mode: "cross" }).flags).toEqual([null, null]);
  });
});

test("lines of rewards: what Python writes is understood, what is wrong is named", () => {
  const parse = (text: string) => parseRewardLine(text, "r.jsonl", 7);
  expect(parse('{"taskId":"a","reward":NaN, "x":1}').reward).toBeNaN();
  expect(parse('{"taskId":"a","reward":-Infinity}').reward).toBe(-Infinity);
  expect(parse('{"taskId":"a","reward":null}').reward).toBeNull();
  for (const bad of ['{"taskId":', '{"reward":1}', '{"taskId":"a","reward":"1"}', "[]"])
    expect(() => parse(bad)).toThrow(/Line 7 of r.jsonl/);
});
