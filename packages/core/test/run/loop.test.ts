import { describe, expect, test } from "vitest";
import { scriptedModel, textOf, tool, type ModelRequest } from "@harnessx/core";
import { agentOf, echo, echoTool, ofType, say, traced } from "./support.ts";

describe("the loop", () => {
  test("runs tools until the model answers without a call", async () => {
    const { result, events } = await traced(
      await agentOf({ script: [echo("a"), echo("b"), say("done")] }),
    );
    expect(result).toMatchObject({
      exit: "done",
      output: "done",
      totals: { steps: 3, modelCalls: 3, toolCalls: 2 },
    });
    expect([...result.messages].map((message) => message.role)).toEqual([
      "user",
      "assistant",
      "tool",
      "assistant",
      "tool",
      "assistant",
    ]);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index));
    expect(ofType(events, "run.start")[0]!.harness).toEqual({
      proposed: result.harness.executed,
      deployed: result.harness.executed,
      executed: result.harness.executed,
    });
  });

  test("runs the calls of a step at the same time and keeps their results in call order", async () => {
    let running = 0;
    let most = 0;
    const slow = tool<{ ms: number }>({
      name: "slow",
      description: "Waits.",
      inputSchema: { type: "object", properties: { ms: { type: "number" } }, required: ["ms"] },
      execute: async ({ ms }) => {
        most = Math.max(most, (running += 1));
        await new Promise((resolve) => setTimeout(resolve, ms));
        running -= 1;
        return `waited ${ms}`;
      },
    });
    const calls = [30, 1, 20, 2, 10].map((ms) => ({ name: "slow", input: { ms } }));
    const agent = await agentOf({
      script: [{ calls }, say("done")],
      manifest: { limits: { parallelTools: 3 } },
    });
    const { result } = await traced(agent, "go", { tools: [slow] });
    const shown = [...result.messages]
      .filter((message) => message.role === "tool")
      .map((message) => textOf(message));
    expect(shown).toEqual(["waited 30", "waited 1", "waited 20", "waited 2", "waited 10"]);
    expect(most).toBe(3);
  });

  test("a request shows the model exactly the messages that the trace names", async () => {
    const requests: ModelRequest[] = [];
    const model = scriptedModel((request, call) => {
      requests.push(request);
      return call < 2 ? echo(`${call}`) : say("done");
    });
    const { events } = await traced(await agentOf({ model }));
    const named = ofType(events, "model.request").map(({ messages }) => messages);
    expect(named).toEqual([[[0, 0]], [[0, 2]], [[0, 4]]]);
    expect(requests.map(({ messages }) => messages.length)).toEqual([1, 3, 5]);
  });

  test("an earlier view never shows later messages", async () => {
    const views: number[][] = [];
    const lists: ModelRequest["messages"][] = [];
    const model = scriptedModel((request, call) => {
      lists.push(request.messages);
      return call < 3 ? echo("x") : say("done");
    });
    await (await agentOf({ model })).run("go", { tools: [echoTool] });
    for (const list of lists) views.push([...list].map((message) => message.id));
    expect(views.map((view) => view.length)).toEqual([1, 3, 5, 7]);
  });

  test("a tool may end the task", async () => {
    const finish = tool({
      name: "finish",
      description: "Ends.",
      inputSchema: { type: "object" },
      execute: () => ({ status: "ok", content: "over", end: true }),
    });
    const { result } = await traced(
      await agentOf({ script: [{ text: "finishing", calls: [{ name: "finish" }] }] }),
      "go",
      { tools: [finish] },
    );
    expect(result).toMatchObject({ exit: "done", output: "finishing", totals: { steps: 1 } });
  });

  test("call ids that a model repeats are made unique", async () => {
    const call = { id: "call_1", name: "echo", input: { text: "x" } };
    const { result, events } = await traced(
      await agentOf({ script: [{ calls: [call] }, { calls: [call] }, say("done")] }),
    );
    expect(result.exit).toBe("done");
    expect(ofType(events, "tool.call").map((event) => event.call.id)).toEqual([
      "call_1",
      "call_1~2",
    ]);
  });
});

describe("what a tool call can come to", () => {
  const cases = [
    {
      name: "an unknown tool",
      calls: [{ name: "nope" }],
      status: "error",
      code: "HX_TOOL_UNKNOWN",
      says: "echo",
    },
    {
      name: "arguments that break the schema",
      calls: [{ name: "echo", input: { text: 5 } }],
      status: "error",
      code: "HX_TOOL_INPUT_INVALID",
      says: "/text must be string",
    },
    {
      name: "an unknown argument",
      calls: [{ name: "echo", input: { text: "a", loud: true } }],
      status: "error",
      code: "HX_TOOL_INPUT_INVALID",
      says: "unknown key loud",
    },
    {
      name: "arguments that are no JSON",
      calls: [{ name: "echo", input: "{", malformed: "Unexpected end" }],
      status: "error",
      code: "HX_TOOL_INPUT_INVALID",
      says: "Unexpected end",
    },
    {
      name: "a tool that throws",
      calls: [{ name: "bomb" }],
      status: "error",
      code: "HX_TOOL_THREW",
      says: "boom",
    },
    {
      name: "a tool that returns garbage",
      calls: [{ name: "garbage" }],
      status: "error",
      code: "HX_TOOL_RESULT_INVALID",
      says: "number",
    },
    {
      name: "a tool that breaks its output schema",
      calls: [{ name: "liar" }],
      status: "error",
      code: "HX_TOOL_OUTPUT_INVALID",
      says: "must be number",
    },
    {
      name: "a tool that never returns",
      calls: [{ name: "hang" }],
      status: "timeout",
      code: "HX_TOOL_TIMEOUT",
      says: "20 ms",
    },
  ];
  const object = { type: "object" } as const;
  const bad = [
    tool({
      name: "bomb",
      description: "",
      inputSchema: object,
      execute: () => {
        throw new Error("boom");
      },
    }),
    tool({ name: "garbage", description: "", inputSchema: object, execute: () => 7 as never }),
    tool({
      name: "liar",
      description: "",
      inputSchema: object,
      outputSchema: { type: "number" },
      execute: () => ({ status: "ok", content: "x", structured: "no number" }),
    }),
    tool({
      name: "hang",
      description: "",
      inputSchema: object,
      timeoutMs: 20,
      execute: () => new Promise<string>(() => undefined),
    }),
  ];

  test.each(cases)(
    "$name is a result that says what to do",
    async ({ calls, status, code, says }) => {
      const { result, events } = await traced(
        await agentOf({ script: [{ calls }, say("done")] }),
        "go",
        { tools: [echoTool, ...bad] },
      );
      const [recorded] = ofType(events, "tool.result");
      expect(recorded).toMatchObject({ status, error: { code } });
      expect(recorded!.content).toContain(says);
      expect(result.exit).toBe("done");
    },
  );

  test("a result above the limit is shown as head and tail, and recorded whole", async () => {
    const big = "a".repeat(500) + "b".repeat(500);
    const agent = await agentOf({
      script: [echo(big), say("done")],
      manifest: { limits: { maxResultChars: 100 } },
    });
    const { result, events } = await traced(agent);
    const shown = textOf([...result.messages].find((message) => message.role === "tool")!);
    expect(shown.length).toBeLessThan(200);
    expect(shown).toMatch(/^a+\n\[… 900 characters left out …\]\nb+$/);
    expect(ofType(events, "tool.result")[0]!.content).toBe(big);
  });

  test("two tools of one name are refused before anything runs", async () => {
    const agent = await agentOf({});
    await expect(agent.run("go", { tools: [echoTool, { ...echoTool }] })).rejects.toMatchObject({
      code: "HX_TOOL_DUPLICATE",
    });
  });

  test("a tool with an unusable schema is refused before anything runs", async () => {
    const agent = await agentOf({});
    const broken = { ...echoTool, inputSchema: { type: "strnig" } };
    await expect(agent.run("go", { tools: [broken] })).rejects.toMatchObject({
      code: "HX_TOOL_SCHEMA_INVALID",
    });
  });
});

describe("limits", () => {
  const forever = scriptedModel(() => ({
    text: "still thinking",
    ...echo("x"),
    usage: { input: 10, output: 5 },
  }));

  test.each([
    { limits: { maxSteps: 3 }, exit: "budget_steps", steps: 3 },
    { limits: { maxTokens: 40 }, exit: "budget_tokens", steps: 3 },
  ])("$exit ends the run and keeps the best output", async ({ limits, exit, steps }) => {
    const { result } = await traced(await agentOf({ model: forever, manifest: { limits } }));
    expect(result).toMatchObject({ exit, output: "still thinking", totals: { steps } });
    expect(result.reason).toContain(Object.keys(limits)[0]);
  });

  test("cost is charged by the price table, cached tokens at their own price", async () => {
    const client = scriptedModel(() => ({
      ...echo("x"),
      usage: { input: 1000, output: 100, cachedInput: 600 },
    }));
    const agent = await agentOf({ manifest: { limits: { maxCostUsd: 0.02 } } });
    const price = { input: 10, output: 20, cachedInput: 1 };
    const { result } = await traced(agent, "go", {
      models: { main: { targets: [{ client, price }] } },
    });
    // 400 fresh at 10, 600 cached at 1, 100 out at 20 dollars a million: 0.0066 a call, so the fourth step starts at 0.0198.
    expect(result.exit).toBe("budget_cost");
    expect(result.totals.steps).toBe(4);
    expect(result.totals.costUsd).toBeCloseTo(0.0264, 10);
  });

  test("the deadline interrupts a model that does not answer", async () => {
    let aborted = false;
    const model = {
      ...scriptedModel([]),
      generate: (_request: ModelRequest, { signal }: { signal: AbortSignal }) =>
        new Promise<never>(() => signal.addEventListener("abort", () => (aborted = true))),
    };
    const { result, events } = await traced(
      await agentOf({ model, manifest: { limits: { maxTimeMs: 30 } } }),
    );
    expect(result.exit).toBe("budget_time");
    expect(aborted).toBe(true);
    expect(ofType(events, "run.end")[0]).toMatchObject({ exit: "budget_time", stopped: true });
  });
});
