import type {
  LanguageModelV2,
  LanguageModelV3,
  LanguageModelV3CallOptions,
  LanguageModelV3GenerateResult,
  LanguageModelV3StreamPart,
} from "@ai-sdk/provider";
import { expect, test } from "vitest";
import { fromLanguageModel, type LanguageModelOptions } from "../src/index.ts";
import { ask, drained, failureOf, never, requestOf, weather } from "./support/request.ts";

const usage = {
  inputTokens: { total: 10, noCache: 4, cacheRead: 6, cacheWrite: 0 },
  outputTokens: { total: 3, text: 3, reasoning: 0 },
};
const stop = { unified: "stop", raw: "end" } as const;
const PIXEL = "iVBORw0KGgo=";

/** A model of a provider, as AI SDK has it; its calls are kept. */
function fake(
  result: Partial<LanguageModelV3GenerateResult> | Error,
  parts: readonly unknown[] = [],
) {
  const calls: LanguageModelV3CallOptions[] = [];
  let cancelled = 0;
  const model: LanguageModelV3 = {
    specificationVersion: "v3",
    provider: "fake",
    modelId: "fake-1",
    supportedUrls: {},
    async doGenerate(call) {
      calls.push(call);
      if (result instanceof Error) throw result;
      return { content: [], finishReason: stop, usage, warnings: [], ...result };
    },
    async doStream(call) {
      calls.push(call);
      const stream = new ReadableStream<LanguageModelV3StreamPart>({
        start(controller) {
          for (const part of parts) controller.enqueue(part as LanguageModelV3StreamPart);
          if (parts.at(-1) !== "open") controller.close();
        },
        cancel: () => void (cancelled += 1),
      });
      return { stream };
    },
  };
  return { model, calls, cancelled: () => cancelled };
}

const asked = (
  result: Partial<LanguageModelV3GenerateResult>,
  options?: LanguageModelOptions,
  request = ask("hi"),
) => fromLanguageModel(fake(result).model, options).generate(request, never());

test("every kind of message arrives as providers take it", async () => {
  const { model, calls } = fake({});
  const image = { type: "image", mediaType: "image/png", data: PIXEL } as const;
  const call = { id: "c~2", name: "get_weather", input: { city: "Oslo" } };
  await fromLanguageModel(model).generate(
    requestOf(
      [
        { role: "system", content: "Be short." },
        {
          role: "user",
          content: [{ type: "text", text: "look" }, image, { ...image, data: "https://x.org/a" }],
        },
        {
          role: "assistant",
          content: [
            { type: "thinking", text: "theirs", signature: "c2ln" },
            { type: "text", text: "so" },
          ],
          calls: [call, { id: "d", name: "get_weather", input: "{", malformed: "no" }],
        },
        { role: "tool", callId: "c~2", name: "get_weather", content: "no", status: "error" },
        {
          role: "tool",
          callId: "d",
          name: "get_weather",
          content: [{ type: "text", text: "see" }, image],
        },
      ],
      {
        tools: [weather],
        sampling: { temperature: 0.1, topP: 0.2, maxTokens: 9, stop: ["X"] },
      },
    ),
    never(),
  );
  const { prompt, tools, abortSignal, ...settings } = calls[0]!;
  expect(settings).toEqual({
    temperature: 0.1,
    topP: 0.2,
    maxOutputTokens: 9,
    stopSequences: ["X"],
    seed: 7,
  });
  expect(abortSignal).toBeInstanceOf(AbortSignal);
  expect(tools).toEqual([{ type: "function", ...weather }]);
  const id = expect.stringMatching(/^c_2-\w{8}$/) as string;
  expect(prompt).toEqual([
    { role: "system", content: "Be short." },
    {
      role: "user",
      content: [
        { type: "text", text: "look" },
        { type: "file", mediaType: "image/png", data: PIXEL },
        { type: "file", mediaType: "image/png", data: new URL("https://x.org/a") },
      ],
    },
    {
      role: "assistant",
      content: [
        { type: "text", text: "so" },
        { type: "tool-call", toolCallId: id, toolName: "get_weather", input: { city: "Oslo" } },
        {
          type: "tool-call",
          toolCallId: "d",
          toolName: "get_weather",
          input: { malformed_arguments: "{" },
        },
      ],
    },
    {
      role: "tool",
      content: [
        {
          type: "tool-result",
          toolCallId: id,
          toolName: "get_weather",
          output: { type: "error-text", value: "no" },
        },
        {
          type: "tool-result",
          toolCallId: "d",
          toolName: "get_weather",
          output: {
            type: "content",
            value: [
              { type: "text", text: "see" },
              { type: "image-data", data: PIXEL, mediaType: "image/png" },
            ],
          },
        },
      ],
    },
  ]);
});

test("what a provider attached to thoughts and calls comes back to it", async () => {
  const thought = { google: { thoughtSignature: "abc" } };
  const onCall = { google: { thoughtSignature: "def" } };
  const first = await asked({
    content: [
      { type: "reasoning", text: "hm", providerMetadata: thought },
      { type: "tool-call", toolCallId: "a", toolName: "get_weather", input: "{}" },
      {
        type: "tool-call",
        toolCallId: "b",
        toolName: "get_weather",
        input: '{"city":"Oslo"}',
        providerMetadata: onCall,
      },
    ],
    finishReason: { unified: "tool-calls", raw: "x" },
  });
  expect(first.finish).toBe("tool_calls");
  const { model, calls } = fake({});
  const renamed = first.toolCalls.map((call) => ({ ...call, id: `${call.id}2` }));
  await fromLanguageModel(model).generate(
    requestOf([
      { role: "user", content: "hi" },
      { role: "assistant", content: first.content, calls: renamed },
      { role: "tool", callId: "a2", name: "get_weather", content: "x" },
      { role: "tool", callId: "b2", name: "get_weather", content: "y" },
    ]),
    never(),
  );
  expect(calls[0]!.prompt[1]!.content).toEqual([
    { type: "reasoning", text: "hm", providerOptions: thought },
    { type: "tool-call", toolCallId: "a2", toolName: "get_weather", input: {} },
    {
      type: "tool-call",
      toolCallId: "b2",
      toolName: "get_weather",
      input: { city: "Oslo" },
      providerOptions: onCall,
    },
  ]);
});

test.each([
  ["stop", "x", "stop", 0],
  ["length", "x", "length", 0],
  ["content-filter", "x", "content_filter", 0],
  ["tool-calls", "x", "stop", 0],
  ["other", "whim", "stop", 1],
] as const)("%s (%s) is %s", async (unified, raw, finish, warned) => {
  const response = await asked({
    content: [{ type: "text", text: "ok" }],
    finishReason: { unified, raw },
  });
  expect(response.finish === "tool_calls" ? "stop" : response.finish).toBe(finish);
  expect(response.warnings ?? []).toHaveLength(warned);
});

test("usage, warnings, broken arguments and foreign content", async () => {
  const response = await asked(
    {
      content: [
        { type: "tool-call", toolCallId: "a", toolName: "get_weather", input: '{"ci' },
        { type: "file", mediaType: "image/png", data: PIXEL },
      ],
      warnings: [{ type: "unsupported", feature: "seed" }],
    },
    { omit: ["temperature", "seed"] },
    ask("hi", { sampling: { temperature: 1 } }),
  );
  expect(response.usage).toEqual({ input: 10, output: 3, cachedInput: 6 });
  expect(response.toolCalls).toEqual([
    { id: "a", name: "get_weather", input: '{"ci', malformed: expect.any(String) },
  ]);
  expect(response.warnings).toEqual([
    "The model does not take the setting temperature; it was left out.",
    "Content of the type file was left out.",
    "unsupported: seed",
  ]);
});

const streamed = [
  { type: "stream-start", warnings: [] },
  { type: "reasoning-start", id: "0" },
  { type: "reasoning-delta", id: "0", delta: "hm" },
  { type: "reasoning-end", id: "0", providerMetadata: { p: { signature: "s" } } },
  { type: "text-start", id: "0" },
  { type: "text-delta", id: "0", delta: "It " },
  { type: "text-delta", id: "0", delta: "rains." },
  { type: "text-end", id: "0" },
];

test("a stream passes its deltas on and ends with the whole", async () => {
  const { model } = fake({}, [...streamed, { type: "finish", finishReason: stop, usage }]);
  const { deltas, response } = await drained(fromLanguageModel(model), ask("hi"));
  expect(deltas).toEqual([
    { type: "thinking", text: "hm" },
    { type: "text", text: "It " },
    { type: "text", text: "rains." },
  ]);
  expect(response.content).toEqual([
    {
      type: "thinking",
      text: "hm",
      signature: JSON.stringify({ type: "ai-sdk", reasoning: { p: { signature: "s" } } }),
    },
    { type: "text", text: "It rains." },
  ]);
});

test.each([
  ["ends without a finish", streamed],
  [
    "finishes for no reason",
    [...streamed, { type: "finish", finishReason: { unified: "other" }, usage }],
  ],
  ["reports an error", [...streamed, { type: "error", error: new Error("socket") }]],
])("a stream that %s is cut", async (_, parts) => {
  const error = await failureOf(drained(fromLanguageModel(fake({}, parts).model), ask("hi")));
  expect(error).toMatchObject({ code: "HX_AI_SDK_CUT", retryable: true });
});

test("leaving a stream early cancels it", async () => {
  const { model, cancelled } = fake({}, [...streamed, "open"]);
  for await (const delta of fromLanguageModel(model).stream!(ask("hi"), never())) {
    if (delta.type === "text") break;
  }
  expect(cancelled()).toBe(1);
});

test("models of the older generation are understood", async () => {
  const old = {
    specificationVersion: "v2",
    provider: "old",
    modelId: "old-1",
    supportedUrls: {},
    doGenerate: async (call: LanguageModelV3CallOptions) => ({
      content: [{ type: "text", text: JSON.stringify(call.prompt.at(-1)!.content) }],
      finishReason: "length",
      usage: { inputTokens: 5, outputTokens: 2, totalTokens: 7, cachedInputTokens: 1 },
      warnings: [{ type: "unsupported-setting", setting: "seed" }],
    }),
  } as unknown as LanguageModelV2;
  const response = await fromLanguageModel(old).generate(
    requestOf([
      { role: "user", content: "hi" },
      { role: "assistant", content: [], calls: [{ id: "a", name: "see", input: {} }] },
      {
        role: "tool",
        callId: "a",
        name: "see",
        content: [{ type: "image", mediaType: "image/png", data: PIXEL }],
      },
    ]),
    never(),
  );
  expect(response).toMatchObject({
    finish: "length",
    usage: { input: 5, output: 2, cachedInput: 1 },
    warnings: ["unsupported-setting: seed"],
  });
  expect(JSON.stringify(response.content)).toContain("media");
});

test("a generation that does not exist yet is refused", () => {
  const next = { specificationVersion: "v9", provider: "next", modelId: "m" };
  expect(() => fromLanguageModel(next as unknown as LanguageModelV3)).toThrow(/generation v9/);
});

test.each([
  ["AI_LoadAPIKeyError", "HX_AI_SDK_REFUSED", false],
  ["AI_NoSuchModelError", "HX_AI_SDK_REFUSED", false],
  ["AI_JSONParseError", "HX_AI_SDK_CUT", true],
])("%s is %s (retryable: %s)", async (name, code, retryable) => {
  const thrown = Object.assign(new Error("my-own-secret-1 is wrong"), { name });
  const model = fromLanguageModel(fake(thrown).model, { secrets: ["my-own-secret-1"] });
  const error = await failureOf(model.generate(ask("hi"), never()));
  expect(error).toMatchObject({ code, retryable });
  expect(error.message).not.toContain("my-own-secret-1");
});
