import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { createAssembler, diagnoseRows, type Turn } from "../src/index.ts";

const turn = (seq: number, promptIds: number[], outputIds: number[], more: Partial<Turn> = {}) => ({
  seq,
  promptIds,
  outputIds,
  logprobs: outputIds.map((_id, at) => -(at + 1) / 8),
  ...more,
});

const first = turn(1, [1, 2, 3], [4, 5], { logprobs: [-0.1, -0.2] });
const second = turn(2, [1, 2, 3, 4, 5, 6, 7], [8], { logprobs: [-0.3] });

const assembled = (turns: readonly Turn[], options = {}) => {
  const assembler = createAssembler(options);
  for (const each of turns) assembler.add(each);
  return {
    rows: assembler.rows(),
    drift: assembler.drift(),
    names: assembler.diagnostics().map(({ name }) => name),
  };
};

describe("the worked example", () => {
  test("a prompt that goes on keeps the row", () => {
    const { rows, drift, names } = assembled([first, second]);
    expect(rows).toHaveLength(1);
    const [row] = rows;
    expect([...row!.tokenIds]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(Array.from(row!.lossMask).slice(3)).toEqual([1, 1, 0, 0, 1]);
    for (const [at, value] of [-0.1, -0.2, 0, 0, -0.3].entries())
      expect(row!.logprobs[3 + at]).toBeCloseTo(value, 6);
    expect(row!.promptLen).toBe(3);
    expect([drift, names]).toEqual([{ clean: 1, realign: 0, fork: 0 }, []]);
  });

  test("a prompt that parts opens a row", () => {
    const { rows, drift } = assembled([first, { ...second, promptIds: [1, 2, 3, 9, 6, 7] }]);
    expect(rows.map(({ lossMask }) => [...lossMask])).toEqual([
      [0, 0, 0, 1, 1],
      [0, 0, 0, 0, 0, 0, 1],
    ]);
    expect(drift.fork).toBe(1);
  });
});

describe("why a prompt parts", () => {
  test.each([
    ["retokenisation-drift", [1, 2, 3, 9, 6, 7], {}],
    ["retokenisation-drift", [1, 2, 3, 4, 9, 6], {}],
    ["template-not-append-only", [1, 9, 3, 4, 5, 6], {}],
    ["history-edited", [1, 9, 3, 4, 5, 6], { historyEdited: true }],
    ["repeated-prompt", [1, 2, 3], {}],
  ])("%s", (name, prompt, more) => {
    expect(assembled([first, turn(2, prompt, [8], more)]).names).toEqual([name]);
  });

  test("realigning takes a short drift as context, when asked to", () => {
    const drifted = turn(2, [1, 2, 3, 4, 9, 6], [8]);
    const { rows, drift, names } = assembled([first, drifted], { realign: 1 });
    expect([...rows[0]!.tokenIds]).toEqual([1, 2, 3, 4, 9, 6, 8]);
    expect([...rows[0]!.lossMask]).toEqual([0, 0, 0, 1, 0, 0, 1]);
    expect([...rows[0]!.logprobs].map((value) => value === 0)).toEqual(
      [...rows[0]!.lossMask].map((bit) => bit === 0),
    );
    expect([drift.realign, names]).toEqual([1, ["realigned"]]);
    expect(diagnoseRows(rows)).toEqual([]);
    const whole = turn(2, [1, 2, 3, 9, 6], [8]);
    expect(assembled([first, whole], { realign: 1 }).drift.fork).toBe(1);
    expect(assembled([first, whole], { realign: 9 }).drift.fork).toBe(1);
  });

  test("interleaved contexts each go on in their own row", () => {
    const { rows, drift } = assembled([
      first,
      turn(2, [7, 7], [6]),
      turn(3, [1, 2, 3, 4, 5, 0], [1]),
      turn(4, [7, 7, 6, 5], [4]),
    ]);
    expect(rows.map(({ turns }) => turns.map(({ seq }) => seq))).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(drift).toEqual({ clean: 2, realign: 0, fork: 1 });
    expect(
      assembled([first, turn(2, [7], [6]), { ...second, seq: 3 }], { openRows: 1 }).drift.fork,
    ).toBe(2);
  });
});

describe("refused", () => {
  test.each([
    ["unequal lengths", { logprobs: [-1] }],
    ["a positive log-probability", { logprobs: [-1, 0.1] }],
    ["NaN", { logprobs: [-1, NaN] }],
    ["minus infinity", { logprobs: [-1, -Infinity] }],
    ["what overflows 32 bits", { logprobs: [-1, -1e300] }],
    ["an id that is no whole number", { promptIds: [1.5] }],
    ["a negative id", { outputIds: [-1, 2] }],
    ["no output", { outputIds: [], logprobs: [] }],
    ["a model version below 0", { modelVersion: -1 }],
  ])("%s", (_name, bad) => {
    const assembler = createAssembler();
    expect(() => assembler.add({ ...first, ...bad })).toThrow(
      expect.objectContaining({ code: "HX_GRPO_TURN_INVALID" }),
    );
    assembler.add(first);
    expect(assembler.rows()).toHaveLength(1);
  });

  test("a turn that comes twice counts once", () => {
    const { rows, names } = assembled([first, first, second]);
    expect([rows.length, names]).toEqual([1, ["duplicate-turn"]]);
  });
});

const piece = fc.array(fc.nat(50), { minLength: 1, maxLength: 5 });

property.prop([fc.array(fc.record({ said: piece, told: piece }), { minLength: 1, maxLength: 8 })])(
  "of any conversation that only grows, exactly what was sampled is trained on",
  (steps) => {
    const assembler = createAssembler();
    let held = [0];
    const expected: number[] = [0];
    for (const [seq, { said, told }] of steps.entries()) {
      assembler.add(turn(seq, held, said));
      held = [...held, ...said, ...told];
      expected.push(...said.map(() => 1), ...told.map(() => 0));
    }
    const [row, ...more] = assembler.rows();
    const length = row!.tokenIds.length;
    expect(more).toEqual([]);
    expect([...row!.tokenIds]).toEqual(held.slice(0, length));
    expect([...row!.lossMask]).toEqual(expected.slice(0, length));
    expect(diagnoseRows([row!])).toEqual([]);
  },
);
