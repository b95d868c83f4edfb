import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import {
  lossBatch,
  parseLossLine,
  referenceLoss,
  tokenWeights,
  type LossBatch,
  type LossOptions,
} from "../src/index.ts";

const plain: LossOptions = {
  surrogate: "clip",
  level: "token",
  aggregation: { kind: "token-mean" },
};

const one = (behaviour: number, logprob: number, advantage: number, more: object = {}): LossBatch =>
  lossBatch([{ advantage, logprobs: [logprob], behaviour: [behaviour], ...more }]);

describe("one token", () => {
  test.each([
    ["the ratio above its bound", one(-1, -0.5, 1), {}, -1.28, 0],
    ["dual clip", one(-3, -1, -1), { dualClip: 3 }, 3, 0],
    ["a negative advantage without dual clip", one(-3, -1, -1), {}, Math.exp(2), Math.exp(2)],
    ["the ratio below its bound", one(-0.5, -1, -1), {}, 0.8, 0],
    ["inside the bounds", one(-1, -0.9, 2), {}, -2 * Math.exp(0.1), -2 * Math.exp(0.1)],
    ["cispo learns where clip does not", one(-1, -0.5, 1), { surrogate: "cispo" }, 0.64, -1.28],
    ["no bound", one(-1, -0.5, 1), { surrogate: "ratio" }, -Math.exp(0.5), -Math.exp(0.5)],
    [
      "a truncated weight",
      one(-2, -1, 1, { proximal: [-1] }),
      { correction: { kind: "truncate", cap: 2 } },
      -2,
      -2,
    ],
    [
      "a weight beyond the mask",
      one(-2, -1, 1, { proximal: [-1] }),
      { correction: { kind: "mask", low: 0.5, high: 2 } },
      0,
      0,
    ],
    [
      "a weight within the mask",
      one(-1.5, -1, 1, { proximal: [-1] }),
      { correction: { kind: "mask", low: 0.5, high: 2 } },
      -Math.exp(0.5),
      -Math.exp(0.5),
    ],
    [
      "KL k3 alone",
      one(-1, -1, 0, { reference: [-2] }),
      { kl: { beta: 2, estimator: "k3" } },
      2 * Math.exp(-1),
      2 * (1 - Math.exp(-1)),
    ],
    ["KL k1", one(-1, -1, 0, { reference: [-2] }), { kl: { beta: 1, estimator: "k1" } }, 1, 1],
    ["KL k2", one(-1, -1, 0, { reference: [-3] }), { kl: { beta: 1, estimator: "k2" } }, 2, 2],
  ] as const)("%s", (_name, batch, options, loss, slope) => {
    const result = referenceLoss(batch, { ...plain, ...(options as Partial<LossOptions>) });
    expect(result.loss).toBeCloseTo(loss, 9);
    expect(result.gradient[0]).toBeCloseTo(slope, 9);
  });

  test("the second moment drops the tokens farthest off until the rest fits", () => {
    const batch = lossBatch([{ advantage: 1, behaviour: [-1, -1, -1], logprobs: [-1, -1.1, -3] }]);
    const { gradient, stats } = referenceLoss(batch, {
      ...plain,
      surrogate: "ratio",
      secondMoment: 0.04,
    });
    expect([...gradient].map((slope) => slope === 0)).toEqual([false, false, true]);
    expect(stats.droppedShare).toBeCloseTo(1 / 3);
    const fitting = { ...plain, secondMoment: 2 };
    expect(referenceLoss(batch, fitting).stats.droppedShare).toBe(0);
  });
});

describe("aggregation", () => {
  const two = lossBatch([
    { trajectory: "a", advantage: 1, logprobs: [-1, -1, -1], behaviour: [-1, -1, -1] },
    { trajectory: "b", advantage: -1, logprobs: [-1], behaviour: [-1] },
  ]);
  test.each([
    [{ kind: "token-mean" }, (-3 + 1) / 4],
    [{ kind: "sequence-mean" }, 0],
    [{ kind: "constant", divisor: 10 }, (-3 + 1) / 20],
  ] as const)("%j", (aggregation, loss) => {
    expect(referenceLoss(two, { ...plain, aggregation }).loss).toBeCloseTo(loss, 12);
  });
});

const logprob = fc.double({ min: -4, max: -0.05, noNaN: true });
const token = fc.record({
  logprob,
  behaviour: logprob,
  proximal: logprob,
  reference: logprob,
  trained: fc.boolean(),
  advantage: fc.double({ min: -2, max: 2, noNaN: true }),
});
const tokenRows = fc.array(
  fc.record({
    name: fc.constantFrom("a", "b", "c"),
    tokens: fc.array(token, { minLength: 1, maxLength: 6 }),
  }),
  { minLength: 1, maxLength: 4 },
);
const anyOptions: fc.Arbitrary<LossOptions> = fc.record(
  {
    surrogate: fc.constantFrom("clip", "cispo", "ratio"),
    level: fc.constantFrom("token", "sequence"),
    aggregation: fc.constantFrom(
      { kind: "token-mean" },
      { kind: "sequence-mean" },
      { kind: "constant", divisor: 7 },
    ),
    correction: fc.constantFrom({ kind: "truncate", cap: 2 }, { kind: "mask", low: 0.5, high: 2 }),
    secondMoment: fc.constantFrom(0.04, 1),
    kl: fc.record({
      beta: fc.constant(0.3),
      estimator: fc.constantFrom("k1", "k2", "k3"),
    }),
  },
  { requiredKeys: ["surrogate", "level", "aggregation"] },
) as fc.Arbitrary<LossOptions>;

type TokenRow = typeof tokenRows extends fc.Arbitrary<infer Rows> ? Rows : never;

const batchOf = (rows: TokenRow): LossBatch =>
  lossBatch(
    rows.map(({ name, tokens }) => ({
      trajectory: name,
      advantage: tokens.map(({ advantage }) => advantage),
      mask: tokens.map(({ trained }) => (trained ? 1 : 0)),
      logprobs: tokens.map((each) => each.logprob),
      behaviour: tokens.map(({ behaviour }) => behaviour),
      proximal: tokens.map(({ proximal }) => proximal),
      reference: tokens.map(({ reference }) => reference),
    })),
  );

const STEP = 1e-6;

/** The slope from both sides, everything behind a stop-gradient held. */
function finiteDifference(batch: LossBatch, options: LossOptions, at: number): [number, number] {
  const value = (by: number): number => {
    const logprobs = Float64Array.from(batch.logprobs);
    logprobs[at]! += by;
    return referenceLoss({ ...batch, logprobs }, options, batch.logprobs).loss;
  };
  return [(value(STEP) - value(0)) / STEP, (value(0) - value(-STEP)) / STEP];
}

describe("gradients", () => {
  property.prop([tokenRows, anyOptions, fc.boolean()], { numRuns: 400 })(
    "agree with finite differences",
    (rows, options, dual) => {
      const batch = batchOf(rows);
      const chosen = dual && options.surrogate === "clip" ? { ...options, dualClip: 3 } : options;
      const { gradient } = referenceLoss(batch, chosen);
      for (let at = 0; at < batch.mask.length; at += 1) {
        const [right, left] = finiteDifference(batch, chosen, at);
        const size = Math.max(1, Math.abs(right), Math.abs(left));
        // At a kink the two sides differ, and there is no gradient to compare with.
        if (Math.abs(right - left) > 1e-3 * size) continue;
        expect(Math.abs((right + left) / 2 - gradient[at]!)).toBeLessThan(1e-6 * size);
      }
    },
  );

  property.prop([tokenRows, anyOptions])("never look behind the mask", (rows, options) => {
    const batch = batchOf(rows);
    const spoil = (column: Float64Array) =>
      column.map((value, at) => (batch.mask[at] === 0 ? NaN : value));
    const spoiled: LossBatch = {
      ...batch,
      advantages: spoil(batch.advantages),
      logprobs: spoil(batch.logprobs),
      behaviour: spoil(batch.behaviour),
      proximal: spoil(batch.proximal!),
      reference: spoil(batch.reference!),
    };
    const expected = referenceLoss(batch, options);
    const actual = referenceLoss(spoiled, options);
    expect(actual).toEqual(expected);
    for (const [at, bit] of batch.mask.entries())
      if (bit === 0) expect(actual.gradient[at]).toBe(0);
  });

  property.prop([fc.array(token, { minLength: 2, maxLength: 8 }), fc.nat(), anyOptions])(
    "of a trajectory weigh the same when it is forked",
    (tokens, cut, options) => {
      fc.pre(options.level === "token");
      const at = 1 + (cut % (tokens.length - 1));
      const whole = batchOf([
        { name: "a", tokens },
        { name: "b", tokens },
      ]);
      const forked = batchOf([
        { name: "a", tokens: tokens.slice(0, at) },
        { name: "a", tokens: tokens.slice(at) },
        { name: "b", tokens },
      ]);
      const [one, two] = [referenceLoss(whole, options), referenceLoss(forked, options)];
      expect(two.loss).toBeCloseTo(one.loss, 9);
      for (const [index, slope] of one.gradient.entries())
        expect(two.gradient[index]).toBeCloseTo(slope, 9);
    },
  );
});

test("every trained token of a forked trajectory weighs a third", () => {
  const weights = tokenWeights(
    {
      rowStarts: Int32Array.of(0, 5, 12),
      trajectories: Int32Array.of(0, 0),
      mask: Uint8Array.of(0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1),
    },
    { kind: "sequence-mean" },
  );
  expect([...weights].filter((weight) => weight > 0)).toEqual([1 / 3, 1 / 3, 1 / 3]);
});

describe("refused", () => {
  const batch = one(-1, -0.5, 1);
  test.each([
    [{ clipLow: 2 }],
    [{ clipHigh: -1 }],
    [{ dualClip: 1 }],
    [{ dualClip: 3, surrogate: "cispo" }],
    [{ aggregation: { kind: "constant", divisor: 0 } }],
    [{ correction: { kind: "truncate", cap: 2 } }],
    [{ kl: { beta: 1, estimator: "k3" } }],
    [{ surrogate: "ppo" }],
    [{ level: "word" }],
    [{ secondMoment: -1 }],
  ])("options %j", (bad) => {
    expect(() => referenceLoss(batch, { ...plain, ...(bad as object) } as LossOptions)).toThrow(
      expect.objectContaining({ code: "HX_GRPO_OPTIONS_INVALID" }),
    );
  });

  test("columns that do not fit", () => {
    for (const bad of [
      { rowStarts: Int32Array.of(0, 2) },
      { rowStarts: Int32Array.of(1, 1) },
      { logprobs: Float64Array.of(NaN) },
      { behaviour: new Float64Array(2) },
      { trajectories: new Int32Array(2) },
    ])
      expect(() => referenceLoss({ ...batch, ...bad }, plain)).toThrow(
        expect.objectContaining({ code: "HX_GRPO_COLUMNS_INVALID" }),
      );
    const row = { advantage: 1, logprobs: [-1], behaviour: [-1] };
    expect(() => lossBatch([row, { ...row, proximal: [-1] }])).toThrow(/1 of 2 rows/);
  });

  test("lines", () => {
    for (const bad of ["{", "{}", '{"advantage":1,"logprobs":[-1],"behaviour":[]}'])
      expect(() => parseLossLine(bad, "x.jsonl", 3)).toThrow(/Line 3 of x.jsonl/);
  });
});
