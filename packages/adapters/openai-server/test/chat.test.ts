import { describe, expect, test } from "vitest";
import type OpenAI from "openai";
import { createAgent, defineHarness, scriptedModel } from "@harnessx/core";
import { textOf, tool, type ModelRequest } from "@harnessx/core/plugin";
import { serveOpenAi } from "../src/index.ts";
import { said, served, signal } from "./served.ts";

const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const lookUp = tool<{ word: string }>({
  name: "look_up",
  description: "Looks a word up.",
  inputSchema: { type: "object", properties: { word: { type: "string" } }, required: ["word"] },
  execute: ({ word }) => `${word} is a fruit`,
});

const withTool = [
  { text: "Let me see.", calls: [{ name: "look_up", input: { word: "fig" } }] },
  { text: "A fig is a fruit." },
];

async function collect(
  stream: AsyncIterable<OpenAI.Chat.Completions.ChatCompletionChunk>,
): Promise<{ text: string; finish: (string | null)[]; usage: unknown; last: unknown }> {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return {
    text: chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join(""),
    finish: chunks.flatMap(({ choices }) => choices.map(({ finish_reason: reason }) => reason)),
    usage: chunks.at(-1)?.usage,
    last: chunks.at(-1),
  };
}

describe("the official client", () => {
  test("gets an answer in one piece, with usage and what the run was", async () => {
    const { client } = await served([{ text: "Four.", usage: { input: 7, output: 2 } }]);
    const answer = await client.chat.completions.create({
      model: "demo",
      messages: [{ role: "user", content: "2 + 2?" }],
    });
    expect(answer).toMatchObject({
      object: "chat.completion",
      model: "demo",
      choices: [{ finish_reason: "stop", message: { role: "assistant", content: "Four." } }],
      usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 },
      harnessx: { exit: "done", totals: { steps: 1 } },
    });
  });

  test("streams the text as it comes, and usage when asked", async () => {
    const { client } = await served([{ text: "One two three.", usage: { input: 3, output: 4 } }]);
    const stream = await client.chat.completions.create({
      model: "demo",
      messages: [{ role: "user", content: "Count." }],
      stream: true,
      stream_options: { include_usage: true },
    });
    const { text, finish, usage, last } = await collect(stream);
    expect(text).toBe("One two three.");
    expect(finish.filter(Boolean)).toEqual(["stop"]);
    expect(finish.length).toBeGreaterThan(3);
    expect(usage).toEqual({ prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 });
    expect(last).toMatchObject({ choices: [] });
  });

  test("is told nothing about usage unasked", async () => {
    const { client } = await served([{ text: "Yes." }]);
    const stream = await client.chat.completions.create({
      model: "demo",
      messages: [{ role: "user", content: "Yes?" }],
      stream: true,
    });
    const { usage, last } = await collect(stream);
    expect(usage).toBeUndefined();
    expect(last).toMatchObject({ choices: [{ finish_reason: "stop" }] });
  });

  test("lists and gets the model", async () => {
    const { client } = await served([]);
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(["demo"]);
    expect(await client.models.retrieve("demo")).toMatchObject({ id: "demo", object: "model" });
  });

  test("learns of a model that is not there, and of a wrong key, by its own error classes", async () => {
    const { client, server } = await served([]);
    const ask = (apiKey: string, model: string) =>
      client
        .withOptions({ apiKey })
        .chat.completions.create({ model, messages: [{ role: "user", content: "?" }] });
    await expect(ask(server.token!, "gpt-4o")).rejects.toMatchObject({
      status: 404,
      code: "model_not_found",
      param: "model",
    });
    await expect(ask(`${server.token}x`, "demo")).rejects.toMatchObject({
      status: 401,
      code: "invalid_api_key",
    });
  });

  test("closing its stream aborts the run", async () => {
    const started = signal();
    const aborted = signal<unknown>();
    const { client } = await served([{ text: "Wait.", calls: [{ name: "wait" }] }], {
      tools: [
        tool({
          name: "wait",
          description: "Waits.",
          inputSchema: { type: "object" },
          execute: (_input, context) =>
            new Promise((resolve) => {
              started.give();
              context.signal.addEventListener("abort", () => {
                aborted.give(context.signal.reason);
                resolve("stopped");
              });
            }),
        }),
      ],
    });
    const stream = await client.chat.completions.create({
      model: "demo",
      messages: [{ role: "user", content: "Go." }],
      stream: true,
    });
    await started.promise;
    stream.controller.abort();
    await expect(aborted.promise).resolves.toBeDefined();
  });

  test("64 streams at the same time get their own text each", async () => {
    const { client } = await served((request) => {
      const asked = textOf(request.messages.lastUser()!);
      return { text: Array.from({ length: 20 }, () => asked).join(" ") };
    });
    const texts = await Promise.all(
      Array.from({ length: 64 }, async (_, index) => {
        const stream = await client.chat.completions.create({
          model: "demo",
          messages: [{ role: "user", content: `n${index}` }],
          stream: true,
        });
        return (await collect(stream)).text;
      }),
    );
    expect(texts).toEqual(
      Array.from({ length: 64 }, (_, index) =>
        Array.from({ length: 20 }, () => `n${index}`).join(" "),
      ),
    );
  });
});

describe("a conversation becomes a task", () => {
  async function requestOf(body: object, system?: "text" | "ignore" | "refuse") {
    let request: ModelRequest | undefined;
    const { ask } = await served(
      (given) => {
        request = given;
        return { text: "Ok." };
      },
      system ? { system } : {},
    );
    const response = await ask("/v1/chat/completions", {
      method: "POST",
      body: JSON.stringify({ model: "demo", ...body }),
    });
    const told = [...(request?.messages ?? [])].map(({ role, content }) => ({ role, content }));
    return { status: response.status, body: await response.json(), told };
  }
  const text = (value: string) => [{ type: "text", text: value }];
  const messages = [
    { role: "system", content: "Be brief." },
    { role: "user", content: "Hello." },
    { role: "assistant", content: "Hi." },
    { role: "user", content: [{ type: "text", text: "And now?" }] },
  ];

  test("the last message is the task, what was said before is its history", async () => {
    const { told } = await requestOf({ messages });
    expect(told).toEqual([
      { role: "user", content: text("Hello.") },
      { role: "assistant", content: text("Hi.") },
      { role: "user", content: text("Be brief.\n\nAnd now?") },
    ]);
  });

  test("system messages can be ignored or refused, and are never the system prompt", async () => {
    const ignored = await requestOf({ messages }, "ignore");
    expect(ignored.told.at(-1)).toEqual({ role: "user", content: text("And now?") });
    const refused = await requestOf({ messages }, "refuse");
    expect(refused).toMatchObject({ status: 400, body: { error: { param: "messages[0]" } } });
  });

  test("images arrive as data URLs and as nothing else", async () => {
    const image = (url: string) => [
      {
        role: "user",
        content: [
          { type: "text", text: "What is it?" },
          { type: "image_url", image_url: { url } },
        ],
      },
    ];
    const { told } = await requestOf({ messages: image(`data:image/png;base64,${PIXEL}`) });
    expect(told[0]?.content).toContainEqual({ type: "image", mediaType: "image/png", data: PIXEL });
    for (const url of [
      "http://169.254.169.254/latest",
      "data:image/svg+xml;base64,PHN2Zz4=",
      "data:image/png;base64,<script>",
    ]) {
      const refused = await requestOf({ messages: image(url) });
      expect(refused).toMatchObject({
        status: 400,
        body: { error: { param: "messages[0].content[1].image_url.url" } },
        told: [],
      });
    }
  });

  test.each([
    [{ messages: [] }, "messages"],
    [{ messages: [{ role: "assistant", content: "Hi." }] }, "messages"],
    [{ messages: [{ role: "user", content: " " }] }, "messages[0]"],
    [{ messages: [{ role: "robot", content: "Hi." }] }, "messages[0].role"],
    [
      { messages: [{ role: "user", content: [{ type: "input_audio" }] }] },
      "messages[0].content[0].type",
    ],
    [{ messages, n: 2 }, "n"],
    [{ messages, tools: [{ type: "function" }] }, "tools"],
    [{ messages, response_format: { type: "json_object" } }, "response_format"],
    [{ messages, stream: "yes" }, "stream"],
    [{ messages, seed: 0.5 }, "seed"],
  ])("%j is refused and the field named", async (body, param) => {
    const { status, body: answer, told } = await requestOf(body);
    expect({ status, told }).toEqual({ status: 400, told: [] });
    expect(answer).toMatchObject({ error: { type: "invalid_request_error", param } });
  });

  test("the same fields with harmless values pass", async () => {
    const { status } = await requestOf({
      messages,
      n: 1,
      tools: [],
      response_format: { type: "text" },
      temperature: 0.2,
      seed: 7,
      stream: false,
      user: "u",
    });
    expect(status).toBe(200);
  });
});

describe("what a client sees of the steps", () => {
  const streamText = async (show: object): Promise<string> => {
    const { client } = await served(withTool, { tools: [lookUp], show });
    const stream = await client.chat.completions.create({
      model: "demo",
      messages: [{ role: "user", content: "Fig?" }],
      stream: true,
    });
    return (await collect(stream)).text;
  };

  test("a stream has every text by default, and the answer alone when asked", async () => {
    expect(await streamText({})).toBe("Let me see.\n\nA fig is a fruit.");
    expect(await streamText({ text: "final" })).toBe("A fig is a fruit.");
  });

  test("tools are hidden by default and quoted when asked", async () => {
    expect(await streamText({ tools: true })).toBe(
      "Let me see.\n\n> look_up: look_up fig\n\n> look_up (ok): fig is a fruit\n\nA fig is a fruit.",
    );
  });

  test("an answer in one piece is the final one", async () => {
    const { ask } = await served(withTool, { tools: [lookUp] });
    const response = await ask("/v1/chat/completions", { method: "POST", body: said("Fig?") });
    expect(await response.json()).toMatchObject({
      choices: [{ message: { content: "A fig is a fruit." } }],
      harnessx: { totals: { steps: 2, toolCalls: 1 } },
    });
  });

  test("thinking is shown when asked", async () => {
    const script = [{ thinking: "Hm.", text: "Yes." }];
    const content = async (show: object) => {
      const { ask } = await served(script, { show });
      const response = await ask("/v1/chat/completions", { method: "POST", body: said("?") });
      return ((await response.json()) as { choices: { message: object }[] }).choices[0]?.message;
    };
    expect(await content({})).not.toHaveProperty("reasoning_content");
    expect(await content({ thinking: true })).toMatchObject({ reasoning_content: "Hm." });
  });
});

describe("how a run ended", () => {
  test("a limit is the finish reason length", async () => {
    const { ask } = await served(withTool, { tools: [lookUp], run: { limits: { maxSteps: 1 } } });
    const response = await ask("/v1/chat/completions", { method: "POST", body: said("Fig?") });
    expect(await response.json()).toMatchObject({
      choices: [{ finish_reason: "length" }],
      harnessx: { exit: "budget_steps" },
    });
  });

  test("a failing model is a 502 in one piece, and an error event in a stream", async () => {
    const { ask, client } = await served([{ error: new Error("upstream is down") }]);
    const response = await ask("/v1/chat/completions", { method: "POST", body: said("?") });
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({
      error: { type: "server_error", code: expect.stringMatching(/^hx_/) as string },
    });
    const stream = await client.chat.completions.create({
      model: "demo",
      messages: [{ role: "user", content: "?" }],
      stream: true,
    });
    await expect(collect(stream)).rejects.toThrow();
  });

  test("a call that needs approval is refused, and the run goes on", async () => {
    const { ask } = await served(withTool, {
      tools: [lookUp],
      show: { tools: true },
      run: { interruptOn: ["look_up"] },
    });
    const response = await ask("/v1/chat/completions", { method: "POST", body: said("Fig?") });
    const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
    expect(choices[0]?.message.content).toContain("look_up (refused)");
    expect(choices[0]?.message.content).toContain("A fig is a fruit.");
  });

  test("one run too many is answered with 429, and later ones are not", async () => {
    const [started, go] = [signal(), signal()];
    const { ask } = await served(
      async () => {
        started.give();
        await go.promise;
        return { text: "Done." };
      },
      { maxRuns: 1 },
    );
    const first = ask("/v1/chat/completions", { method: "POST", body: said("1") });
    await started.promise;
    for (const stream of [false, true]) {
      const second = await ask("/v1/chat/completions", {
        method: "POST",
        body: said("2", { stream }),
      });
      expect(second.status).toBe(429);
      expect(second.headers.get("retry-after")).toBe("1");
    }
    go.give();
    expect((await first).status).toBe(200);
    expect((await ask("/v1/chat/completions", { method: "POST", body: said("3") })).status).toBe(
      200,
    );
  });

  test("a server that closes aborts what outlasts the grace", async () => {
    const started = signal();
    const agent = createAgent({
      harness: await defineHarness({ name: "demo" }),
      models: {
        main: scriptedModel(() => {
          started.give();
          return new Promise(() => undefined);
        }),
      },
    });
    const server = await serveOpenAi({ agent, closeGraceMs: 1 });
    const pending = fetch(`${server.baseURL}/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
      body: said("?"),
    });
    await started.promise;
    await server.close();
    expect((await pending).status).toBe(503);
    await expect(fetch(`${server.baseURL}/models`)).rejects.toThrow();
  });
});
