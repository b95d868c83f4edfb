import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createOpenAIModel, type OpenAIOptions } from "../src/index.ts";
import { events, json, serve, type Loopback } from "./support/loopback.ts";
import { ask, drained, failureOf, never, weather } from "./support/request.ts";

const KEY = "a-key-of-nobody-0123456789";
let server: Loopback | undefined;
afterEach(() => server?.close());

async function facing(
  answer: (response: ServerResponse) => void,
  options: Partial<OpenAIOptions> = {},
) {
  server = await serve(answer);
  return createOpenAIModel({ model: "m", apiKey: KEY, baseURL: `${server.url}/v1`, ...options });
}

const piece = (content: string, finish: string | null = null) => ({
  choices: [{ index: 0, delta: { content }, finish_reason: finish }],
});
const whole = (message: object, finish = "stop") => ({
  choices: [{ index: 0, message, finish_reason: finish }],
  usage: { prompt_tokens: 3, completion_tokens: 2 },
});

describe.each(["chat", "responses"] as const)("%s", (api) => {
  test("garbage among the events is a cut stream, and nothing is printed", async () => {
    const model = await facing(
      (response) => events(response, ["data: {nonsense\n\n", ": comment\n\n"]),
      { api },
    );
    const printed = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const error = await failureOf(drained(model, ask("hi")));
    expect(error).toMatchObject({ code: "HX_OPENAI_CUT", retryable: true });
    expect(printed).not.toHaveBeenCalled();
    printed.mockRestore();
  });

  test("binary noise in place of events is a cut stream", async () => {
    const model = await facing(
      (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.end(Buffer.from([0, 255, 254, 10, 13, 10, 200, 10, 10]));
      },
      { api },
    );
    expect(await failureOf(drained(model, ask("hi")))).toMatchObject({
      code: "HX_OPENAI_CUT",
      retryable: true,
    });
  });

  test("half a JSON is a cut answer", async () => {
    const model = await facing(
      (response) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end('{"choices":[{"mess');
      },
      { api },
    );
    expect(await failureOf(model.generate(ask("hi"), never()))).toMatchObject({
      code: "HX_OPENAI_CUT",
      retryable: true,
    });
  });

  test("a connection that dies under the answer is a cut answer", async () => {
    const model = await facing(
      (response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": "900" });
        response.write('{"choices":');
        setTimeout(() => response.destroy(), 10);
      },
      { api },
    );
    expect(await failureOf(model.generate(ask("hi"), never()))).toMatchObject({
      code: "HX_OPENAI_CUT",
      retryable: true,
    });
  });

  test("nobody at the address is retryable", async () => {
    const model = createOpenAIModel({ model: "m", api, baseURL: "http://127.0.0.1:1/v1" });
    const error = await failureOf(model.generate(ask("hi"), never()));
    expect(error).toMatchObject({ code: "HX_OPENAI_UNAVAILABLE", retryable: true });
    expect(error.message).toMatch(/ECONNREFUSED|bad port|failed/);
  });

  test.each(["generate", "stream"] as const)(
    "abort ends a %s that never closes, with its reason, and frees the socket",
    async (way) => {
      const model = await facing(
        (response) => {
          const type = way === "stream" ? "text/event-stream" : "application/json";
          response.writeHead(200, { "content-type": type });
          response.write(way === "stream" ? ": on it\n\n" : " ");
        },
        { api },
      );
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

  test("a signal that is aborted already sends nothing", async () => {
    const model = await facing((response) => json(response, {}), { api });
    const reason = new Error("too late");
    const error = await failureOf(model.generate(ask("hi"), { signal: AbortSignal.abort(reason) }));
    expect(error).toBe(reason);
    expect(server!.bodies).toHaveLength(0);
  });

  test("leaving a stream early frees the socket", async () => {
    const model = await facing(
      (response) =>
        events(
          response,
          api === "chat"
            ? [piece("one "), piece("two ")]
            : [{ type: "response.output_text.delta", delta: "one " }],
          false,
        ),
      { api },
    );
    for await (const delta of model.stream!(ask("hi"), never())) {
      expect(delta).toEqual({ type: "text", text: "one " });
      break;
    }
    await server!.idle();
  });

  test("429 is asked once, is retryable and keeps Retry-After", async () => {
    const model = await facing(
      (response) => {
        response.setHeader("retry-after", "7");
        json(response, { error: { message: "slow down", code: "rate_limit_exceeded" } }, 429);
      },
      { api },
    );
    const error = await failureOf(model.generate(ask("hi"), never()));
    expect(error).toMatchObject({
      code: "HX_OPENAI_UNAVAILABLE",
      retryable: true,
      details: { status: 429, retryAfterMs: 7_000, type: "rate_limit_exceeded" },
    });
    expect(server!.bodies).toHaveLength(1);
  });

  test.each([
    [{ "retry-after-ms": "1500", "retry-after": "9" }, 1_500],
    [{ "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }, 0],
    [{ "retry-after": "soon" }, undefined],
    [{}, undefined],
  ])("%j asks to wait for %s ms", async (headers, expected) => {
    const model = await facing(
      (response) => {
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
        json(response, { error: {} }, 503);
      },
      { api },
    );
    const { details } = await failureOf(model.generate(ask("hi"), never()));
    expect(details!["retryAfterMs"]).toBe(expected);
  });

  test.each([400, 401, 403, 404, 422, 307])("%i is not retryable", async (status) => {
    const model = await facing(
      (response) => {
        response.setHeader("location", "http://127.0.0.1:1/elsewhere");
        json(response, { error: { message: "no" } }, status);
      },
      { api },
    );
    expect(await failureOf(model.generate(ask("hi"), never()))).toMatchObject({
      code: "HX_OPENAI_REFUSED",
      retryable: false,
      details: { status },
    });
    expect(server!.bodies).toHaveLength(1);
  });

  test.each([408, 409, 500, 529])("%i is retryable", async (status) => {
    const model = await facing((response) => json(response, { error: {} }, status), { api });
    expect(await failureOf(model.generate(ask("hi"), never()))).toMatchObject({ retryable: true });
  });

  test("no message, detail or cause shows a key, whatever the server quotes", async () => {
    const quoted = `Incorrect key ${KEY}, not sk-proj-abc123456789, header Bearer ${KEY}`;
    for (const [status, body] of [
      [401, { error: { message: quoted, code: "invalid_api_key" } }],
      [200, { note: quoted }],
    ] as const) {
      const model = await facing((response) => json(response, body, status), { api });
      const error = await failureOf(model.generate(ask("hi"), never()));
      const shown = JSON.stringify([
        error.message,
        error.details,
        String(error.cause),
        error.stack,
      ]);
      expect(shown).toContain("[secret]");
      expect(shown).not.toContain(KEY);
      expect(shown).not.toContain("sk-proj");
      await server!.close();
    }
  });

  test("a page in place of an answer is said to be one", async () => {
    const page = (response: ServerResponse) => {
      response.writeHead(200, { "content-type": "text/html" });
      response.end("<html>Please log in</html>");
    };
    const model = await facing(page, { api });
    const asked = await failureOf(model.generate(ask("hi"), never()));
    expect(asked).toMatchObject({ code: "HX_OPENAI_ANSWER", retryable: false });
    expect(asked.message).toContain("Please log in");
    const streamed = await failureOf(drained(model, ask("hi")));
    expect(streamed).toMatchObject({ code: "HX_OPENAI_ANSWER", retryable: false });
    expect(streamed.message).toContain("text/html");
  });

  test.each(["generate", "stream"] as const)(
    "an answer of 100 MB is left at the limit (%s)",
    async (way) => {
      let sent = 0;
      const model = await facing(
        (response) => {
          const type = way === "stream" ? "text/event-stream" : "application/json";
          response.writeHead(200, { "content-type": type });
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
        { api, maxResponseBytes: 2 ** 20 },
      );
      const call =
        way === "stream" ? drained(model, ask("hi")) : model.generate(ask("hi"), never());
      expect(await failureOf(call)).toMatchObject({
        code: "HX_OPENAI_TOO_LARGE",
        retryable: false,
        details: { limit: 2 ** 20 },
      });
      await server!.idle();
      expect(sent).toBeLessThan(30 * 2 ** 20);
    },
  );
});

describe("chat", () => {
  test("an announced length beyond the limit is not even begun", async () => {
    const model = await facing(
      (response) => {
        response.writeHead(200, {
          "content-type": "application/json",
          "content-length": String(2 ** 30),
        });
        response.write(" ");
      },
      { maxResponseBytes: 4096 },
    );
    expect(await failureOf(model.generate(ask("hi"), never()))).toMatchObject({
      code: "HX_OPENAI_TOO_LARGE",
    });
    await server!.idle();
  });

  test("an answer just within the limit passes", async () => {
    const text = "y".repeat(3_000);
    const model = await facing((response) => json(response, whole({ content: text })), {
      maxResponseBytes: 4096,
    });
    expect((await model.generate(ask("hi"), never())).content).toEqual([{ type: "text", text }]);
  });

  test("a stream without a finish reason is cut, although it closed cleanly", async () => {
    const model = await facing((response) => events(response, [piece("half a "), piece("sen")]));
    expect(await failureOf(drained(model, ask("hi")))).toMatchObject({
      code: "HX_OPENAI_CUT",
      retryable: true,
    });
  });

  test("a stream with a finish reason passes without usage and without [DONE]", async () => {
    const model = await facing((response) => events(response, [piece("all", "stop")]));
    expect((await drained(model, ask("hi"))).response).toMatchObject({
      content: [{ text: "all" }],
      usage: { input: 0, output: 0 },
      warnings: ["The server reported no usage; it counts as 0."],
    });
  });

  test.each([
    [{ message: "overloaded", code: 503 }, true],
    [{ message: "busy", code: "server_error" }, true],
    [{ message: "too long", code: "context_length_exceeded" }, false],
    [{ message: "bad", code: 400 }, false],
  ])("an error inside a stream: %j", async (error, retryable) => {
    const model = await facing((response) => events(response, [piece("a"), { error }]));
    expect(await failureOf(drained(model, ask("hi")))).toMatchObject({ retryable });
  });

  test("broken arguments are kept and marked; empty ones are none", async () => {
    const call = (id: string, text: string) => ({
      id,
      type: "function",
      function: { name: "get_weather", arguments: text },
    });
    const message = {
      content: null,
      tool_calls: [call("a", '{"city": "Os'), call("b", ""), call("c", "[1]")],
    };
    const model = await facing((response) => json(response, whole(message, "tool_calls")));
    const { toolCalls, finish } = await model.generate(ask("hi", { tools: [weather] }), never());
    expect(finish).toBe("tool_calls");
    expect(toolCalls).toEqual([
      {
        id: "a",
        name: "get_weather",
        input: '{"city": "Os',
        malformed: expect.stringMatching(/JSON|Unterminated/),
      },
      { id: "b", name: "get_weather", input: {} },
      { id: "c", name: "get_weather", input: [1] },
    ]);
  });

  test("an invented tool is passed on under its invented name", async () => {
    const message = {
      tool_calls: [{ id: "a", type: "function", function: { name: "rm -rf", arguments: "{}" } }],
    };
    const model = await facing((response) => json(response, whole(message, "stop")));
    const { toolCalls, finish } = await model.generate(ask("hi", { tools: [weather] }), never());
    expect([toolCalls[0]!.name, finish]).toEqual(["rm -rf", "tool_calls"]);
  });

  test("calls without index or id, and all with index 0, stay apart", async () => {
    const part = (call: object) => ({ choices: [{ index: 0, delta: { tool_calls: [call] } }] });
    const model = await facing((response) =>
      events(response, [
        part({ index: 0, id: "a", function: { name: "one", arguments: '{"n":' } }),
        part({ index: 0, function: { arguments: "1}" } }),
        part({ index: 0, id: "b", function: { name: "two", arguments: '{"n":2}' } }),
        part({ id: "c", function: { name: "three", arguments: '{"n":' } }),
        part({ function: { arguments: "3}" } }),
        piece("", "tool_calls"),
      ]),
    );
    const { toolCalls } = (await drained(model, ask("hi"))).response;
    expect(toolCalls.map(({ id, name, input }) => [id, name, input])).toEqual([
      ["a", "one", { n: 1 }],
      ["b", "two", { n: 2 }],
      ["c", "three", { n: 3 }],
    ]);
  });
});
