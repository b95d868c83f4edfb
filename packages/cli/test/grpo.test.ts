import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hx, scratch } from "./run-hx.ts";

const lines = (rows: readonly object[]): string =>
  `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`;
const rewards = (values: readonly unknown[], harness: string) =>
  values.map((reward) => ({ taskId: "t", harness, reward, seed: 1 }));
const both = [...rewards([1, 1, 1, 0], "h1"), ...rewards([1, 0, 0, 0], "h2")];
const rounded = (values: readonly number[]) => values.map((value) => Number(value.toFixed(6)));

describe("advantages", () => {
  test("of a file, in the order of its lines", async () => {
    const dir = await scratch();
    await writeFile(join(dir, "r.jsonl"), lines(both));
    const run = async (...args: string[]) => {
      const outcome = await hx(dir, ["grpo", "advantages", "r.jsonl", ...args, "--json"]);
      expect(outcome.exit).toBe(0);
      const result = outcome.json();
      expect(result.flags).toEqual(Array(8).fill(null));
      return rounded(result.advantages);
    };
    const x = 0.935413;
    expect(await run("--mode", "cross", "--estimator", "grpo")).toEqual([
      x,
      x,
      x,
      -x,
      x,
      -x,
      -x,
      -x,
    ]);
    const [a, b] = [0.499999, 1.499997];
    expect(await run("--mode", "within", "--estimator", "grpo")).toEqual([
      a,
      a,
      a,
      -b,
      b,
      -a,
      -a,
      -a,
    ]);
    expect(await run("--mode", "cross", "--normalize", "none")).toEqual(
      await run("--mode", "cross", "--estimator", "dr-grpo"),
    );
    expect(await run("--mode", "hybrid", "--lambda", "1", "--estimator", "rloo")).toEqual(
      await run("--mode", "within", "--estimator", "rloo"),
    );
    expect((await run("--mode", "cross", "--epsilon", "1"))[0]).toBeCloseTo(0.5 / 1.534522, 5);
  });

  test("of standard input, with what Python writes", async () => {
    const dir = await scratch();
    const answers = [
      '{"taskId":"t","harness":"h","reward":NaN}',
      "",
      ...lines(both).trim().split("\n"),
    ];
    const outcome = await hx(dir, ["grpo", "advantages", "--mode", "cross", "--json"], { answers });
    expect(outcome.json().flags).toEqual(["nan-reward", ...Array(8).fill(null)]);
    expect(outcome.json().stats).toMatchObject({ trajectories: 9, groups: 1 });
    const text = await hx(dir, ["grpo", "advantages", "--mode", "cross"], { answers });
    expect(text.stdout).toContain("nan-reward");
    expect(text.stdout).toContain("1 group, 0 without signal");
  });

  test("names the line that is wrong, and wrong options", async () => {
    const dir = await scratch();
    await writeFile(join(dir, "r.jsonl"), `${lines(both)}\n{"taskId":\n`);
    const run = (...args: string[]) => hx(dir, ["grpo", "advantages", ...args, "--json"]);
    const broken = await run("r.jsonl");
    expect([broken.exit, broken.json().code, broken.json().details.line]).toEqual([
      3,
      "HX_GRPO_LINE_INVALID",
      10,
    ]);
    const gone = await run("gone.jsonl");
    expect([gone.exit, gone.json().code]).toEqual([3, "HX_CLI_SYSTEM"]);
    for (const bad of [
      ["--mode", "both"],
      ["--estimator", "ppo"],
      ["--lambda", "2"],
      ["--epsilon", "x"],
    ])
      expect((await run("r.jsonl", ...bad)).exit).toBe(2);
  });
});

describe("loss", () => {
  test("of the worked examples", async () => {
    const dir = await scratch();
    const run = async (row: object, ...args: string[]) =>
      (
        await hx(dir, ["grpo", "loss", ...args, "--json"], { answers: [JSON.stringify(row)] })
      ).json();
    const up = { advantage: 1, behaviour: [-1], logprobs: [-0.5] };
    expect(await run(up)).toMatchObject({ loss: -1.28, gradients: [[0]] });
    const down = { advantage: -1, behaviour: [-3], logprobs: [-1] };
    expect((await run(down, "--dual-clip", "3")).loss).toBe(3);
    const pulled = { ...up, advantage: 0, reference: [-0.5] };
    expect(await run(pulled, "--beta", "1", "--kl", "k2")).toMatchObject({ loss: 0, kl: 0 });
  });

  test("a constant divisor has to be given", async () => {
    const dir = await scratch();
    const outcome = await hx(dir, ["grpo", "loss", "--aggregation", "constant", "--json"]);
    expect([outcome.exit, outcome.json().code]).toEqual([2, "HX_CLI_USAGE"]);
  });
});

describe("export", () => {
  const trace = (run: string, score: number): string => {
    const totals = {
      steps: 1,
      modelCalls: 1,
      toolCalls: 0,
      inputTokens: 2,
      outputTokens: 1,
      costUsd: 0,
      skippedFaults: 0,
    };
    const sampled = {
      content: [{ type: "text", text: "Hi." }],
      toolCalls: [],
      finish: "stop",
      usage: { input: 2, output: 1 },
      tokens: { prompt: [1, 2], output: [3], logprobs: [-0.5] },
    };
    return lines(
      [
        {
          type: "run.start",
          v: 1,
          run,
          task: { id: "t", text: "Say hi." },
          harness: { proposed: "a", deployed: "a", executed: "a" },
          manifest: { name: "demo", version: "1" },
          models: { main: { id: "m", policy: "scripted" } },
          seed: 1,
          tools: [],
          environment: { node: "20", core: "0" },
        },
        { type: "model.request", step: 1, call: 1, role: "main", messages: [], seed: 1 },
        {
          type: "model.response",
          step: 1,
          call: 1,
          model: "m",
          policy: "scripted",
          costUsd: 0,
          ms: 1,
          ...sampled,
        },
        {
          type: "run.end",
          exit: "done",
          output: "Hi.",
          totals,
          evaluations: [{ name: "score", score }],
        },
      ].map((event, seq) => ({ seq, at: 0, ...event })),
    );
  };

  test("writes the same bytes each time, and says what it found", async () => {
    const dir = await scratch();
    await writeFile(join(dir, "a.jsonl"), trace("run-a", 1));
    await writeFile(join(dir, "b.jsonl"), trace("run-b", 0));
    const run = (out: string, ...traces: string[]) =>
      hx(dir, ["grpo", "export", ...traces, "--out", out, "--json"]);
    const one = await run("1.jsonl", "a.jsonl", "b.jsonl");
    const two = await run("2.jsonl", "b.jsonl", "a.jsonl");
    expect(one.exit).toBe(0);
    expect(one.json()).toMatchObject({ written: 2, traces: [{ rows: 1, diagnostics: [] }, {}] });
    expect(two.json().id).toBe(one.json().id);
    const written = await readFile(join(dir, "1.jsonl"), "utf8");
    expect(await readFile(join(dir, "2.jsonl"), "utf8")).toBe(written);
    const rows = written
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rounded(rows.map(({ advantage }) => advantage))).toEqual([0.707106, -0.707106]);
  });

  test("without a trajectory the answer is no", async () => {
    const dir = await scratch();
    const text = trace("run-a", 1).replace(
      ',"tokens":{"prompt":[1,2],"output":[3],"logprobs":[-0.5]}',
      "",
    );
    await writeFile(join(dir, "a.jsonl"), text);
    const outcome = await hx(dir, ["grpo", "export", "a.jsonl", "--out", "x.jsonl"]);
    expect(outcome.exit).toBe(1);
    expect(outcome.stdout).toContain("missing-ids");
    expect(outcome.stdout).toContain("no-trained-tokens");
  });
});
