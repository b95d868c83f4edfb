import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LLMock } from "@copilotkit/aimock";
import type { ModelRequest } from "@harnessx/core/plugin";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createOpenAIModel } from "../src/index.ts";
import { ask, drained, failureOf, never, requestOf, weather } from "./support/request.ts";

/** What a client makes of an answer, in one form for all. */
interface Seen {
  readonly text: string;
  readonly calls: readonly unknown[];
  readonly usage: unknown;
}

let mock: LLMock;
const folder = mkdtempSync(join(tmpdir(), "harnessx-openai-"));

beforeAll(async () => {
  mock = new LLMock({ port: 0, chunkSize: 5 });
  await mock.start();
});
afterAll(async () => {
  await mock.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => mock.reset());

const usage = { prompt_tokens: 11, completion_tokens: 4, total_tokens: 15 };
const counted = { input: 11, output: 4 };

const model = (api: "chat" | "responses", baseURL = `${mock.url}/v1`) =>
  createOpenAIModel({ model: "gpt-4o", api, baseURL, apiKey: "sk-test-key-123456" });

const official = () =>
  new OpenAI({ baseURL: `${mock.url}/v1`, apiKey: "sk-test-key-123456", maxRetries: 0 });

const tools = (request: ModelRequest) =>
  request.tools.map(({ name, description, inputSchema: parameters }) => ({
    type: "function" as const,
    function: { name, description, parameters: parameters as Record<string, unknown> },
  }));

const seen = async (api: "chat" | "responses", stream: boolean, request: ModelRequest) => {
  const response = stream
    ? (await drained(model(api), request)).response
    : await model(api).generate(request, never());
  const text = response.content.map((part) => ("text" in part ? part.text : "")).join("");
  const { input, output } = response.usage;
  return {
    text,
    calls: response.toolCalls.map(({ name, input: arguments_ }) => ({ name, input: arguments_ })),
    usage: { input, output },
  };
};

/** The same through the official client, for one user message. */
async function officially(stream: boolean, text: string, request: ModelRequest): Promise<Seen> {
  const body = {
    model: "gpt-4o",
    messages: [{ role: "user" as const, content: text }],
    ...(request.tools.length > 0 ? { tools: tools(request) } : {}),
  };
  const client = official();
  if (!stream) {
    const { choices, usage: used } = await client.chat.completions.create(body);
    const { content, tool_calls: calls = [] } = choices[0]!.message;
    return {
      text: content ?? "",
      calls: calls.map((call) =>
        call.type === "function"
          ? { name: call.function.name, input: JSON.parse(call.function.arguments) as unknown }
          : call,
      ),
      usage: { input: used!.prompt_tokens, output: used!.completion_tokens },
    };
  }
  let whole = "";
  const calls: { name: string; text: string }[] = [];
  let used = { input: 0, output: 0 };
  for await (const chunk of await client.chat.completions.create({
    ...body,
    stream: true,
    stream_options: { include_usage: true },
  })) {
    whole += chunk.choices[0]?.delta.content ?? "";
    for (const call of chunk.choices[0]?.delta.tool_calls ?? []) {
      const at = (calls[call.index] ??= { name: "", text: "" });
      at.name += call.function?.name ?? "";
      at.text += call.function?.arguments ?? "";
    }
    if (chunk.usage)
      used = { input: chunk.usage.prompt_tokens, output: chunk.usage.completion_tokens };
  }
  const parsed = calls.map(({ name, text: of }) => ({ name, input: JSON.parse(of) as unknown }));
  return { text: whole, calls: parsed, usage: used };
}

describe.each(["chat", "responses"] as const)("%s against aimock", (api) => {
  test.each([false, true])("says what the official client says (stream %s)", async (stream) => {
    mock.onMessage("hello", { content: "Hello to you, reader.", usage });
    const request = ask("hello");
    const expected = { text: "Hello to you, reader.", calls: [], usage: counted };
    expect(await seen(api, stream, request)).toEqual(expected);
    expect(await officially(stream, "hello", request)).toEqual(expected);
  });

  test("streams the text in pieces that add up", async () => {
    mock.onMessage("hello", { content: "Hello to you, reader." });
    const { deltas } = await drained(model(api), ask("hello"));
    expect(deltas.length).toBeGreaterThan(2);
    expect(deltas.map((delta) => "text" in delta && delta.text).join("")).toBe(
      "Hello to you, reader.",
    );
  });

  test.each([false, true])("calls tools like the official client (stream %s)", async (stream) => {
    const toolCalls = [
      { name: "get_weather", arguments: '{"city":"Bergen"}' },
      { name: "get_weather", arguments: '{"city":"Oslo"}' },
    ];
    mock.onMessage("weather", { toolCalls, usage });
    const request = ask("weather", { tools: [weather] });
    const expected = {
      text: "",
      calls: [
        { name: "get_weather", input: { city: "Bergen" } },
        { name: "get_weather", input: { city: "Oslo" } },
      ],
      usage: counted,
    };
    expect(await seen(api, stream, request)).toEqual(expected);
    expect(await officially(stream, "weather", request)).toEqual(expected);
  });

  test("holds a conversation over several turns", async () => {
    mock.onTurn(0, "weather", {
      toolCalls: [{ name: "get_weather", arguments: '{"city":"Oslo"}', id: "call_1" }],
    });
    mock.onTurn(1, "weather", { content: "It rains." });
    const client = model(api);
    const first = await client.generate(ask("weather", { tools: [weather] }), never());
    expect(first.finish).toBe("tool_calls");
    const second = await client.generate(
      requestOf(
        [
          { role: "system", content: "Be short." },
          { role: "user", content: "weather" },
          { role: "assistant", content: [], calls: first.toolCalls },
          { role: "tool", content: "rain", callId: first.toolCalls[0]!.id, name: "get_weather" },
        ],
        { tools: [weather] },
      ),
      never(),
    );
    expect(second).toMatchObject({ content: [{ text: "It rains." }], finish: "stop" });
  });

  test.each([
    [429, true],
    [500, true],
    [503, true],
    [401, false],
    [400, false],
  ])("an injected %i is retryable: %s", async (status, retryable) => {
    mock.onMessage("hello", { content: "Hello." });
    mock.nextRequestError(status, { message: "no", type: "t" });
    const error = await failureOf(model(api).generate(ask("hello"), never()));
    expect(error).toMatchObject({ retryable, details: { status } });
    // Nothing was retried behind our back, and the next call is served.
    expect(mock.getRequests()).toHaveLength(1);
    expect((await model(api).generate(ask("hello"), never())).finish).toBe("stop");
  });

  test("a stream that is cut off is retryable and yields no response", async () => {
    const opts = { truncateAfterChunks: 2, chunkSize: 3 };
    mock.onMessage("hello", { content: "Hello to you, reader." }, opts);
    const error = await failureOf(drained(model(api), ask("hello")));
    expect(error.code).toMatch(/^HX_OPENAI_(CUT|UNAVAILABLE)$/);
    expect(error.retryable).toBe(true);
  });

  test("what is recorded through a proxy is replayed without the upstream", async () => {
    mock.onMessage("hello", { content: "Recorded words.", usage });
    const fixturePath = join(folder, api);
    const proxy = new LLMock({
      port: 0,
      record: { providers: { openai: mock.url }, fixturePath },
    });
    await proxy.start();
    const { response: live } = await drained(model(api, `${proxy.url}/v1`), ask("hello"));
    await proxy.stop();

    const replay = new LLMock({ port: 0 });
    const [recorded] = readdirSync(fixturePath, { recursive: true }).filter((file) =>
      String(file).endsWith(".json"),
    );
    replay.loadFixtureFile(join(fixturePath, String(recorded)));
    await replay.start();
    const { response: again } = await drained(model(api, `${replay.url}/v1`), ask("hello"));
    await replay.stop();
    expect(live.content).toEqual([{ type: "text", text: "Recorded words." }]);
    expect(again.content).toEqual(live.content);
  });
});
