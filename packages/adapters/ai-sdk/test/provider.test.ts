import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { LLMock } from "@copilotkit/aimock";
import { createAgent, defineHarness, loadModels, type ModelsFile } from "@harnessx/core";
import type { ModelClient } from "@harnessx/core/plugin";
import { assertConformant, testPlugin } from "@harnessx/core/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import plugin, { fromLanguageModel } from "../src/index.ts";
import { events, json, serve, type Loopback } from "./support/loopback.ts";
import { ask, drained, failureOf, never, weather } from "./support/request.ts";

const folder = fileURLToPath(new URL("..", import.meta.url));
const KEY = "a-key-of-nobody-0123456789";
let server: Loopback | undefined;
afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
});

const made = async (baseURL: string, more: object = {}): Promise<ModelClient> =>
  plugin.create({
    provider: "@ai-sdk/openai-compatible",
    model: "m",
    settings: { name: "local", baseURL, apiKey: KEY, includeUsage: true },
    ...more,
  });

async function facing(answer: (response: ServerResponse) => void, more: object = {}) {
  server = await serve(answer);
  return made(`${server.url}/v1`, more);
}

const piece = (content: string, finish: string | null = null) => ({
  choices: [{ index: 0, delta: { content }, finish_reason: finish }],
});

describe("a provider package", () => {
  test("says against aimock what is in the fixture, whole and streamed, with tools", async () => {
    const mock = new LLMock({ port: 0, chunkSize: 4 });
    await mock.start();
    const usage = { prompt_tokens: 11, completion_tokens: 4, total_tokens: 15 };
    mock.onMessage("hello", { content: "Hello to you.", usage });
    mock.onMessage("weather", {
      toolCalls: [{ name: "get_weather", arguments: '{"city":"Oslo"}' }],
      usage,
    });
    try {
      const model = await made(`${mock.url}/v1`);
      const whole = await model.generate(ask("hello"), never());
      expect(whole).toMatchObject({
        content: [{ type: "text", text: "Hello to you." }],
        finish: "stop",
        usage: { input: 11, output: 4 },
      });
      const { deltas, response } = await drained(model, ask("hello"));
      expect(deltas.length).toBeGreaterThan(1);
      expect(response.content).toEqual(whole.content);
      const called = await drained(model, ask("weather", { tools: [weather] }));
      expect(called.response).toMatchObject({
        toolCalls: [{ name: "get_weather", input: { city: "Oslo" } }],
        finish: "tool_calls",
      });
      mock.nextRequestError(500);
      const error = await failureOf(model.generate(ask("hello"), never()));
      expect(error).toMatchObject({ code: "HX_AI_SDK_UNAVAILABLE", retryable: true });
    } finally {
      await mock.stop();
    }
  });

  test("a model that code has made already says the same", async () => {
    server = await serve((response) =>
      events(response, [piece("Hello "), piece("to you.", "stop")]),
    );
    const local = createOpenAICompatible({ name: "local", baseURL: `${server.url}/v1` });
    const model = fromLanguageModel(local("m"), { id: "mine" });
    const { deltas, response } = await drained(model, ask("hi"));
    expect(model.id).toBe("mine");
    expect(deltas).toHaveLength(2);
    expect(response.content).toEqual([{ type: "text", text: "Hello to you." }]);
  });

  test.each([
    [429, true],
    [503, true],
    [401, false],
    [404, false],
    [307, false],
  ])("%i is retryable: %s, asked once, and shows no key", async (status, retryable) => {
    const model = await facing((response) => {
      response.setHeader("retry-after", "3");
      json(response, { error: { message: `bad ${KEY}` } }, status);
    });
    const error = await failureOf(model.generate(ask("hi"), never()));
    expect(error).toMatchObject({ retryable, details: { status, retryAfterMs: 3_000 } });
    expect(server!.bodies).toHaveLength(1);
    expect(JSON.stringify([error.message, error.details, String(error.cause)])).not.toContain(KEY);
  });

  test("nobody at the address is retryable", async () => {
    const model = await made("http://127.0.0.1:1/v1");
    expect(await failureOf(model.generate(ask("hi"), never()))).toMatchObject({
      code: "HX_AI_SDK_UNAVAILABLE",
      retryable: true,
    });
  });

  test("half a JSON is cut, a page is a wrong address", async () => {
    let body = '{"choices":[{"mess';
    const model = await facing((response) => void response.end(body));
    expect(await failureOf(model.generate(ask("hi"), never()))).toMatchObject({
      code: "HX_AI_SDK_CUT",
      retryable: true,
    });
    body = "<html>Please log in</html>";
    expect(await failureOf(model.generate(ask("hi"), never()))).toMatchObject({
      code: "HX_AI_SDK_ANSWER",
      retryable: false,
    });
  });

  test.each([
    ["garbage", [piece("a"), "data: {nonsense\n\n"]],
    ["no finish reason", [piece("half a "), piece("sen")]],
  ])("a stream with %s is cut", async (_, list) => {
    const model = await facing((response) => events(response, list));
    expect(await failureOf(drained(model, ask("hi")))).toMatchObject({
      code: "HX_AI_SDK_CUT",
      retryable: true,
    });
  });

  test.each(["generate", "stream"] as const)(
    "abort ends a %s that never closes, with its reason, and frees the socket",
    async (way) => {
      const model = await facing((response) => {
        const type = way === "stream" ? "text/event-stream" : "application/json";
        response.writeHead(200, { "content-type": type });
        response.write(" ");
      });
      const controller = new AbortController();
      const reason = new Error("enough");
      setTimeout(() => controller.abort(reason), 40);
      const context = { signal: controller.signal };
      const call =
        way === "stream" ? drained(model, ask("hi"), context) : model.generate(ask("hi"), context);
      expect(await failureOf(call)).toBe(reason);
      await server!.idle();
    },
  );

  test("an answer of 100 MB is left at the limit", async () => {
    let sent = 0;
    const model = await facing(
      (response) => {
        response.writeHead(200, { "content-type": "application/json" });
        const block = Buffer.alloc(2 ** 20, "x");
        const more = (): void => {
          while (!response.destroyed && sent < 100 * 2 ** 20) {
            sent += block.length;
            if (!response.write(block)) return void response.once("drain", more);
          }
          response.end();
        };
        response.on("error", () => undefined);
        more();
      },
      { maxResponseBytes: 2 ** 20 },
    );
    expect(await failureOf(model.generate(ask("hi"), never()))).toMatchObject({
      code: "HX_AI_SDK_TOO_LARGE",
      retryable: false,
    });
    await server!.idle();
    expect(sent).toBeLessThan(30 * 2 ** 20);
  });

  test.each([
    [{ provider: "@nobody/none" }, /cannot be used/],
    [{ provider: "@ai-sdk/provider" }, /no single factory/],
    [{ factory: "createNothing" }, /no factory createNothing \(factories: createOpenAICompatible/],
    [{ method: "paint" }, /no method paint/],
  ])("%j is refused", async (more, message) => {
    const error = await failureOf(made("http://127.0.0.1:1/v1", more));
    expect(error).toMatchObject({ code: "HX_AI_SDK_PROVIDER", retryable: false });
    expect(error.message).toMatch(message);
  });

  test("another method makes another model", async () => {
    const answer = { choices: [{ text: "done", index: 0, finish_reason: "stop" }] };
    const model = await facing((response) => json(response, answer), {
      method: "completionModel",
    });
    expect((await model.generate(ask("hi"), never())).content).toEqual([
      { type: "text", text: "done" },
    ]);
  });
});

describe("the plugin", () => {
  test("conforms, with the least and with many options", async () => {
    await assertConformant(folder);
    await assertConformant(folder, {
      options: {
        provider: "@ai-sdk/openai-compatible",
        model: "m",
        factory: "createOpenAICompatible",
        method: "chatModel",
        settings: { name: "x", baseURL: "http://127.0.0.1:1/v1" },
        providerOptions: { x: { a: 1 } },
        maxTokens: 5,
        omit: ["seed"],
      },
    });
  });

  test.each([{}, { provider: "../evil", model: "m" }, { provider: "p", model: "" }])(
    "refuses the options %j",
    async (options) => {
      const { checks } = await testPlugin(folder, { options });
      expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(["options"]);
    },
  );

  test("the README's models.json serves an agent, and its key stays out of the file", async () => {
    server = await serve((response) =>
      json(response, {
        choices: [{ index: 0, message: { content: "Hello." }, finish_reason: "stop" }],
        usage: { prompt_tokens: 1, completion_tokens: 1 },
      }),
    );
    vi.stubEnv("LOCAL_KEY", "key-of-nobody");
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const file = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as ModelsFile;
    const main = file.roles.main;
    const settings = { ...(main.options!["settings"] as object), baseURL: `${server.url}/v1` };
    const pointed = { roles: { main: { ...main, options: { ...main.options, settings } } } };
    const models = await loadModels(pointed, { root: folder });
    const harness = await defineHarness({ name: "h" });
    const result = await createAgent({ harness, models }).run("Hi.");
    expect(result).toMatchObject({ exit: "done", output: "Hello." });
    expect(server.headers[0]!.authorization).toBe("Bearer key-of-nobody");
  });
});
