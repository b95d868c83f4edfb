import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createAnthropicModel, type AnthropicOptions } from "../src/index.ts";
import { events, json, serve, type Loopback } from "./support/loopback.ts";
import { ask, drained, failureOf, never, weather } from "./support/request.ts";

const KEY = "a-key-of-nobody-0123456789";
let server: Loopback | undefined;
afterEach(() => server?.close());

async function facing(
  answer: (response: ServerResponse) => void,
  options: Partial<AnthropicOptions> = {},
) {
  server = await serve(answer);
  return createAnthropicModel({ model: "m", apiKey: KEY, baseURL: `${server.url}`, ...options });
}

const opening = named({
  type: "message_start",
  message: { content: [], usage: { input_tokens: 9, output_tokens: 1 } },
});
const textStart = named({
  type: "content_block_start",
  index: 0,
  content_block: { type: "text", text: "" },
});
const textDelta = (text: string) =>
  named({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } });
const ending = (stop_reason: string) =>
  named({ type: "message_delta", delta: { stop_reason }, usage: { output_tokens: 5 } });
const closing = named({ type: "message_stop" });
const whole = (content: unknown[], stop_reason = "end_turn") => ({
  type: "message",
  content,
  stop_reason,
  usage: { input_tokens: 3, output_tokens: 2 },
});

/** An event with its name, as the API sends them. */
function named(event: { readonly type: string; readonly [field: string]: unknown }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

describe("a server that misbehaves", () => {
  test("garbage among the events is a cut stream, and nothing is printed", async () => {
    const model = await facing((response) =>
      events(response, ["event: message_start\ndata: {nonsense\n\n", ": comment\n\n"]),
    );
    const printed = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const error = await failureOf(drained(model, ask("hi")));
    expect(error).toMatchObject({ code: "HX_ANTHROPIC_CUT", retryable: true });
    expect(printed).not.toHaveBeenCalled();
    printed.mockRestore();
  });

  test("binary noise in place of events is a cut stream", async () => {
    const model = await facing((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(Buffer.from([0, 255, 254, 10, 13, 10, 200, 10, 10]));
    });
    expect(await failureOf(drained(model, ask("hi")))).toMatchObject({
      code: "HX_ANTHROPIC_CUT",
      retryable: true,
    });
  });

  test("half a JSON is a cut answer", async () => {
    const model = await facing((response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end('{"choices":[{"mess');
    });
    expect(await failureOf(model.generate(ask("hi"), never()))).toMatchObject({
      code: "HX_ANTHROPIC_CUT",
      retryable: true,
    });
  });

  test("a connection that dies under the answer is a cut answer", async () => {
    const model = await facing((response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "900" });
      response.write('{"choices":');
      setTimeout(() => response.destroy(), 10);
    });
    expect(await failureOf(model.generate(ask("hi"), never()))).toMatchObject({
      code: "HX_ANTHROPIC_CUT",
      retryable: true,
    });
  });

  test("nobody at the address is retryable", async () => {
    const model = createAnthropicModel({ model: "m", baseURL: "http://127.0.0.1:1" });
    const error = await failureOf(model.generate(ask("hi"), never()));
    expect(error).toMatchObject({ code: "HX_ANTHROPIC_UNAVAILABLE", retryable: true });
    expect(error.message).toMatch(/ECONNREFUSED|bad port|failed/);
  });

  test.each(["generate", "stream"] as const)(
    "abort ends a %s that never closes, with its reason, and frees the socket",
    async (way) => {
      const model = await facing((response) => {
        const type = way === "stream" ? "text/event-stream" : "application/json";
        response.writeHead(200, { "content-type": type });
        response.write(way === "stream" ? ": on it\n\n" : " ");
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

  test("a signal that is aborted already sends nothing", async () => {
    const model = await facing((response) => json(response, {}));
    const reason = new Error("too late");
    const error = await failureOf(model.generate(ask("hi"), { signal: AbortSignal.abort(reason) }));
    expect(error).toBe(reason);
    expect(server!.bodies).toHaveLength(0);
  });

  test("leaving a stream early frees the socket", async () => {
    const model = await facing((response) =>
      events(response, [opening, textStart, textDelta("one ")], false),
    );
    for await (const delta of model.stream!(ask("hi"), never())) {
      expect(delta).toEqual({ type: "text", text: "one " });
      break;
    }
    await server!.idle();
  });

  test("429 is asked once, is retryable and keeps Retry-After", async () => {
    const model = await facing((response) => {
      response.setHeader("retry-after", "7");
      json(response, { error: { message: "slow down", type: "rate_limit_error" } }, 429);
    });
    const error = await failureOf(model.generate(ask("hi"), never()));
    expect(error).toMatchObject({
      code: "HX_ANTHROPIC_UNAVAILABLE",
      retryable: true,
      details: { status: 429, retryAfterMs: 7_000, type: "rate_limit_error" },
    });
    expect(server!.bodies).toHaveLength(1);
  });

  test.each([
    [{ "retry-after-ms": "1500", "retry-after": "9" }, 1_500],
    [{ "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }, 0],
    [{ "retry-after": "soon" }, undefined],
    [{}, undefined],
  ])("%j asks to wait for %s ms", async (headers, expected) => {
    const model = await facing((response) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      json(response, { error: {} }, 503);
    });
    const { details } = await failureOf(model.generate(ask("hi"), never()));
    expect(details!["retryAfterMs"]).toBe(expected);
  });

  test.each([400, 401, 403, 404, 422, 307])("%i is not retryable", async (status) => {
    const model = await facing((response) => {
      response.setHeader("location", "http://127.0.0.1:1/elsewhere");
      json(response, { error: { message: "no" } }, status);
    });
    expect(await failureOf(model.generate(ask("hi"), never()))).toMatchObject({
      code: "HX_ANTHROPIC_REFUSED",
      retryable: false,
      details: { status },
    });
    expect(server!.bodies).toHaveLength(1);
  });

  test.each([408, 409, 500, 529])("%i is retryable", async (status) => {
    const model = await facing((response) => json(response, { error: {} }, status));
    expect(await failureOf(model.generate(ask("hi"), never()))).toMatchObject({ retryable: true });
  });

  test("no message, detail or cause shows a key, whatever the server quotes", async () => {
    const quoted = `Incorrect key ${KEY}, not sk-ant-abc123456789, header Bearer ${KEY}`;
    for (const [status, body] of [
      [401, { error: { message: quoted, type: "authentication_error" } }],
      [200, { note: quoted }],
    ] as const) {
      const model = await facing((response) => json(response, body, status));
      const error = await failureOf(model.generate(ask("hi"), never()));
      const shown = JSON.stringify([
        error.message,
        error.details,
        String(error.cause),
        error.stack,
      ]);
      expect(shown).toContain("[secret]");
      expect(shown).not.toContain(KEY);
      expect(shown).not.toContain("sk-ant");
      await server!.close();
    }
  });

  test("a page in place of an answer is said to be one", async () => {
    const page = (response: ServerResponse) => {
      response.writeHead(200, { "content-type": "text/html" });
      response.end("<html>Please log in</html>");
    };
    const model = await facing(page);
    const asked = await failureOf(model.generate(ask("hi"), never()));
    expect(asked).toMatchObject({ code: "HX_ANTHROPIC_ANSWER", retryable: false });
    expect(asked.message).toContain("Please log in");
    const streamed = await failureOf(drained(model, ask("hi")));
    expect(streamed).toMatchObject({ code: "HX_ANTHROPIC_ANSWER", retryable: false });
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
        { maxResponseBytes: 2 ** 20 },
      );
      const call =
        way === "stream" ? drained(model, ask("hi")) : model.generate(ask("hi"), never());
      expect(await failureOf(call)).toMatchObject({
        code: "HX_ANTHROPIC_TOO_LARGE",
        retryable: false,
        details: { limit: 2 ** 20 },
      });
      await server!.idle();
      expect(sent).toBeLessThan(30 * 2 ** 20);
    },
  );

  test("an answer just within the limit passes", async () => {
    const text = "y".repeat(3_000);
    const model = await facing((response) => json(response, whole([{ type: "text", text }])), {
      maxResponseBytes: 4096,
    });
    expect((await model.generate(ask("hi"), never())).content).toEqual([{ type: "text", text }]);
  });

  test("a stream without its last event is cut, although it closed cleanly", async () => {
    const model = await facing((response) =>
      events(response, [opening, textStart, textDelta("half a "), ending("end_turn")]),
    );
    expect(await failureOf(drained(model, ask("hi")))).toMatchObject({
      code: "HX_ANTHROPIC_CUT",
      retryable: true,
    });
  });

  test("a stream with its last event passes, pings and unknown events included", async () => {
    const model = await facing((response) =>
      events(response, [
        opening,
        "event: ping\ndata: {}\n\n",
        textStart,
        textDelta("all"),
        named({ type: "novelty" }),
        ending("end_turn"),
        closing,
      ]),
    );
    expect((await drained(model, ask("hi"))).response).toEqual({
      content: [{ type: "text", text: "all" }],
      toolCalls: [],
      finish: "stop",
      usage: { input: 9, output: 5 },
    });
  });

  test.each([
    ["overloaded_error", true],
    ["api_error", true],
    ["rate_limit_error", true],
    ["invalid_request_error", false],
    ["authentication_error", false],
  ])("an error inside a stream: %s (retryable: %s)", async (type, retryable) => {
    const model = await facing((response) =>
      events(response, [opening, named({ type: "error", error: { type, message: "no" } })]),
    );
    expect(await failureOf(drained(model, ask("hi")))).toMatchObject({ retryable });
  });

  test("arguments that were cut off are kept and marked", async () => {
    const model = await facing((response) =>
      events(response, [
        opening,
        named({
          type: "content_block_start",
          index: 0,
          content_block: { type: "tool_use", id: "toolu_1", name: "get_weather", input: {} },
        }),
        named({
          type: "content_block_delta",
          index: 0,
          delta: { type: "input_json_delta", partial_json: '{"city": "Os' },
        }),
        ending("max_tokens"),
        closing,
      ]),
    );
    const { response } = await drained(model, ask("hi", { tools: [weather] }));
    expect(response).toMatchObject({
      finish: "length",
      toolCalls: [
        { id: "toolu_1", input: '{"city": "Os', malformed: expect.stringMatching(/JSON|Unterm/) },
      ],
    });
  });

  test("an invented tool is passed on under its invented name", async () => {
    const block = { type: "tool_use", id: "toolu_1", name: "rm -rf", input: {} };
    const model = await facing((response) => json(response, whole([block], "tool_use")));
    const { toolCalls, finish } = await model.generate(ask("hi", { tools: [weather] }), never());
    expect([toolCalls[0]!.name, finish]).toEqual(["rm -rf", "tool_calls"]);
  });
});
