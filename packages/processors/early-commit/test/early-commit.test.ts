import { textOf, tool } from "@harnessx/core/plugin";
import { assertConformant, runProcessor, type RunProcessorInput } from "@harnessx/core/testing";
import { createAgent, loadHarness, scriptedModel, type ScriptedReply } from "@harnessx/core";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { pressureOf, type Standing } from "../src/spending.ts";
import type { EarlyCommitOptions } from "../src/options.ts";

const dir = new URL("..", import.meta.url);
type Options = RunProcessorInput["options"];
const look = tool({
  name: "look",
  description: "Looks.",
  inputSchema: { type: "object" },
  execute: () => "Nothing new.",
});
const calls: ScriptedReply = { calls: [{ name: "look" }], usage: { input: 90, output: 10 } };

/** A model that looks around for as long as it can, and answers when it cannot. */
async function play(
  options: Options,
  limits: RunProcessorInput["limits"],
  insists?: ScriptedReply,
) {
  const { result, requests } = await runProcessor(dir, {
    options,
    limits,
    tools: [look],
    script: ({ tools }) =>
      tools.length > 0 ? calls : (insists ?? { text: "My answer.", usage: calls.usage }),
  });
  const asked = requests.map(({ messages }) => {
    const last = messages.at(-1)!;
    return last.role === "user" && messages.length > 1 ? textOf(last) : "";
  });
  return { result, asked, offered: requests.map(({ tools }) => tools.length) };
}

it.each([
  undefined,
  { demandAt: 0.1, finalAt: 0.5, reserveSteps: 0, demand: "Now.", final: "Over." },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

describe("near the end of the steps", () => {
  it("the model is asked for its answer, and has no tools in the last step", async () => {
    const { result, asked, offered } = await play(
      { demand: "{left}!", final: "over" },
      { maxSteps: 5 },
    );
    expect(result).toMatchObject({ exit: "done", output: "My answer." });
    expect(offered).toEqual([1, 1, 1, 1, 0]);
    expect(asked).toEqual(["", "", "", "", "over"]);
    const longer = await play({ demand: "{left}!", final: "over", demandAt: 0.5 }, { maxSteps: 5 });
    expect(longer.asked).toEqual(["", "", "", "2 steps!", "over"]);
  });

  it("without it the run ends with nothing", async () => {
    const { result } = await play({ reserveSteps: 0 }, { maxSteps: 5 });
    expect(result).toMatchObject({ exit: "budget_steps", output: "" });
  });

  it("tools go earlier when more steps are kept, or from a share on", async () => {
    expect((await play({ reserveSteps: 3 }, { maxSteps: 5 })).offered).toEqual([1, 1, 0]);
    expect((await play({ finalAt: 0.4 }, { maxSteps: 5 })).offered).toEqual([1, 1, 0]);
  });

  it("nothing is said to a model that answers in time", async () => {
    const { requests, result } = await runProcessor(dir, {
      limits: { maxSteps: 9 },
      tools: [look],
      script: [calls, calls, { text: "Done." }],
    });
    expect(result.output).toBe("Done.");
    expect(requests.at(-1)!.messages.at(-1)!.role).toBe("tool");
  });

  it("nothing is said where no limit is near or set", async () => {
    const { requests } = await runProcessor(dir, {
      limits: { maxSteps: 1_000 },
      tools: [look],
      script: [...Array.from({ length: 30 }, () => calls), { text: "Done." }],
    });
    expect(requests.every(({ tools }) => tools.length === 1)).toBe(true);
    expect(requests.at(-1)!.messages.at(-1)!.role).toBe("tool");
  });
});

describe("near the end of other limits", () => {
  it("an answer is given while there are tokens for it", async () => {
    const options = { reserveTokens: 50, demandAt: 1 };
    const { result, offered } = await play(options, { maxTokens: 1_000 });
    expect(result).toMatchObject({ exit: "done", output: "My answer." });
    expect(offered.at(-1)).toBe(0);
    expect(result.totals.inputTokens + result.totals.outputTokens).toBeLessThanOrEqual(1_000);
    // A reserve that is larger than the limit does not take the tools away from the beginning.
    const small = await play({ demandAt: 1 }, { maxTokens: 1_000 });
    expect(small.offered[0]).toBe(1);
    const without = await play({ reserveTokens: 0, demandAt: 1 }, { maxTokens: 300 });
    expect(without.result.exit).toBe("budget_tokens");
  });

  it("an answer is given while there is money for it", async () => {
    const harness = await loadHarness(
      {
        name: "test",
        version: "1",
        processors: [{ id: "commit", use: "./." }],
        limits: { maxCostUsd: 0.001 },
      },
      { root: fileURLToPath(dir) },
    );
    const client = scriptedModel(({ tools }) =>
      tools.length > 0 ? calls : { text: "My answer.", usage: calls.usage },
    );
    const price = { input: 1, output: 9 };
    const agent = createAgent({ harness, models: { main: { targets: [{ client, price }] } } });
    const result = await agent.run("Look.", { tools: [look] });
    expect(result).toMatchObject({ exit: "done", output: "My answer." });
  });
});

describe("a model that calls tools all the same", () => {
  it("is taken at its word when it said something", async () => {
    const { result } = await play({}, { maxSteps: 2 }, { ...calls, text: "Probably four." });
    expect(result).toMatchObject({ exit: "done", output: "Probably four." });
  });

  it("is asked once more when it did not", async () => {
    const { requests, result } = await runProcessor(dir, {
      limits: { maxSteps: 1 },
      tools: [look],
      script: (_request, call) => (call === 0 ? calls : { text: "Four." }),
    });
    expect(result).toMatchObject({ exit: "done", output: "Four." });
    expect(textOf(requests[1]!.messages.at(-1)!)).toContain("There are no tools any more.");
  });

  it("that says nothing twice does not end the run as a fault", async () => {
    const { result } = await play({}, { maxSteps: 2 }, calls);
    expect(result.exit).toBe("budget_steps");
  });
});

describe("the pressure of the time", () => {
  const options: EarlyCommitOptions = {
    demandAt: 0.5,
    finalAt: 0.9,
    reserveSteps: 1,
    reserveTokens: 0,
    reserveMs: 1_000,
    demand: "",
    final: "",
  };
  const at = (elapsedMs: number, timeMs: number): Standing => ({
    budget: { steps: Infinity, tokens: Infinity, costUsd: Infinity, timeMs },
    totals: {
      steps: 3,
      modelCalls: 2,
      toolCalls: 2,
      inputTokens: 9,
      outputTokens: 9,
      costUsd: 0,
      skippedFaults: 0,
    },
    nextTokens: 100,
    elapsedMs,
  });

  it.each([
    [1_000, 9_000, "none", "9 seconds"],
    [5_000, 5_000, "demand", "5 seconds"],
    [9_100, 900, "final", "1 second"],
    [90_000, 9_000, "final", "9 seconds"],
    [0, 0, "final", "0 seconds"],
    [5_000, Infinity, "none", ""],
  ] as const)("after %d ms with %d ms left is: %s", (elapsed, left, level, words) => {
    expect(pressureOf(at(elapsed, left), options)).toEqual({ level, left: words });
  });
});

it("does what its README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const { options } = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as {
    options: Options;
  };
  const { result, offered, asked } = await play(options, { maxSteps: 6 });
  expect(result.output).toBe("My answer.");
  expect(offered).toEqual([1, 1, 1, 1, 0]);
  expect(asked.map((text) => text !== "")).toEqual([false, false, false, true, true]);
});
