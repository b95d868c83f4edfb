import * as api from "@opentelemetry/api";
import type { Attributes, Context, ContextManager } from "@opentelemetry/api";
import * as sdkMetrics from "@opentelemetry/sdk-metrics";
import * as sdkTraces from "@opentelemetry/sdk-trace-base";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { createAgent, defineHarness, inline, loadHarness } from "@harnessx/core";
import {
  abort,
  defineProcessor,
  intercept,
  retry,
  split,
  tool,
  type HookName,
  type ProcessorSetup,
} from "@harnessx/core/plugin";
import {
  assertConformant,
  runProcessor,
  scriptedModel,
  type RunProcessorInput,
  type ScriptedReply,
} from "@harnessx/core/testing";
import { AsyncLocalStorage } from "node:async_hooks";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
const { context, metrics, ROOT_CONTEXT, SpanStatusCode, trace } = api;
const { AggregationTemporality, InMemoryMetricExporter } = sdkMetrics;
const { MeterProvider, PeriodicExportingMetricReader } = sdkMetrics;
const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = sdkTraces;

const dir = new URL("..", import.meta.url);
const root = fileURLToPath(dir);
const spans = new InMemorySpanExporter();
trace.setGlobalTracerProvider(
  new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }),
);
const measured = new InMemoryMetricExporter(AggregationTemporality.DELTA);
const reader = new PeriodicExportingMetricReader({
  exporter: measured,
  exportIntervalMillis: 3_600_000,
});
const meters = new MeterProvider({ readers: [reader] });
metrics.setGlobalMeterProvider(meters);
afterAll(() => meters.shutdown());
beforeEach(() => spans.reset());

const echo = tool<{ text?: string }>({
  name: "echo",
  description: "Says it back.",
  inputSchema: { type: "object" },
  execute: ({ text = "" }) => {
    if (text === "bad") throw new Error("bad");
    return text;
  },
});
const say = (text: string): ScriptedReply => ({
  calls: [{ name: "echo", input: { text } }],
  usage: { input: 100, output: 10, cachedInput: 40 },
});
const done: ScriptedReply = { text: "Done.", usage: { input: 200, output: 20 } };

const emitted = (): readonly ReadableSpan[] => spans.getFinishedSpans();
const named = (start: string): readonly ReadableSpan[] =>
  emitted().filter(({ name }) => name.startsWith(start));

it.each([undefined, { content: true, replays: true, metrics: false, models: { main: "m" } }])(
  "keeps the plugin contract with %j",
  async (options) => {
    await assertConformant(dir, options ? { options } : {});
  },
);

const run = (
  script: RunProcessorInput["script"],
  options: RunProcessorInput["options"] = {},
  more: Partial<RunProcessorInput> = {},
) => runProcessor(dir, { options, tools: [echo], script, ...more });

/** Runs with another processor around this one. */
async function runWith(
  script: readonly ScriptedReply[],
  hooks: readonly HookName[],
  setup: ProcessorSetup<Record<string, never>>,
) {
  const other = inline({ name: "other", dimension: "control", hooks }, defineProcessor(setup));
  const harness = await defineHarness({
    name: "test",
    root,
    processors: [{ id: "otel", use: "./." }],
    inline: [other],
  });
  let calls = 0;
  const main = scriptedModel(() => script[calls++] ?? done);
  return createAgent({ harness, models: { main } }).run("Do it.", { tools: [echo] });
}

describe("spans", () => {
  it("of a run, its model calls and its tool calls", async () => {
    const { result } = await run([say("a"), done], {
      agentName: "shopper",
      provider: "openai",
      models: { main: "gpt" },
    });
    expect(emitted().map(({ name }) => name)).toEqual([
      "chat gpt",
      "execute_tool echo",
      "chat gpt",
      "invoke_agent shopper",
    ]);
    const [chat, tools, , agent] = emitted() as [
      ReadableSpan,
      ReadableSpan,
      ReadableSpan,
      ReadableSpan,
    ];
    expect(agent.attributes).toMatchObject({
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.provider.name": "openai",
      "gen_ai.agent.name": "shopper",
      "gen_ai.conversation.id": result.runId,
      "gen_ai.usage.input_tokens": 300,
      "gen_ai.usage.output_tokens": 30,
      "harnessx.exit": "done",
      "harnessx.steps": 2,
    });
    expect(agent.status.code).toBe(SpanStatusCode.UNSET);
    expect(chat.attributes).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "gpt",
      "gen_ai.response.finish_reasons": ["tool_calls"],
      "gen_ai.usage.input_tokens": 100,
      "gen_ai.usage.output_tokens": 10,
      "gen_ai.usage.cache_read.input_tokens": 40,
      "harnessx.role": "main",
    });
    expect(tools.attributes).toMatchObject({
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "echo",
      "gen_ai.tool.type": "function",
      "harnessx.tool.status": "ok",
    });
    for (const child of [chat, tools])
      expect(child.parentSpanContext?.spanId).toBe(agent.spanContext().spanId);
  });

  it("belong to the span that is active when the run begins", async () => {
    const storage = new AsyncLocalStorage<Context>();
    const manager: ContextManager = {
      active: () => storage.getStore() ?? ROOT_CONTEXT,
      with: (active, work, self, ...args) => storage.run(active, () => work.apply(self!, args)),
      bind: (_active, target) => target,
      enable: () => manager,
      disable: () => manager,
    };
    context.setGlobalContextManager(manager);
    const outer = trace.getTracer("app").startSpan("request");
    await context.with(trace.setSpan(context.active(), outer), () => run([done]));
    context.disable();
    outer.end();
    expect(named("invoke_agent")[0]!.parentSpanContext?.spanId).toBe(outer.spanContext().spanId);
  });

  it("say what failed", async () => {
    await run([say("bad"), { error: new Error("It is down.") }]);
    const of = (start: string) => named(start).at(-1)!;
    expect(of("execute_tool").attributes["error.type"]).toBe("HX_TOOL_THREW");
    expect(of("execute_tool").status.code).toBe(SpanStatusCode.ERROR);
    expect(named("chat")).toHaveLength(2);
    expect(of("chat").attributes["error.type"]).toBe("model_error");
    expect(of("invoke_agent").attributes).toMatchObject({ "error.type": "model_error" });
    expect(of("invoke_agent").status.code).toBe(SpanStatusCode.ERROR);
  });

  it("have the times of the trace", async () => {
    const { events } = await run([done]);
    const at = (type: string): number => events.find((event) => event.type === type)!.at;
    const [chat] = named("chat");
    const millis = ([seconds, nanos]: readonly [number, number]): number =>
      Math.round(seconds * 1_000 + nanos / 1e6);
    expect(millis(chat!.startTime)).toBeGreaterThanOrEqual(at("run.start"));
    expect(millis(chat!.endTime)).toBe(at("model.response"));
  });

  it("hold content on demand only", async () => {
    const secret: ScriptedReply = {
      text: "S3CRET",
      calls: [{ name: "echo", input: { text: "S3CRET" } }],
    };
    const script = [secret, { text: "S3CRET" }];
    await run(script, {}, { task: "S3CRET" });
    expect(JSON.stringify(emitted().map(({ attributes }) => attributes))).not.toContain("S3CRET");
    spans.reset();
    await run(script, { content: true, maxContentChars: 300 }, { task: "Find it." });
    const last = named("chat").at(-1)!.attributes;
    expect(JSON.parse(last["gen_ai.input.messages"] as string)).toMatchObject([
      { role: "assistant", parts: [{ type: "text" }, { type: "tool_call", name: "echo" }] },
      { role: "tool", parts: [{ type: "tool_call_response", response: "S3CRET" }] },
    ]);
    expect(JSON.parse(last["gen_ai.output.messages"] as string)).toEqual([
      { role: "assistant", parts: [{ type: "text", content: "S3CRET" }], finish_reason: "stop" },
    ]);
    expect(named("execute_tool")[0]!.attributes).toMatchObject({
      "gen_ai.tool.call.arguments": '{"text":"S3CRET"}',
      "gen_ai.tool.call.result": "S3CRET",
    });
  });

  it("of a subagent belong to its parent run's", async () => {
    const delegate = tool({
      name: "delegate",
      description: "Asks a subagent.",
      inputSchema: { type: "object" },
      execute: async (_input, toolContext) => (await toolContext.spawn({ text: "Help." })).output,
    });
    const script = (request: { messages: { length: number } }, call: number): ScriptedReply =>
      call === 0 ? { calls: [{ name: "delegate" }] } : { text: `${request.messages.length}` };
    await run(script, {}, { tools: [delegate] });
    const [child, parent] = named("invoke_agent");
    expect(child!.parentSpanContext?.spanId).toBe(parent!.spanContext().spanId);
    expect(child!.attributes["gen_ai.conversation.id"]).toBe(
      `${String(parent!.attributes["gen_ai.conversation.id"])}.1`,
    );
  });
});

describe("other processors", () => {
  it("that answer in place of the model leave no span of a call", async () => {
    await runWith([], ["beforeModel"], (one) => {
      one.hooks.beforeModel.tap("answer", () => intercept({ text: "Five." }));
    });
    expect(named("chat")).toHaveLength(0);
    expect(named("invoke_agent")).toHaveLength(1);
  });

  it("that drop an attempt leave a span without usage", async () => {
    await runWith([done, done], ["afterModel"], (one) => {
      one.hooks.afterModel.tap("again", ({ attempt }) => (attempt === 1 ? retry() : undefined));
    });
    const [dropped, kept] = named("chat");
    expect(dropped!.attributes).toMatchObject({ "harnessx.dropped": true });
    expect(dropped!.attributes).not.toHaveProperty("gen_ai.usage.input_tokens");
    expect(kept!.attributes).toMatchObject({ "gen_ai.usage.input_tokens": 200 });
  });

  it("that split a call leave a span for each part, and no other", async () => {
    await runWith([say("a"), done], ["beforeTool"], (one) => {
      one.hooks.beforeTool.tap("split", (event) =>
        split([event.withInput({ text: "b" }), event.withInput({ text: "c" })]),
      );
    });
    expect(
      named("execute_tool").map(({ attributes }) => attributes["harnessx.tool.status"]),
    ).toEqual(["ok", "ok"]);
  });

  it("that end the task leave nothing open", async () => {
    await runWith([say("a")], ["afterModel"], (one) => {
      one.hooks.afterModel.tap("end", () => abort("Enough."));
    });
    expect(emitted().map(({ attributes }) => attributes["error.type"])).toEqual([
      "aborted",
      "aborted",
    ]);
  });
});

it("ends every span when the run is aborted in the middle of a tool call", async () => {
  const controller = new AbortController();
  const stop = tool({
    name: "stop",
    description: "Ends it all.",
    inputSchema: { type: "object" },
    execute: () => {
      controller.abort(new Error("Enough."));
      return new Promise<string>(() => undefined);
    },
  });
  const harness = await loadHarness(
    { name: "test", version: "1", processors: [{ id: "otel", use: "./." }] },
    { root },
  );
  const main = scriptedModel([{ calls: [{ name: "stop" }] }]);
  const { exit } = await createAgent({ harness, models: { main } }).run("Go.", {
    tools: [stop],
    signal: controller.signal,
  });
  expect(exit).toBe("aborted");
  expect(emitted().map(({ name }) => name)).toEqual([
    "chat",
    "execute_tool stop",
    "invoke_agent harnessx",
  ]);
  expect(named("execute_tool")[0]!.attributes["error.type"]).toBe("aborted");
});

describe("a recording", () => {
  const replay = async (options: RunProcessorInput["options"] = {}) => {
    const { events } = await run([say("a"), done], options);
    spans.reset();
    const processors = [{ id: "subject", use: "./otel", options: options! }];
    const harness = await loadHarness(
      { name: "test", version: "1", processors },
      { root: join(root, "..") },
    );
    const agent = createAgent({ harness, models: { main: scriptedModel([]) } });
    return (await agent.replay(events, { tools: [echo] })).identical;
  };

  it("is replayed in silence", async () => {
    expect(await replay()).toBe(true);
    expect(emitted()).toEqual([]);
  });

  it("is replayed with spans on demand", async () => {
    expect(await replay({ replays: true })).toBe(true);
    expect(named("chat")).toHaveLength(2);
    expect(named("invoke_agent")).toHaveLength(1);
  });

  it("that is resumed is silent up to its end, and goes on in the same conversation", async () => {
    const folder = mkdtempSync(join(tmpdir(), "otel-"));
    const harness = await loadHarness(
      { name: "test", version: "1", processors: [{ id: "otel", use: "./." }] },
      { root },
    );
    const main = scriptedModel([say("a"), say("b"), done]);
    const agent = createAgent({ harness, models: { main }, trace: { dir: folder } });
    let asked = 0;
    const first = await agent.run("Go.", { tools: [echo], interruptOn: ["echo"] });
    asked += 1;
    expect([first.exit, asked]).toEqual(["interrupted", 1]);
    expect(named("invoke_agent")).toHaveLength(1);
    spans.reset();
    const result = await agent.resume(first.trace!, {
      tools: [echo],
      decisions: { [first.pending!.call.id]: { decision: "approve" } },
      approve: () => ({ decision: "approve" }),
    });
    rmSync(folder, { recursive: true });
    expect(result.exit).toBe("done");
    expect(named("chat").map(({ attributes }) => attributes["harnessx.step"])).toEqual([2, 3]);
    expect(named("invoke_agent")).toHaveLength(1);
    expect(named("invoke_agent")[0]!.attributes["gen_ai.conversation.id"]).toBe(first.runId);
  });
});

it("hands the run's span over in a swap", async () => {
  const load = (version: string) =>
    loadHarness(
      { name: "test", version, processors: [{ id: `o${version}`, use: "./." }] },
      { root },
    );
  const [first, second] = [await load("1"), await load("2")];
  let calls = 0;
  const main = scriptedModel(() => [say("a"), say("b"), done][calls++]!);
  await createAgent({ harness: first, models: { main } }).run("Go.", {
    tools: [echo],
    follow: () => (calls === 0 ? first : second),
  });
  expect(named("invoke_agent")).toHaveLength(1);
  const parents = new Set(named("chat").map(({ parentSpanContext }) => parentSpanContext?.spanId));
  expect([named("chat").length, parents.size]).toEqual([3, 1]);
});

it("measures tokens and durations", async () => {
  await reader.forceFlush();
  measured.reset();
  await run([say("bad"), done], { provider: "openai", models: { main: "gpt" } });
  await reader.forceFlush();
  const points = measured
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
    .flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => ({
        name: descriptor.name,
        unit: descriptor.unit,
        attributes: attributes as Attributes,
        value: value as { count: number; sum: number },
      })),
    );
  const of = (name: string) => points.filter((point) => point.name === name);
  const usage = of("gen_ai.client.token.usage").map(({ attributes, value, unit }) => [
    attributes["gen_ai.token.type"],
    attributes["gen_ai.request.model"],
    value.sum,
    unit,
  ]);
  expect(usage).toEqual([
    ["input", "gpt", 300, "{token}"],
    ["output", "gpt", 30, "{token}"],
  ]);
  expect(of("gen_ai.client.operation.duration")[0]!.value.count).toBe(2);
  expect(of("gen_ai.execute_tool.duration")[0]!.attributes).toMatchObject({
    "gen_ai.tool.name": "echo",
    "error.type": "HX_TOOL_THREW",
  });
  expect(of("gen_ai.invoke_agent.duration")[0]!.unit).toBe("s");
});

it("runs the example of the README", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as {
    id: string;
    use: string;
  };
  const harness = await loadHarness({ name: "test", version: "1", processors: [entry] }, { root });
  await createAgent({ harness, models: { main: scriptedModel([done]) } }).run("Go.");
  expect(emitted().map(({ name }) => name)).toEqual(["chat gpt-5", "invoke_agent shopper"]);
});
