import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTraceFile, readTrace } from "@harnessx/core";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  assembleTrace,
  diagnoseRows,
  lossBatch,
  referenceLoss,
  serializeTrajectory,
  type Trajectory,
} from "../src/index.ts";
import { playedTrace, type SampledCall } from "./episode.ts";

const calls = {
  tokens: { prompt: [1, 2, 3], output: [4, 5], logprobs: [-0.1, -0.2] },
  calls: true,
};
const answers: SampledCall = {
  tokens: { prompt: [1, 2, 3, 4, 5, 6, 7], output: [8], logprobs: [-0.3] },
};

const names = async (played: readonly SampledCall[], facts = {}) =>
  assembleTrace(await playedTrace(played), { reward: 1, ...facts }).diagnostics.map(
    ({ name }) => name,
  );

test("a run becomes a trajectory, the tool's text masked", async () => {
  const { trajectory, diagnostics, drift } = assembleTrace(await playedTrace([calls, answers]), {
    reward: 0.5,
    modelVersion: (model) => (model === "sampler" ? 7 : 0),
  });
  expect(diagnostics).toEqual([]);
  expect(drift).toEqual({ clean: 1, realign: 0, fork: 0 });
  expect(trajectory).toMatchObject({
    taskId: "task-1",
    harness: {
      lineage: "looker",
      version: "3",
      configHash: expect.stringMatching(/^sha256-[0-9a-f]{64}$/),
    },
    reward: 0.5,
    verifier: "given",
    model: "sampler",
    tokenizer: "sampler",
    status: "ok",
    minModelVersion: 7,
    maxModelVersion: 7,
    seed: 5,
  });
  expect(trajectory!.rows.map(({ lossMask }) => [...lossMask])).toEqual([[0, 0, 0, 1, 1, 0, 0, 1]]);
});

test("a trace on disk gives the same bytes", async () => {
  const events = await playedTrace([calls, answers]);
  const dir = await mkdtemp(join(tmpdir(), "hx-grpo-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const path = join(dir, "trace.jsonl");
  const sink = openTraceFile(path);
  for (const event of events) sink.write(event);
  await sink.close();
  const read = await readTrace(path);
  const line = (from: typeof events) =>
    serializeTrajectory(assembleTrace(from, { reward: 1 }).trajectory!);
  expect(line(read.events)).toBe(line(events));
});

describe("diagnostics", () => {
  const tokens = calls.tokens;
  test.each([
    ["missing-ids", [{ calls: true }, answers], {}],
    ["missing-prompt-ids", [{ ...calls, tokens: { output: [4], logprobs: [-1] } }, answers], {}],
    ["token-count-mismatch", [{ ...calls, reported: 9 }, answers], {}],
    ["dropped-end-of-sequence", [{ ...calls, reported: 3 }, answers], {}],
    ["dropped-end-of-sequence", [calls, answers], { endTokens: [5] }],
    [
      "retokenisation-drift",
      [calls, { tokens: { ...answers.tokens!, prompt: [1, 2, 3, 45, 6] } }],
      {},
    ],
    [
      "template-not-append-only",
      [calls, { tokens: { ...answers.tokens!, prompt: [1, 3, 4, 5] } }],
      {},
    ],
  ] as const)("%s", async (name, played, facts) => {
    expect(await names(played as readonly SampledCall[], facts)).toEqual([name]);
  });

  test("look-alikes pass", async () => {
    expect(await names([calls, answers], { endTokens: [5, 8] })).toEqual([]);
    // Cut by the length limit: no end token is due.
    const cut = { ...answers, finish: "length" as const };
    expect(await names([calls, cut], { endTokens: [5] })).toEqual([]);
  });

  test("sampling that biases the ratio", async () => {
    const events = await playedTrace([calls, answers]);
    const found = (sampling: object) =>
      assembleTrace(
        events.map((event) => (event.type === "model.request" ? { ...event, sampling } : event)),
        { reward: 1 },
      ).diagnostics.map(({ name }) => name);
    for (const biased of [{ topP: 0.9 }, { temperature: 0.7 }])
      expect(found(biased)).toEqual(["biased-sampling", "biased-sampling"]);
    expect(found({ temperature: 1, topP: 1 })).toEqual([]);
  });

  test("a run that broke off, a reward that never came, a reward that is none", async () => {
    const events = await playedTrace([calls, answers]);
    const open = assembleTrace(
      events.filter(({ type }) => type !== "run.end"),
      { reward: 1 },
    );
    expect(open.diagnostics.map(({ name }) => name)).toEqual(["no-end"]);
    expect(open.trajectory!.status).toBe("error");
    for (const facts of [{}, { reward: NaN }, { evaluation: "score" }]) {
      const without = assembleTrace(events, facts);
      expect(without.diagnostics.map(({ name }) => name)).toEqual(["missing-reward"]);
      expect(without.trajectory).toBeUndefined();
    }
  });

  test("a model exchanged within the episode", async () => {
    let version = 0;
    const { trajectory, diagnostics } = assembleTrace(await playedTrace([calls, answers]), {
      reward: 1,
      modelVersion: () => (version += 1),
    });
    expect(diagnostics.map(({ name }) => name)).toEqual(["mixed-model-versions"]);
    expect(trajectory).toMatchObject({ minModelVersion: 1, maxModelVersion: 2 });
  });

  test("nothing to train on", async () => {
    const { trajectory, diagnostics } = assembleTrace(await playedTrace([{}]), { reward: 1 });
    expect(diagnostics.map(({ name }) => name)).toEqual(["missing-ids", "no-trained-tokens"]);
    expect(trajectory).toBeUndefined();
    expect(tokens.output).toHaveLength(2);
  });

  test("calls of processors are nobody's turn", async () => {
    const events = (await playedTrace([calls, answers])).map((event) =>
      event.type === "model.request" && event.call === 2 ? { ...event, by: "judge" } : event,
    );
    const { trajectory } = assembleTrace(events, { reward: 1 });
    expect(trajectory!.rows[0]!.turns.map(({ seq }) => seq)).toEqual([1]);
  });

  test("no trace at all", () => {
    expect(() => assembleTrace([], { reward: 1 })).toThrow(
      expect.objectContaining({ code: "HX_GRPO_TRACE_UNFIT" }),
    );
  });
});

test("evaluations give the reward when there is a single one, or a named one", async () => {
  const events = await playedTrace([calls, answers]);
  const judged = (evaluations: readonly object[]) =>
    events.map((event) =>
      event.type === "run.end" ? ({ ...event, evaluations } as typeof event) : event,
    );
  const [good, other] = [
    { name: "tests", score: 0.75 },
    { name: "style", score: 0.25 },
  ];
  const of = (list: readonly object[], facts = {}) => assembleTrace(judged(list), facts).trajectory;
  expect(of([good])).toMatchObject({ reward: 0.75, verifier: "tests" });
  expect(of([good, other])).toBeUndefined();
  expect(of([good, other], { evaluation: "style" })).toMatchObject({
    reward: 0.25,
    verifier: "style",
    rewardParts: { tests: 0.75, style: 0.25 },
  });
});

test("a planted mask bug changes the gradient, and is found and refused", async () => {
  const { trajectory } = assembleTrace(await playedTrace([calls, answers]), { reward: 1 });
  const [row] = trajectory!.rows;
  const planted: Trajectory = {
    ...trajectory!,
    // All that is not the prompt: the bug of training on the tool's reply.
    rows: [{ ...row!, lossMask: row!.lossMask.map((_bit, at) => (at >= row!.promptLen ? 1 : 0)) }],
  };
  const gradient = ({ rows }: Trajectory): number[] => {
    const [{ logprobs, lossMask }] = rows as [Trajectory["rows"][0]];
    const batch = lossBatch([
      {
        advantage: 1,
        mask: Array.from(lossMask) as (0 | 1)[],
        logprobs: Array.from(logprobs),
        behaviour: Array.from(logprobs),
      },
    ]);
    const options = {
      surrogate: "clip",
      level: "token",
      aggregation: { kind: "token-mean" },
    } as const;
    return Array.from(referenceLoss(batch, options).gradient);
  };
  expect(gradient(trajectory!)).toEqual([0, 0, 0, -1 / 3, -1 / 3, 0, 0, -1 / 3]);
  expect(gradient(planted)).toEqual([0, 0, 0, -0.2, -0.2, -0.2, -0.2, -0.2]);
  expect(diagnoseRows(trajectory!.rows)).toEqual([]);
  expect(diagnoseRows(planted.rows)).toEqual([
    { name: "mask-on-tool-text", message: "Row 0 trains on 2 tokens that no turn sampled." },
  ]);
  expect(() => serializeTrajectory(planted)).toThrow(/trains on token 5, which no turn sampled/);
});
