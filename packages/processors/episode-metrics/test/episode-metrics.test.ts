import { callKey, tool } from "@harnessx/core/plugin";
import { assertConformant, runProcessor, type RunProcessorInput } from "@harnessx/core/testing";
import { describe, expect, it } from "vitest";

const dir = new URL("..", import.meta.url);
const echo = tool<{ text?: string }>({
  name: "echo",
  description: "Says it back.",
  inputSchema: { type: "object" },
  execute: ({ text }) => {
    if (text === "bad") throw new Error("bad");
    return text ?? "";
  },
});
const call = (input: object, name = "echo") => ({ calls: [{ name, input }] });

it.each([undefined, { perTool: false }])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

describe("in a run", () => {
  const run = (options?: RunProcessorInput["options"]) =>
    runProcessor(dir, {
      ...(options ? { options } : {}),
      tools: [echo],
      script: [
        call({ text: "a", more: 1 }),
        {
          calls: [
            { name: "echo", input: { more: 1, text: "a" } },
            { name: "echo", input: { text: "bad" } },
          ],
        },
        call({}, "__proto__"),
        { text: "Done." },
      ],
    });

  it("attaches what happened to the result and the trace", async () => {
    const { result, events } = await run();
    const [evaluation] = result.evaluations;
    expect(evaluation).toMatchObject({ name: "episode-metrics", score: 1 });
    const { inputTokens, outputTokens } = result.totals;
    expect(evaluation!.details).toMatchObject({
      exit: "done",
      steps: 4,
      modelCalls: 4,
      inputTokens,
      outputTokens,
      calls: 4,
      errors: 2,
      repeats: 1,
      tools: { echo: { calls: 3, errors: 1 }, ["__proto__"]: { calls: 1, errors: 1 } },
    });
    const log = events.find((event) => event.type === "log");
    expect(log).toMatchObject({ message: "episode-metrics", data: evaluation!.details });
  });

  it("leaves the figures of tools out on demand", async () => {
    const { result } = await run({ perTool: false });
    expect(result.evaluations[0]!.details).not.toHaveProperty("tools");
  });

  it("measures the longest gap between two steps", async () => {
    const slow = tool({
      name: "slow",
      description: "Takes its time.",
      inputSchema: { type: "object" },
      execute: () => new Promise<string>((resolve) => setTimeout(() => resolve("late"), 40)),
    });
    const { result } = await runProcessor(dir, {
      tools: [slow],
      script: [call({}, "slow"), { text: "Done." }],
    });
    const { longestGapMs } = result.evaluations[0]!.details as { longestGapMs: number };
    expect(longestGapMs).toBeGreaterThanOrEqual(30);
    expect(longestGapMs).toBeLessThan(5_000);
  });
});

describe("callKey", () => {
  const key = (input: unknown, name = "a") => callKey({ name, input });

  it("is the same whatever the order of keys", () => {
    expect(key({ x: 1, y: { b: [1], a: null } })).toBe(key({ y: { a: null, b: [1] }, x: 1 }));
  });

  it("differs by name, values, types and order of lists", () => {
    const keys = [
      key({}),
      key({}, "b"),
      key({ x: 1 }),
      key({ x: "1" }),
      key([1, 2]),
      key([2, 1]),
      key("x"),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
