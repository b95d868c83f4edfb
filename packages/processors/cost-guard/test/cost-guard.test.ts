import { textOf, tool } from "@harnessx/core/plugin";
import { assertConformant, runProcessor, type RunProcessorInput } from "@harnessx/core/testing";
import { createAgent, loadHarness, scriptedModel } from "@harnessx/core";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const dir = new URL("..", import.meta.url);
const look = tool({
  name: "look",
  description: "Looks around.",
  inputSchema: { type: "object" },
  execute: () => "Nothing new.",
});
const step = { calls: [{ name: "look" }], usage: { input: 90, output: 10 } };

it.each([undefined, { maxToolCalls: 4 }, { maxTokens: 1, warnAt: 1 }])(
  "keeps the plugin contract with %j",
  async (options) => {
    await assertConformant(dir, options ? { options } : {});
  },
);

describe("in a run", () => {
  const run = (options: RunProcessorInput["options"], steps = 10) =>
    runProcessor(dir, {
      options,
      tools: [look],
      script: [...Array.from({ length: steps }, () => step), { text: "Done.", usage: step.usage }],
    });

  it("ends the task at a limit of tokens", async () => {
    const { result } = await run({ maxTokens: 300 });
    expect(result.exit).toBe("aborted");
    expect(result.reason).toBe("300 of 300 tokens are spent.");
    expect(result.totals.steps).toBe(4);
  });

  it("ends the task at a limit of tool calls", async () => {
    const { result } = await run({ maxToolCalls: 2 });
    expect(result.reason).toBe("2 of 2 tool calls are spent.");
  });

  it("ends the task at a limit of cost", async () => {
    const folder = fileURLToPath(dir);
    const harness = await loadHarness(
      {
        name: "test",
        version: "1",
        processors: [{ id: "costs", use: "./.", options: { maxCostUsd: 0.0005 } }],
      },
      { root: folder },
    );
    const client = scriptedModel(() => step);
    const price = { input: 1, output: 9 };
    const agent = createAgent({ harness, models: { main: { targets: [{ client, price }] } } });
    const result = await agent.run("Look.", { tools: [look] });
    // 90 × 1 + 10 × 9 dollars per million: 0.00018 a call.
    expect(result.reason).toBe("0.0005 of 0.0005 US dollars are spent.");
    expect(result.totals.modelCalls).toBe(3);
  });

  it("warns once, of the limit that is nearest", async () => {
    const { requests } = await run({
      maxTokens: 1000,
      maxToolCalls: 5,
      warnAt: 0.5,
      warning: "{used}/{limit} {unit}",
    });
    const warnings = requests
      .map(({ messages }) => messages.at(-1)!)
      .filter(({ role }) => role === "user");
    // The first is the task itself.
    expect(warnings.map(textOf)).toEqual(["Do it.", "3/5 tool calls"]);
  });

  it("does nothing without limits", async () => {
    const { result, requests } = await run({});
    expect(result.exit).toBe("done");
    expect(requests.at(-1)!.messages.at(-1)!.role).toBe("tool");
  });
});
