import type { ModelResponse, Part, ToolCall } from "@harnessx/core/plugin";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { createAnthropicModel, type AnthropicOptions } from "../src/index.ts";
import { json, serve, type Loopback } from "./support/loopback.ts";
import { ask, never, requestOf, weather } from "./support/request.ts";

/** What the server says, one after another; the last stays. */
let answers: unknown[] = [];
let server: Loopback;
const open = (async () => {
  server = await serve((response) =>
    json(response, answers.length > 1 ? answers.shift() : answers[0]),
  );
})();
afterAll(() => server.close());
afterEach(() => void (server.bodies.length = server.headers.length = 0));

const message = (content: unknown[], stop_reason = "end_turn", usage: object = {}) => ({
  type: "message",
  role: "assistant",
  content,
  stop_reason,
  usage: { input_tokens: 10, output_tokens: 4, ...usage },
});
const said = (text: string) => ({ type: "text", text });

const asked = async (
  request = ask("hi"),
  options: Partial<AnthropicOptions> = {},
): Promise<ModelResponse> => {
  await open;
  const model = createAnthropicModel({ model: "m", baseURL: server.url, cache: "off", ...options });
  return model.generate(request, never());
};
const sentBody = () => server.bodies.at(-1)!;
const sentMessages = () => sentBody()["messages"] as { role: string; content: object[] }[];

const PIXEL = "iVBORw0KGgo=";
const oslo: ToolCall = { id: "toolu_1", name: "get_weather", input: { city: "Oslo" } };

describe("the conversation", () => {
  test("every kind of message arrives as the API has it", async () => {
    answers = [message([said("ok")])];
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
            content: [{ type: "text", text: "Let me see." }],
            calls: [oslo, { id: "toolu_2", name: "get_weather", input: "{", malformed: "no" }],
          },
          { role: "tool", callId: "toolu_1", name: "get_weather", content: "rain" },
        ],
        { tools: [weather] },
      ),
    );
    expect(sentBody()).toEqual({
      model: "m",
      max_tokens: 8192,
      system: [said("Be short.")],
      tools: [
        {
          name: "get_weather",
          description: "The weather of a city.",
          input_schema: weather.inputSchema,
        },
      ],
      messages: [
        {
          role: "user",
          content: [
            said("look"),
            { type: "image", source: { type: "base64", media_type: "image/png", data: PIXEL } },
            { type: "image", source: { type: "url", url: "https://example.org/a.png" } },
          ],
        },
        {
          role: "assistant",
          content: [
            said("Let me see."),
            { type: "tool_use", id: "toolu_1", name: "get_weather", input: { city: "Oslo" } },
            {
              type: "tool_use",
              id: "toolu_2",
              name: "get_weather",
              input: { malformed_arguments: "{" },
            },
          ],
        },
        {
          role: "user",
          content: [{ type: "tool_result", tool_use_id: "toolu_1", content: [said("rain")] }],
        },
      ],
    });
  });

  test("messages of one role become one, results of tools first", async () => {
    answers = [message([said("ok")])];
    await asked(
      requestOf([
        { role: "user", content: "one" },
        { role: "user", content: "two" },
        { role: "assistant", content: [], calls: [oslo, { ...oslo, id: "toolu_2" }] },
        { role: "user", content: "hurry" },
        { role: "tool", callId: "toolu_1", name: "get_weather", content: "rain" },
        {
          role: "tool",
          callId: "toolu_2",
          name: "get_weather",
          content: [{ type: "image", mediaType: "image/png", data: PIXEL }],
        },
        { role: "user", content: "and?" },
      ]),
    );
    expect(sentMessages().map(({ role, content }) => [role, content])).toEqual([
      ["user", [said("one"), said("two")]],
      ["assistant", [expect.anything(), expect.anything()]],
      [
        "user",
        [
          { type: "tool_result", tool_use_id: "toolu_1", content: [said("rain")] },
          {
            type: "tool_result",
            tool_use_id: "toolu_2",
            content: [
              { type: "image", source: { type: "base64", media_type: "image/png", data: PIXEL } },
            ],
          },
          said("hurry"),
          said("and?"),
        ],
      ],
    ]);
  });

  test("failed tools are errors, also without a word", async () => {
    answers = [message([said("ok")])];
    const request = requestOf([
      { role: "user", content: "hi" },
      { role: "assistant", content: [], calls: [oslo, { ...oslo, id: "toolu_2" }] },
      { role: "tool", callId: "toolu_1", name: "get_weather", content: [] },
      { role: "tool", callId: "toolu_2", name: "get_weather", content: [], status: "timeout" },
    ]);
    await asked(request);
    expect(sentMessages().at(-1)!.content).toEqual([
      { type: "tool_result", tool_use_id: "toolu_1" },
      { type: "tool_result", tool_use_id: "toolu_2", content: [said("timeout")], is_error: true },
    ]);
  });

  test("nothing empty is sent, the user comes first, an answer begun ends without space", async () => {
    answers = [message([said("ok")])];
    await asked(
      requestOf([
        { role: "assistant", content: "I said something." },
        { role: "user", content: "" },
        { role: "assistant", content: [{ type: "thinking", text: "hm", signature: "s" }] },
        { role: "user", content: "  " },
        { role: "assistant", content: "So: " },
      ]),
    );
    expect(sentMessages()).toEqual([
      { role: "user", content: [said("(The beginning is left out.)")] },
      { role: "assistant", content: [said("I said something.")] },
      { role: "user", content: [said("(empty)"), said("(empty)")] },
      { role: "assistant", content: [said("So:")] },
    ]);
  });

  test("thinking goes back unchanged; that of other models does not go at all", async () => {
    const blocks = [
      { type: "thinking", thinking: "Which city?", signature: "c2ln" },
      { type: "redacted_thinking", data: "aGlkZGVu" },
      { type: "tool_use", id: "toolu_1", name: "get_weather", input: { city: "Oslo" } },
    ];
    answers = [message(blocks, "tool_use"), message([said("It rains.")])];
    const first = await asked(ask("weather"), { thinking: "budget", thinkingBudget: 2_000 });
    expect(sentBody()["thinking"]).toEqual({ type: "enabled", budget_tokens: 2_000 });
    const foreign: Part[] = [
      { type: "thinking", text: "unsigned" },
      { type: "thinking", text: "theirs", signature: '{"type":"reasoning","id":"rs_1"}' },
    ];
    await asked(
      requestOf([
        { role: "user", content: "weather" },
        { role: "assistant", content: [...foreign, ...first.content], calls: first.toolCalls },
        { role: "tool", callId: "toolu_1", name: "get_weather", content: "rain" },
      ]),
    );
    expect(sentMessages()[1]!.content).toEqual(blocks);
  });

  test("ids and names that the API refuses are replaced on the way out and back", async () => {
    const odd = { ...weather, name: "weather.now" };
    answers = [message([said("ok")])];
    const request = requestOf(
      [
        { role: "user", content: "hi" },
        { role: "assistant", content: [], calls: [{ ...oslo, id: "call_1~2", name: odd.name }] },
        { role: "tool", callId: "call_1~2", name: odd.name, content: "rain" },
      ],
      { tools: [odd] },
    );
    await asked(request);
    const [, assistant, user] = sentMessages();
    const use = assistant!.content[0] as { id: string; name: string };
    expect(use.id).toMatch(/^[\w-]+$/);
    expect(user!.content[0]).toMatchObject({ tool_use_id: use.id });
    const [offered] = sentBody()["tools"] as { name: string }[];
    expect(offered!.name).toBe(use.name);
    expect(use.name).toMatch(/^[\w-]+$/);
    answers = [message([{ type: "tool_use", id: "b", name: use.name, input: {} }], "tool_use")];
    expect((await asked(request)).toolCalls[0]!.name).toBe("weather.now");
  });
});

describe("settings", () => {
  test("sampling goes out under the right names; what cannot is warned of", async () => {
    answers = [message([said("ok")])];
    const sampling = { temperature: 0.2, topP: 0.9, maxTokens: 50, stop: ["END"] };
    await asked(ask("hi", { sampling }));
    expect(sentBody()).toMatchObject({
      temperature: 0.2,
      top_p: 0.9,
      max_tokens: 50,
      stop_sequences: ["END"],
    });
    const left = await asked(ask("hi", { sampling }), { omit: ["topP"], body: { top_k: 4 } });
    expect(sentBody()).not.toHaveProperty("top_p");
    expect(sentBody()).toMatchObject({ temperature: 0.2, top_k: 4 });
    expect(left.warnings).toEqual(["The model does not take the setting topP; it was left out."]);
    const thinking = await asked(ask("hi", { sampling }), { thinking: "adaptive", effort: "low" });
    expect(sentBody()).toMatchObject({
      thinking: { type: "adaptive" },
      output_config: { effort: "low" },
      stop_sequences: ["END"],
    });
    expect(sentBody()).not.toHaveProperty("temperature");
    expect(thinking.warnings).toHaveLength(2);
  });

  test("the thinking budget stays below the limit, and is left out when nothing remains", async () => {
    answers = [message([said("ok")])];
    await asked(ask("hi", { sampling: { maxTokens: 2_000 } }), { thinking: "budget" });
    expect(sentBody()["thinking"]).toEqual({ type: "enabled", budget_tokens: 1_999 });
    const response = await asked(ask("hi", { sampling: { maxTokens: 500 } }), {
      thinking: "budget",
    });
    expect(sentBody()).not.toHaveProperty("thinking");
    expect(response.warnings).toEqual([expect.stringMatching(/no room to think/)]);
  });

  test("tools, system prompt and the last two user turns are marked for caching", async () => {
    answers = [message([said("ok")])];
    const request = requestOf(
      [
        { role: "system", content: "Be short." },
        { role: "user", content: "one" },
        { role: "assistant", content: [], calls: [oslo] },
        { role: "tool", callId: "toolu_1", name: "get_weather", content: "rain" },
        { role: "assistant", content: "It rains." },
        { role: "user", content: "two" },
      ],
      { tools: [weather, { ...weather, name: "other" }] },
    );
    const marked = () => {
      const { system, tools } = sentBody() as { system: object[]; tools: object[] };
      const blocks = sentMessages().flatMap(({ content }) => content);
      return [...tools, ...system, ...blocks].map(
        (block) => (block as { cache_control?: unknown }).cache_control,
      );
    };
    const none = undefined;
    await asked(request, { cache: "1h" });
    const hour = { type: "ephemeral", ttl: "1h" };
    expect(marked()).toEqual([none, hour, hour, none, none, hour, none, hour]);
    await asked(request, { cache: "5m" });
    expect(marked().filter(Boolean)).toEqual(Array(4).fill({ type: "ephemeral" }));
    await asked(request, { cache: "off" });
    expect(marked().filter(Boolean)).toEqual([]);
  });

  test("keys come from the options and never from the environment", async () => {
    answers = [message([said("ok")])];
    process.env["ANTHROPIC_API_KEY"] = "from-the-environment";
    process.env["ANTHROPIC_AUTH_TOKEN"] = "token-from-the-environment";
    try {
      await asked();
      await asked(ask("hi"), { apiKey: "from-the-options" });
    } finally {
      delete process.env["ANTHROPIC_API_KEY"];
      delete process.env["ANTHROPIC_AUTH_TOKEN"];
    }
    expect(server.headers.map((one) => [one["x-api-key"], one.authorization])).toEqual([
      [undefined, "Bearer none"],
      [undefined, "Bearer from-the-options"],
    ]);
  });
});

describe("the answer", () => {
  test.each([
    ["end_turn", "stop", 0],
    ["stop_sequence", "stop", 0],
    ["tool_use", "tool_calls", 0],
    ["max_tokens", "length", 0],
    ["model_context_window_exceeded", "length", 0],
    ["refusal", "content_filter", 1],
    ["novelty", "stop", 1],
  ])("stop reason %s is %s", async (reason, finish, warned) => {
    answers = [message([said("ok")], reason)];
    const response = await asked();
    expect(response.finish).toBe(finish);
    expect(response.warnings ?? []).toHaveLength(warned);
  });

  test("a pause is gone on from, word for word, and the answers are one", async () => {
    const search = { type: "server_tool_use", id: "srv_1", name: "web_search", input: { q: "x" } };
    answers = [
      message([said("Searching. "), search], "pause_turn", { cache_read_input_tokens: 5 }),
      message([said("Found.")]),
    ];
    const response = await asked();
    expect(sentMessages()).toEqual([
      { role: "user", content: [said("hi")] },
      { role: "assistant", content: [said("Searching. "), search] },
    ]);
    expect(response).toEqual({
      content: [said("Searching. "), said("Found.")],
      toolCalls: [],
      finish: "stop",
      usage: { input: 25, output: 8, cachedInput: 5 },
      warnings: ["A block of the type server_tool_use was left out."],
    });
  });

  test("a model that only pauses is asked eight times", async () => {
    answers = [message([said("…")], "pause_turn")];
    const response = await asked();
    expect(server.bodies).toHaveLength(8);
    expect(response.finish).toBe("length");
    expect(response.warnings).toEqual([expect.stringMatching(/paused too often/)]);
  });

  test("input counts what was read from the cache and written to it", async () => {
    const usage = { cache_read_input_tokens: 100, cache_creation_input_tokens: 20 };
    answers = [message([said("ok")], "end_turn", usage)];
    expect((await asked()).usage).toEqual({ input: 130, output: 4, cachedInput: 100 });
  });
});
