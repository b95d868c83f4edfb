import type { ModelResponse, ToolCall } from "@harnessx/core/plugin";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { createOpenAIModel, type OpenAIOptions } from "../src/index.ts";
import { events, json, serve, type Loopback } from "./support/loopback.ts";
import { ask, drained, never, requestOf, weather } from "./support/request.ts";

/** What the server says next. */
let answer: unknown;
let server: Loopback;
const open = (async () => {
  server = await serve((response) =>
    Array.isArray(answer) ? events(response, answer) : json(response, answer),
  );
})();
afterAll(() => server.close());
afterEach(() => void (server.bodies.length = server.headers.length = 0));

const withModel = async (options: Partial<OpenAIOptions> = {}) => {
  await open;
  return createOpenAIModel({ model: "m", baseURL: `${server.url}/v1`, ...options });
};
const sentBody = () => server.bodies.at(-1)!;

const PIXEL = "iVBORw0KGgo=";
const call: ToolCall = { id: "call_1", name: "get_weather", input: { city: "Oslo" } };

describe("chat", () => {
  const chat = (message: object, finish: string | null = "stop", more: object = {}) => ({
    choices: [{ index: 0, message, finish_reason: finish, ...more }],
    usage: {
      prompt_tokens: 10,
      completion_tokens: 4,
      prompt_tokens_details: { cached_tokens: 6 },
    },
  });
  const asked = async (
    request = ask("hi"),
    options: Partial<OpenAIOptions> = {},
  ): Promise<ModelResponse> => (await withModel(options)).generate(request, never());

  test("every kind of message arrives as the API has it", async () => {
    answer = chat({ content: "ok" });
    await asked(
      requestOf(
        [
          { role: "system", content: "Be short." },
          {
            role: "user",
            content: [
              { type: "text", text: "look" },
              { type: "image", mediaType: "image/png", data: PIXEL },
              { type: "image", mediaType: "image/png", data: "https://example.org/a.png" },
            ],
          },
          {
            role: "assistant",
            content: [{ type: "thinking", text: "hm" }],
            calls: [call, { id: "call_2", name: "get_weather", input: "{", malformed: "no" }],
          },
          {
            role: "tool",
            callId: "call_1",
            name: "get_weather",
            content: [
              { type: "text", text: "rain" },
              { type: "image", mediaType: "image/jpeg", data: PIXEL },
            ],
          },
          { role: "tool", callId: "call_2", name: "get_weather", content: "broken" },
          { role: "assistant", content: "It rains." },
          { role: "user", content: "thanks" },
        ],
        { tools: [weather] },
      ),
    );
    const image = (url: string) => ({ type: "image_url", image_url: { url } });
    const called = (id: string, text: string) => ({
      id,
      type: "function",
      function: { name: "get_weather", arguments: text },
    });
    expect(sentBody()).toEqual({
      model: "m",
      seed: 7,
      messages: [
        { role: "system", content: "Be short." },
        {
          role: "user",
          content: [
            { type: "text", text: "look" },
            image(`data:image/png;base64,${PIXEL}`),
            image("https://example.org/a.png"),
          ],
        },
        {
          role: "assistant",
          tool_calls: [
            called("call_1", '{"city":"Oslo"}'),
            called("call_2", '{"malformed_arguments":"{"}'),
          ],
        },
        { role: "tool", tool_call_id: "call_1", content: "rain" },
        { role: "tool", tool_call_id: "call_2", content: "broken" },
        {
          role: "user",
          content: [
            { type: "text", text: "Images in the result of get_weather:" },
            image(`data:image/jpeg;base64,${PIXEL}`),
          ],
        },
        { role: "assistant", content: "It rains." },
        { role: "user", content: "thanks" },
      ],
      tools: [
        {
          type: "function",
          function: {
            name: "get_weather",
            description: "The weather of a city.",
            parameters: weather.inputSchema,
          },
        },
      ],
    });
  });

  test("sampling goes out under the right names; what is omitted is warned of", async () => {
    answer = chat({ content: "ok" });
    const sampling = { temperature: 0.2, topP: 0.9, maxTokens: 50, stop: ["END"] };
    await asked(ask("hi", { sampling }));
    expect(sentBody()).toMatchObject({
      temperature: 0.2,
      top_p: 0.9,
      max_tokens: 50,
      stop: ["END"],
      seed: 7,
    });
    const response = await asked(ask("hi", { sampling, seed: -1 }), {
      omit: ["temperature", "topP"],
      maxTokensField: "max_completion_tokens",
    });
    expect(Object.keys(sentBody()).sort()).toEqual([
      "max_completion_tokens",
      "messages",
      "model",
      "seed",
      "stop",
    ]);
    expect(sentBody()["seed"]).toBe(2 ** 31 - 1);
    expect(response.warnings).toEqual([
      "The model does not take the setting temperature; it was left out.",
      "The model does not take the setting topP; it was left out.",
    ]);
  });

  test("extra fields are laid over the body, null takes one out, headers go along", async () => {
    answer = chat({ content: "ok" });
    await asked(ask("hi"), {
      body: { top_k: 5, seed: null, model: "other" },
      headers: { "x-team": "blue" },
      maxTokens: 9,
      reasoningEffort: "low",
    });
    const { messages: _, ...rest } = sentBody();
    expect(rest).toEqual({ model: "other", top_k: 5, max_tokens: 9, reasoning_effort: "low" });
    expect(server.headers[0]).toMatchObject({ "x-team": "blue" });
  });

  test("the key comes from the options and never from the environment", async () => {
    answer = chat({ content: "ok" });
    process.env["OPENAI_API_KEY"] = "from-the-environment";
    process.env["OPENAI_ORG_ID"] = "org-environment";
    try {
      await asked();
      await asked(ask("hi"), { apiKey: "from-the-options" });
    } finally {
      delete process.env["OPENAI_API_KEY"];
      delete process.env["OPENAI_ORG_ID"];
    }
    expect(server.headers.map(({ authorization }) => authorization)).toEqual([
      "Bearer none",
      "Bearer from-the-options",
    ]);
    expect(JSON.stringify(server.headers)).not.toContain("nvironment");
  });

  test.each([
    ["stop", "stop", 0],
    ["length", "length", 0],
    ["content_filter", "content_filter", 0],
    ["function_call", "stop", 0],
    ["eos", "stop", 1],
  ])("finish reason %s is %s", async (reason, finish, warned) => {
    answer = chat({ content: "ok" }, reason);
    const response = await asked();
    expect(response.finish).toBe(finish);
    expect(response.warnings ?? []).toHaveLength(warned);
  });

  test("calls end as tool_calls whatever the server calls it, unless they were cut off", async () => {
    const tool_calls = [{ id: "a", function: { name: "get_weather", arguments: "{}" } }];
    answer = chat({ tool_calls }, "stop");
    expect((await asked()).finish).toBe("tool_calls");
    answer = chat({ tool_calls }, "length");
    expect((await asked()).finish).toBe("length");
  });

  test("a refusal is text, and no answer", async () => {
    answer = chat({ content: null, refusal: "I will not." });
    expect(await asked()).toMatchObject({
      content: [{ type: "text", text: "I will not." }],
      finish: "content_filter",
      warnings: ["The model refused."],
    });
  });

  test.each(["reasoning_content", "reasoning"])("%s is thinking", async (field) => {
    answer = chat({ [field]: "First…", content: "Then." });
    const expected = [
      { type: "thinking", text: "First…" },
      { type: "text", text: "Then." },
    ];
    expect((await asked()).content).toEqual(expected);
    answer = [
      { choices: [{ index: 0, delta: { [field]: "First" } }] },
      { choices: [{ index: 0, delta: { [field]: "…" } }] },
      { choices: [{ index: 0, delta: { content: "Then." }, finish_reason: "stop" }] },
    ];
    const { deltas, response } = await drained(await withModel(), ask("hi"));
    expect(response.content).toEqual(expected);
    expect(deltas).toEqual([
      { type: "thinking", text: "First" },
      { type: "thinking", text: "…" },
      { type: "text", text: "Then." },
    ]);
  });

  test("thinking goes back only to servers that want it", async () => {
    answer = chat({ content: "ok" });
    const request = requestOf([
      { role: "user", content: "hi" },
      {
        role: "assistant",
        content: [
          { type: "thinking", text: "deep" },
          { type: "text", text: "so" },
        ],
      },
      { role: "user", content: "and?" },
    ]);
    await asked(request);
    expect(JSON.stringify(sentBody())).not.toContain("deep");
    await asked(request, { sendReasoning: true });
    expect((sentBody()["messages"] as unknown[])[1]).toEqual({
      role: "assistant",
      content: "so",
      reasoning_content: "deep",
    });
  });

  test("cached tokens are a part of the input", async () => {
    answer = chat({ content: "ok" });
    expect((await asked()).usage).toEqual({ input: 10, output: 4, cachedInput: 6 });
  });

  const logprobs = {
    content: [
      { token: "o", logprob: -0.25 },
      { token: "k", logprob: 1e-7 },
    ],
  };
  const tokens = { output: [5, 9], logprobs: [-0.25, 0] };

  test.each([
    ["ids beside the choice", { logprobs, token_ids: [5, 9] }],
    [
      "ids in each log-probability",
      {
        logprobs: {
          content: logprobs.content.map((one, at) => ({ ...one, token_id: [5, 9][at] })),
        },
      },
    ],
    [
      "ids in the names of tokens",
      {
        logprobs: {
          content: logprobs.content.map((one, at) => ({ ...one, token: `token_id:${[5, 9][at]}` })),
        },
      },
    ],
  ])("log-probabilities with %s become the token record", async (_, more) => {
    answer = { ...chat({ content: "ok" }, "stop", more), prompt_token_ids: [1, 2] };
    const response = await asked(ask("hi"), { logprobs: true, tokenIds: true });
    expect(sentBody()).toMatchObject({ logprobs: true, return_token_ids: true });
    expect(response.tokens).toEqual({ prompt: [1, 2], ...tokens });
    expect(response.warnings).toBeUndefined();
  });

  test("token ids that come in pieces add up", async () => {
    const part = (at: number, finish: string | null) => ({
      choices: [
        {
          index: 0,
          delta: { content: "x" },
          finish_reason: finish,
          logprobs: { content: [logprobs.content[at]] },
          token_ids: [[5, 9][at]],
        },
      ],
      ...(at === 0 ? { prompt_token_ids: [1, 2] } : {}),
    });
    answer = [part(0, null), part(1, "stop")];
    const { response } = await drained(
      await withModel({ logprobs: true, tokenIds: true }),
      ask("hi"),
    );
    expect(response.tokens).toEqual({ prompt: [1, 2], ...tokens });
  });

  test.each([
    ["without ids", { logprobs }, /without token ids/],
    ["of another number than ids", { logprobs, token_ids: [5] }, /1 token ids and 2/],
    ["above 1", { logprobs: { content: [{ logprob: 0.5 }] }, token_ids: [5] }, /that are none/],
    ["that are missing", {}, /no log-probabilities/],
  ])("log-probabilities %s are left out with a warning", async (_, more, warning) => {
    answer = chat({ content: "ok" }, "stop", more);
    const response = await asked(ask("hi"), { logprobs: true });
    expect(response.tokens).toBeUndefined();
    expect(response.warnings).toEqual([expect.stringMatching(warning)]);
  });

  test("ids and names that the API refuses are replaced on the way out and back", async () => {
    const odd = { ...weather, name: "weather.now" };
    answer = chat({ content: "ok" });
    const request = requestOf(
      [
        { role: "user", content: "hi" },
        { role: "assistant", content: [], calls: [{ ...call, id: "call_1~2", name: odd.name }] },
        { role: "tool", callId: "call_1~2", name: odd.name, content: "rain" },
      ],
      { tools: [odd] },
    );
    await asked(request);
    const [, assistant, tool] = sentBody()["messages"] as Record<string, unknown>[];
    const [sent] = assistant!["tool_calls"] as { id: string; function: { name: string } }[];
    expect(sent!.id).toMatch(/^[\w-]{1,40}$/);
    expect(tool!["tool_call_id"]).toBe(sent!.id);
    const [offered] = sentBody()["tools"] as { function: { name: string } }[];
    expect(offered!.function.name).toMatch(/^[\w-]{1,64}$/);
    expect(sent!.function.name).toBe(offered!.function.name);

    answer = chat({
      tool_calls: [{ id: "b", function: { name: offered!.function.name, arguments: "{}" } }],
    });
    expect((await asked(request)).toolCalls[0]!.name).toBe("weather.now");
  });

  test("alwaysStream asks for a stream and gives the whole", async () => {
    answer = [{ choices: [{ index: 0, delta: { content: "ok" }, finish_reason: "stop" }] }];
    const response = await asked(ask("hi"), { alwaysStream: true });
    expect(response.content).toEqual([{ type: "text", text: "ok" }]);
    expect(sentBody()).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    await asked(ask("hi"), { alwaysStream: true, body: { stream_options: null } });
    expect(sentBody()).not.toHaveProperty("stream_options");
  });
});

describe("responses", () => {
  const reasoning = {
    type: "reasoning",
    id: "rs_1",
    summary: [{ type: "summary_text", text: "Thought." }],
    encrypted_content: "opaque==",
  };
  const message = (content: unknown[]) => ({
    type: "message",
    id: "msg_1",
    role: "assistant",
    content,
  });
  const said = (text: string) => message([{ type: "output_text", text, annotations: [] }]);
  const received = (output: unknown[], more: object = {}) => ({
    id: "resp_1",
    object: "response",
    status: "completed",
    output,
    usage: {
      input_tokens: 12,
      input_tokens_details: { cached_tokens: 8 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 3 },
      total_tokens: 17,
    },
    ...more,
  });
  const asked = async (request = ask("hi"), options: Partial<OpenAIOptions> = {}) =>
    (await withModel({ api: "responses", ...options })).generate(request, never());

  test("encrypted reasoning comes back with the conversation, before the call it led to", async () => {
    answer = received([
      reasoning,
      {
        type: "function_call",
        id: "fc_1",
        call_id: "call_1",
        name: "get_weather",
        arguments: '{"city":"Oslo"}',
      },
    ]);
    const first = await asked(ask("weather", { tools: [weather] }), { reasoningSummary: "auto" });
    expect(first).toMatchObject({
      content: [{ type: "thinking", text: "Thought." }],
      toolCalls: [{ id: "call_1", name: "get_weather", input: { city: "Oslo" } }],
      finish: "tool_calls",
      usage: { input: 12, output: 5, cachedInput: 8 },
    });
    expect(sentBody()).toMatchObject({
      store: false,
      include: ["reasoning.encrypted_content"],
      reasoning: { summary: "auto" },
      tools: [{ type: "function", name: "get_weather", strict: false }],
    });

    answer = received([said("It rains.")]);
    await asked(
      requestOf([
        { role: "system", content: "Be short." },
        { role: "user", content: "weather" },
        { role: "assistant", content: first.content, calls: first.toolCalls },
        {
          role: "tool",
          callId: "call_1",
          name: "get_weather",
          content: [
            { type: "text", text: "rain" },
            { type: "image", mediaType: "image/png", data: PIXEL },
          ],
        },
      ]),
    );
    expect(sentBody()["instructions"]).toBe("Be short.");
    expect(sentBody()["input"]).toEqual([
      { role: "user", content: "weather" },
      reasoning,
      {
        type: "function_call",
        call_id: "call_1",
        name: "get_weather",
        arguments: '{"city":"Oslo"}',
      },
      {
        type: "function_call_output",
        call_id: "call_1",
        output: [
          { type: "input_text", text: "rain" },
          { type: "input_image", image_url: `data:image/png;base64,${PIXEL}`, detail: "auto" },
        ],
      },
    ]);
  });

  test("other models' thinking, and thinking that led to nothing, stay here", async () => {
    answer = received([said("ok")]);
    const signature = JSON.stringify(reasoning);
    await asked(
      requestOf([
        { role: "user", content: "hi" },
        {
          role: "assistant",
          content: [
            { type: "thinking", text: "theirs", signature: "c2lnbmF0dXJl" },
            { type: "thinking", text: "unsigned" },
            { type: "text", text: "so" },
          ],
        },
        { role: "user", content: "and?" },
        { role: "assistant", content: [{ type: "thinking", text: "cut off", signature }] },
        { role: "user", content: "go on" },
      ]),
    );
    expect(sentBody()["input"]).toEqual([
      { role: "user", content: "hi" },
      { role: "assistant", content: "so" },
      { role: "user", content: "and?" },
      { role: "user", content: "go on" },
    ]);
  });

  test.each([
    [{ status: "completed" }, "stop", 0],
    [{ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } }, "length", 0],
    [
      { status: "incomplete", incomplete_details: { reason: "content_filter" } },
      "content_filter",
      0,
    ],
    [{ status: "incomplete", incomplete_details: { reason: "whim" } }, "length", 1],
  ])("%j is %s", async (more, finish, warned) => {
    answer = received([said("ok")], more);
    const response = await asked();
    expect(response.finish).toBe(finish);
    expect(response.warnings ?? []).toHaveLength(warned);
  });

  test("a refusal is text, and no answer", async () => {
    answer = received([message([{ type: "refusal", refusal: "I will not." }])]);
    expect(await asked()).toMatchObject({
      content: [{ type: "text", text: "I will not." }],
      finish: "content_filter",
    });
  });

  test.each([
    ["server_error", true],
    ["rate_limit_exceeded", true],
    ["invalid_prompt", false],
  ])("a failed response with %s is an error (retryable: %s)", async (code, retryable) => {
    answer = received([], { status: "failed", error: { code, message: "no" } });
    await expect(asked()).rejects.toMatchObject({ retryable });
    answer = [{ type: "response.failed", response: answer }];
    await expect(asked(ask("hi"), { alwaysStream: true })).rejects.toMatchObject({ retryable });
  });

  test("thinking and text stream apart, and the last event holds the whole", async () => {
    answer = [
      { type: "response.created", response: received([]) },
      { type: "response.reasoning_summary_text.delta", delta: "Thought." },
      { type: "response.output_text.delta", delta: "It " },
      { type: "response.output_text.delta", delta: "rains." },
      { type: "response.completed", response: received([reasoning, said("It rains.")]) },
    ];
    const { deltas, response } = await drained(await withModel({ api: "responses" }), ask("hi"));
    expect(deltas).toEqual([
      { type: "thinking", text: "Thought." },
      { type: "text", text: "It " },
      { type: "text", text: "rains." },
    ]);
    expect(response).toMatchObject({
      content: [
        { type: "thinking", text: "Thought." },
        { type: "text", text: "It rains." },
      ],
      finish: "stop",
    });
  });

  test("settings that the API lacks are left out with a warning", async () => {
    answer = received([said("ok")]);
    const sampling = { temperature: 1, topP: 0.5, maxTokens: 20, stop: ["END"] };
    const response = await asked(ask("hi", { sampling }), {
      logprobs: true,
      reasoningEffort: "low",
    });
    expect(sentBody()).toMatchObject({
      temperature: 1,
      top_p: 0.5,
      max_output_tokens: 20,
      reasoning: { effort: "low" },
    });
    expect(sentBody()).not.toHaveProperty("stop");
    expect(sentBody()).not.toHaveProperty("seed");
    expect(response.warnings).toEqual([
      "The model does not take the setting stop; it was left out.",
      expect.stringMatching(/no token ids/),
    ]);
  });
});
