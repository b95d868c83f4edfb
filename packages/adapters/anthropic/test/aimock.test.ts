import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { LLMock } from "@copilotkit/aimock";
import type { ModelRequest } from "@harnessx/core/plugin";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createAnthropicModel } from "../src/index.ts";
import { ask, drained, failureOf, never, requestOf, weather } from "./support/request.ts";

/** What a client makes of an answer, in one form for all. */
interface Seen {
  readonly text: string;
  readonly calls: readonly unknown[];
  readonly usage: unknown;
}

let mock: LLMock;
const folder = mkdtempSync(join(tmpdir(), "harnessx-anthropic-"));

beforeAll(async () => {
  mock = new LLMock({ port: 0, chunkSize: 5 });
  await mock.start();
});
afterAll(async () => {
  await mock.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => mock.reset());

const usage = { input_tokens: 11, output_tokens: 4 };
const counted = { input: 11, output: 4 };

const model = (baseURL = mock.url) =>
  createAnthropicModel({ model: "claude-sonnet-5-5", baseURL, apiKey: "sk-ant-test-123456" });

const seen = async (stream: boolean, request: ModelRequest): Promise<Seen> => {
  const response = stream
    ? (await drained(model(), request)).response
    : await model().generate(request, never());
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
  const client = new Anthropic({ baseURL: mock.url, apiKey: "sk-ant-test-123456", maxRetries: 0 });
  const body = {
    model: "claude-sonnet-5-5",
    max_tokens: 100,
    messages: [{ role: "user" as const, content: text }],
    tools: request.tools.map(({ name, description, inputSchema }) => ({
      name,
      description,
      input_schema: inputSchema as Anthropic.Tool.InputSchema,
    })),
  };
  const message = stream
    ? await client.messages.stream(body).finalMessage()
    : await client.messages.create(body);
  return {
    text: message.content.map((block) => (block.type === "text" ? block.text : "")).join(""),
    calls: message.content.flatMap((block) =>
      block.type === "tool_use" ? [{ name: block.name, input: block.input }] : [],
    ),
    usage: { input: message.usage.input_tokens, output: message.usage.output_tokens },
  };
}

describe("against aimock", () => {
  test.each([false, true])("says what the official client says (stream %s)", async (stream) => {
    mock.onMessage("hello", { content: "Hello to you, reader.", usage });
    const request = ask("hello");
    const expected = { text: "Hello to you, reader.", calls: [], usage: counted };
    expect(await seen(stream, request)).toEqual(expected);
    expect(await officially(stream, "hello", request)).toEqual(expected);
  });

  test("streams the text in pieces that add up", async () => {
    mock.onMessage("hello", { content: "Hello to you, reader." });
    const { deltas } = await drained(model(), ask("hello"));
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
    expect(await seen(stream, request)).toEqual(expected);
    expect(await officially(stream, "weather", request)).toEqual(expected);
  });

  test("holds a conversation over several turns", async () => {
    mock.onTurn(0, "weather", {
      toolCalls: [{ name: "get_weather", arguments: '{"city":"Oslo"}', id: "call_1" }],
    });
    mock.onTurn(1, "weather", { content: "It rains." });
    const client = model();
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
    const error = await failureOf(model().generate(ask("hello"), never()));
    expect(error).toMatchObject({ retryable, details: { status } });
    // Nothing was retried behind our back, and the next call is served.
    expect(mock.getRequests()).toHaveLength(1);
    expect((await model().generate(ask("hello"), never())).finish).toBe("stop");
  });

  test("a stream that is cut off is retryable and yields no response", async () => {
    const opts = { truncateAfterChunks: 2, chunkSize: 3 };
    mock.onMessage("hello", { content: "Hello to you, reader." }, opts);
    const error = await failureOf(drained(model(), ask("hello")));
    expect(error.code).toMatch(/^HX_ANTHROPIC_(CUT|UNAVAILABLE)$/);
    expect(error.retryable).toBe(true);
  });

  test("what is recorded through a proxy is replayed without the upstream", async () => {
    mock.onMessage("hello", { content: "Recorded words.", usage });
    const fixturePath = join(folder, "recorded");
    const proxy = new LLMock({
      port: 0,
      record: { providers: { anthropic: mock.url }, fixturePath },
    });
    await proxy.start();
    const { response: live } = await drained(model(proxy.url), ask("hello"));
    await proxy.stop();

    const replay = new LLMock({ port: 0 });
    const [recorded] = readdirSync(fixturePath, { recursive: true }).filter((file) =>
      String(file).endsWith(".json"),
    );
    replay.loadFixtureFile(join(fixturePath, String(recorded)));
    await replay.start();
    const { response: again } = await drained(model(replay.url), ask("hello"));
    await replay.stop();
    expect(live.content).toEqual([{ type: "text", text: "Recorded words." }]);
    expect(again.content).toEqual(live.content);
  });

  test("thinking, its signature and hidden thinking come back as they were sent", async () => {
    mock.onTurn(0, "weather", {
      reasoning: "Which city?",
      reasoningSignature: "c2lnbmVkLWJ5LXRoZW0=",
      redactedThinking: ["aGlkZGVu"],
      toolCalls: [{ name: "get_weather", arguments: '{"city":"Oslo"}', id: "toolu_1" }],
    });
    mock.onTurn(1, "weather", { content: "It rains." });
    const { deltas, response } = await drained(model(), ask("weather", { tools: [weather] }));
    expect(deltas.filter(({ type }) => type === "thinking").length).toBeGreaterThan(0);
    await model().generate(
      requestOf(
        [
          { role: "user", content: "weather" },
          { role: "assistant", content: response.content, calls: response.toolCalls },
          { role: "tool", content: "rain", callId: "toolu_1", name: "get_weather" },
        ],
        { tools: [weather] },
      ),
      never(),
    );
    // The mock's journal speaks the language of another API: the requests test looks at the body.
    expect(response.content).toEqual(
      expect.arrayContaining([
        { type: "thinking", text: "Which city?", signature: "c2lnbmVkLWJ5LXRoZW0=" },
        {
          type: "thinking",
          text: "",
          signature: JSON.stringify({ type: "redacted_thinking", data: "aGlkZGVu" }),
        },
      ]),
    );
  });
});
