import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  computeAdvantages,
  estimators,
  groupingModes,
  type AdvantageOptions,
  type RewardColumns,
} from "../src/index.ts";

interface Row {
  readonly reward: number;
  readonly task: number;
  readonly harness: number;
}

const row = fc.record({
  reward: fc.oneof(
    fc.integer({ min: 0, max: 8 }).map((eighths) => eighths / 8),
    fc.double({ min: 0, max: 1, noNaN: true }),
  ),
  task: fc.nat(4),
  harness: fc.nat(2),
});
const rows = fc.array(row, { minLength: 1, maxLength: 40 });
const lambda = fc.double({ min: 0, max: 1, noNaN: true });
const options = fc.record({
  mode: fc.constantFrom(...groupingModes),
  estimator: fc.constantFrom(...estimators),
  lambda,
});

const columnsOf = (list: readonly Row[]): RewardColumns => ({
  rewards: Float64Array.from(list, ({ reward }) => reward),
  tasks: Int32Array.from(list, ({ task }) => task),
  harnesses: Int32Array.from(list, ({ harness }) => harness),
});

const close = (a: number, b: number): boolean =>
  Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a), Math.abs(b));

/** Where differences between rewards are far above rounding and ε. */
const spread = (list: readonly Row[]): Row[] =>
  list.map((each) => ({ ...each, reward: Math.round(each.reward * 8) / 8 }));

describe("advantages", () => {
  test.prop([rows, options])("of a group add up to zero", (list, chosen) => {
    const { advantages } = computeAdvantages(columnsOf(spread(list)), chosen);
    const sums = new Map<string, number>();
    for (const [at, { task, harness }] of list.entries()) {
      const group = chosen.mode === "within" ? `${task} ${harness}` : `${task}`;
      sums.set(group, (sums.get(group) ?? 0) + advantages[at]!);
    }
    for (const sum of sums.values()) expect(Math.abs(sum)).toBeLessThan(1e-6);
  });

  test.prop([rows, options, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }))])(
    "do not depend on the order",
    (list, chosen, keys) => {
      const plain = computeAdvantages(columnsOf(list), chosen);
      const order = list
        .map((_row, at) => [keys.next().value as number, at] as const)
        .toSorted(([a], [b]) => a - b)
        .map(([, at]) => at);
      const moved = computeAdvantages(columnsOf(order.map((at) => list[at]!)), chosen);
      for (const [to, from] of order.entries()) {
        expect(moved.flags[to]).toBe(plain.flags[from]);
        expect(close(moved.advantages[to]!, plain.advantages[from]!)).toBe(true);
      }
    },
  );

  test.prop([
    rows,
    options,
    fc.double({ min: 0.1, max: 100, noNaN: true }),
    fc.double({ min: -1000, max: 1000, noNaN: true }),
  ])("scale with the rewards and ignore what is added to all", (list, chosen, factor, shift) => {
    const even = spread(list);
    const normalized = chosen.estimator === "grpo" && chosen.mode !== "residual";
    // maxrl is defined by the mean, so only a factor leaves it as it is.
    const added = chosen.estimator === "maxrl" ? 0 : shift;
    const exact: AdvantageOptions = { ...chosen, epsilon: 0 };
    const plain = computeAdvantages(columnsOf(even), exact).advantages;
    const changed = even.map((each) => ({ ...each, reward: factor * each.reward + added }));
    const scaled = computeAdvantages(columnsOf(changed), exact).advantages;
    const by = normalized || chosen.estimator === "maxrl" ? 1 : factor;
    for (const [at, value] of plain.entries()) expect(close(scaled[at]!, by * value)).toBe(true);
  });

  test.prop([rows, fc.constantFrom(...estimators), fc.double({ min: -1, max: 1, noNaN: true })])(
    "within ignore what a harness adds on a task",
    (list, estimator, offset) => {
      fc.pre(estimator !== "maxrl");
      const even = spread(list);
      const chosen = { mode: "within", estimator } as const;
      const plain = computeAdvantages(columnsOf(even), chosen).advantages;
      const moved = even.map((each) =>
        each.harness === 0 ? { ...each, reward: each.reward + offset } : each,
      );
      const result = computeAdvantages(columnsOf(moved), chosen).advantages;
      for (const [at, value] of plain.entries()) expect(close(result[at]!, value)).toBe(true);
    },
  );

  test.prop([rows, options])(
    "ignore unusable rewards as if they were not there",
    (list, chosen) => {
      const plain = computeAdvantages(columnsOf(list), chosen).advantages;
      const more = list.flatMap((each) => [each, { ...each, reward: NaN }]);
      const mixed = computeAdvantages(columnsOf(more), chosen).advantages;
      for (const [at, value] of plain.entries()) {
        expect(close(mixed[2 * at]!, value)).toBe(true);
        expect(mixed[2 * at + 1]).toBe(0);
      }
    },
  );
});
