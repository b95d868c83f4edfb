import { describe, expect, test } from "vitest";
import {
  createAssembler,
  exportBatch,
  parseTrajectory,
  serializeTrajectory,
  trajectoryProblem,
  type Trajectory,
  type TrajectoryRow,
} from "../src/index.ts";

function trajectory(id: string, reward: number, more: Partial<Trajectory> = {}): Trajectory {
  const assembler = createAssembler();
  assembler.add({ seq: 1, promptIds: [1, 2], outputIds: [3, 4], logprobs: [-0.1, -0] });
  assembler.add({ seq: 2, promptIds: [1, 2, 3, 4, 5], outputIds: [6], logprobs: [-1 / 3] });
  return {
    id,
    taskId: "t",
    taskSetId: "s",
    harness: { lineage: "h", version: "1", configHash: "abc" },
    reward,
    verifier: "score",
    model: "m",
    tokenizer: "m",
    status: "ok",
    minModelVersion: 0,
    maxModelVersion: 0,
    seed: 1,
    rows: assembler.rows(),
    ...more,
  };
}

const options = { mode: "cross", estimator: "grpo" } as const;

test("a line reads back and writes the same bytes", () => {
  const line = serializeTrajectory(trajectory("a", 1, { split: "train", rewardParts: { x: 1 } }));
  const read = parseTrajectory(line);
  expect(read.rows[0]!.tokenIds).toBeInstanceOf(Int32Array);
  expect(read.rows[0]!.logprobs[2]).toBe(Math.fround(-0.1));
  expect(serializeTrajectory(read)).toBe(line);
});

test("a batch has the same bytes and id in any order, and other bytes for other rewards", () => {
  const list = [trajectory("b", 0), trajectory("a", 1), trajectory("c", 0)];
  const batch = exportBatch(list, options);
  const again = exportBatch(list.toReversed(), options);
  expect(again).toEqual(batch);
  expect(batch.lines.map((line) => parseTrajectory(line).id)).toEqual(["a", "b", "c"]);
  expect(batch.lines.map((line) => parseTrajectory(line).advantage! > 0)).toEqual([
    true,
    false,
    false,
  ]);
  const reread = exportBatch(
    batch.lines.map((line) => parseTrajectory(line)),
    options,
  );
  expect(reread.lines).toEqual(batch.lines);
  expect(reread.id).toBe(batch.id);
  expect(exportBatch([...list.slice(1), trajectory("b", 1)], options).id).not.toBe(batch.id);
  expect(exportBatch(list, { ...options, epsilon: 1e-4 }).id).not.toBe(batch.id);
});

test("groups without signal are left out unless they are asked for", () => {
  const list = [trajectory("a", 1), trajectory("b", 1)];
  expect(exportBatch(list, options).lines).toEqual([]);
  const kept = exportBatch(list, { ...options, keepDegenerate: true });
  expect(kept.lines.map((line) => parseTrajectory(line).flag)).toEqual([
    "zero-variance",
    "zero-variance",
  ]);
});

test("nothing is trained on twice, and verifiers and tokenizers do not mix", () => {
  expect(() => exportBatch([trajectory("a", 1), trajectory("a", 0)], options)).toThrow(
    /there twice/,
  );
  for (const more of [{ verifier: "other" }, { tokenizer: "other" }, { taskSetId: "other" }])
    expect(exportBatch([trajectory("a", 1), trajectory("b", 0, more)], options).lines).toEqual([]);
  expect(exportBatch([trajectory("a", 1), trajectory("b", 0)], options).lines).toHaveLength(2);
});

describe("an invariant that does not hold is named", () => {
  const [good] = trajectory("a", 1).rows as [TrajectoryRow];
  const set = <A extends Int32Array | Uint8Array | Float32Array>(
    from: A,
    at: number,
    to: number,
  ): A => {
    const copy = from.slice() as A;
    copy[at] = to;
    return copy;
  };
  test.each<[string, Partial<TrajectoryRow>]>([
    ["4 mask bits", { lossMask: good.lossMask.slice(0, 4) }],
    ["5 log-probabilities", { logprobs: good.logprobs.slice(0, 5) }],
    ["trains on token 4", { lossMask: set(good.lossMask, 4, 1) }],
    ["trains on token 0", { lossMask: set(good.lossMask, 0, 1) }],
    ["has a log-probability at token 4", { logprobs: set(good.logprobs, 4, -1) }],
    ["log-probability 0.5", { logprobs: set(good.logprobs, 2, 0.5) }],
    ["log-probability NaN", { logprobs: set(good.logprobs, 2, NaN) }],
    ["log-probability -Infinity", { logprobs: set(good.logprobs, 2, -Infinity) }],
    ["the token id -1", { tokenIds: set(good.tokenIds, 0, -1) }],
    ["the index 1", { index: 1 }],
    ["has no turn", { turns: [] }],
    ["has turn 2 from", { turns: [good.turns[0]!, { ...good.turns[1]!, start: 3 }] }],
    ["has turn 2 from", { turns: [good.turns[0]!, { ...good.turns[1]!, end: 9 }] }],
    ["has turn 1 within its prompt", { promptLen: 3 }],
    ["not behind its prompt", { promptLen: 1 }],
    ["model version 4", { turns: [good.turns[0]!, { ...good.turns[1]!, modelVersion: 4 }] }],
    ["no trained token", { lossMask: new Uint8Array(6), logprobs: new Float32Array(6) }],
  ])("%s", (problem, bad) => {
    const broken = trajectory("a", 1, { rows: [{ ...good, ...bad }] });
    expect(trajectoryProblem(broken)).toContain(problem);
    expect(() => serializeTrajectory(broken)).toThrow(
      expect.objectContaining({ code: "HX_GRPO_TRAJECTORY_INVALID" }),
    );
  });

  test("a reward that is no number; and a good one passes", () => {
    expect(trajectoryProblem(trajectory("a", NaN))).toBe("the reward is NaN");
    expect(trajectoryProblem(trajectory("a", 1))).toBeUndefined();
  });

  test("lines", () => {
    const line = serializeTrajectory(trajectory("a", 1));
    const other = (change: object) => JSON.stringify({ ...JSON.parse(line), ...change });
    for (const bad of [
      "{",
      other({ v: 2 }),
      other({ rows: [] }),
      other({ extra: 1 }),
      other({ reward: null }),
    ])
      expect(() => parseTrajectory(bad, "b.jsonl", 4)).toThrow(/Line 4 of b.jsonl/);
    const rows = [{ ...JSON.parse(line).rows[0], lossMask: [1, 1, 1, 1, 1, 1] }];
    expect(() => parseTrajectory(other({ rows }))).toThrow(/trains on token 0/);
  });
});
