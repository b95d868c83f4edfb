import { readFileSync } from "node:fs";
import type { JsonSchema, ToolSpec } from "@harnessx/core/plugin";
import { expect, test } from "vitest";
import { chatItems } from "../src/conversation.ts";
import { replySchema } from "../src/grammar.ts";
import { loadLibrary } from "../src/library.ts";
import { Queue } from "../src/queue.ts";
import { replyOf } from "../src/reply.ts";
import { ask, failureOf, never, requestOf, weather } from "./support/request.ts";

const tool = (name: string, inputSchema: JsonSchema): ToolSpec => ({
  name,
  description: "",
  inputSchema,
});
const inputOf = (inputSchema: JsonSchema): unknown => {
  const schema = replySchema([tool("t", inputSchema)], false) as {
    properties: { input: unknown };
    $defs?: unknown;
  };
  return schema.$defs ? [schema.properties.input, schema.$defs] : schema.properties.input;
};

test("a reply is a call of an offered tool, or an answer where that is allowed", () => {
  const none = { type: "object", properties: {} };
  const a = { type: "object", properties: { tool: { const: "a" }, input: { type: "object" } } };
  const b = { type: "object", properties: { tool: { const: "b" }, input: { type: "object" } } };
  const answer = { type: "object", properties: { answer: { type: "string" } } };
  const tools = [tool("a", none), tool("b", none)];
  expect(replySchema(tools, true)).toEqual({ oneOf: [a, b, answer] });
  expect(replySchema(tools, false)).toEqual({ oneOf: [a, b] });
  expect(replySchema([tool("a", none)], false)).toEqual(a);
});

const anything = { type: ["string", "number", "boolean", "null"] };

test.each<[string, JsonSchema, unknown]>([
  [
    "keeps what a grammar can hold",
    {
      type: "object",
      title: "x",
      required: ["n", "ghost"],
      properties: {
        n: { type: "integer", minimum: 3 },
        s: { type: "string", pattern: "^a", maxLength: 4 },
        l: { type: "array", items: { enum: ["a", { no: 1 }] }, maxItems: 2 },
        c: { const: 5 },
      },
    },
    {
      type: "object",
      required: ["n"],
      properties: {
        n: { type: "integer" },
        s: { type: "string", maxLength: 4 },
        l: { type: "array", items: { enum: ["a"] }, maxItems: 2 },
        c: { const: 5 },
      },
    },
  ],
  [
    "turns alternatives into one kind",
    {
      properties: {
        a: { anyOf: [{ type: "string" }, { type: "null" }] },
        b: { type: ["integer", "null"] },
        c: { not: {} },
      },
    },
    {
      type: "object",
      required: [],
      properties: {
        a: { oneOf: [{ type: "string" }, { type: "null" }] },
        b: { oneOf: [{ type: "integer" }, { type: "null" }] },
        c: anything,
      },
    },
  ],
  [
    "moves definitions to the top; a reference to nothing is anything",
    {
      type: "object",
      properties: { a: { $ref: "#/$defs/p" }, b: { $ref: "http://x/y" } },
      $defs: { p: { type: "object", properties: { next: { $ref: "#/$defs/p" } } } },
    },
    [
      { type: "object", required: [], properties: { a: { $ref: "#/$defs/t0_p" }, b: anything } },
      {
        t0_p: { type: "object", required: [], properties: { next: { $ref: "#/$defs/t0_p" } } },
      },
    ],
  ],
  [
    "an open object stays open",
    { type: "object" },
    { type: "object", additionalProperties: anything },
  ],
])("the schema of the grammar: %s", (_, schema, expected) => {
  expect(inputOf(schema)).toEqual(expected);
});

test("what the model said becomes a call, an answer, or a call that was cut off", () => {
  const said = (text: string, finish: "stop" | "length" = "stop") =>
    replyOf({ text, finish, tokens: [], logprobs: [] }, "id");
  expect(said('{"tool":"add","input":{"a":1}}\n')).toEqual({
    content: [],
    toolCalls: [{ id: "id", name: "add", input: { a: 1 } }],
    finish: "tool_calls",
  });
  expect(said('{"answer":"It is 5."}')).toEqual({
    content: [{ type: "text", text: "It is 5." }],
    toolCalls: [],
    finish: "stop",
  });
  expect(said('{"tool": "add", "input": {"a', "length")).toEqual({
    content: [],
    toolCalls: [
      {
        id: "id",
        name: "add",
        input: '{"tool": "add", "input": {"a',
        malformed: expect.any(String),
      },
    ],
    finish: "length",
  });
  expect(said('{"ans', "length")).toMatchObject({
    content: [{ text: '{"ans' }],
    toolCalls: [],
    finish: "length",
  });
});

test("the conversation alternates, shows tools and results, and leaves images out", () => {
  const { items, warnings } = chatItems(
    requestOf(
      [
        { role: "system", content: "Be short." },
        {
          role: "user",
          content: [
            { type: "text", text: "look" },
            { type: "image", mediaType: "image/png", data: "AAAA" },
          ],
        },
        {
          role: "assistant",
          content: [],
          calls: [{ id: "a", name: "get_weather", input: { city: "Oslo" } }],
        },
        { role: "tool", callId: "a", name: "get_weather", content: "rain" },
        { role: "user", content: "and?" },
        { role: "assistant", content: "Wet." },
        { role: "user", content: "thanks" },
      ],
      { tools: [weather] },
    ),
    true,
  );
  expect(items).toEqual([
    { type: "system", text: expect.stringMatching(/^Be short\.[\s\S]*"answer"[\s\S]*get_weather/) },
    { type: "user", text: "look" },
    { type: "model", response: ['{"tool":"get_weather","input":{"city":"Oslo"}}'] },
    { type: "user", text: "Result of get_weather (ok): rain\n\nand?" },
    { type: "model", response: ['{"answer":"Wet."}'] },
    { type: "user", text: "thanks" },
    { type: "model", response: [] },
  ]);
  expect(warnings).toEqual(["1 images were left out."]);
  expect(chatItems(ask("hi"), true).items).toEqual([
    { type: "user", text: "hi" },
    { type: "model", response: [] },
  ]);
});

test("the queue lets one in at a time, in order, and forgets those who gave up", async () => {
  const queue = new Queue();
  const seen: string[] = [];
  const leave = await queue.enter(never().signal);
  const gaveUp = new AbortController();
  const second = queue.enter(gaveUp.signal);
  const third = queue.enter(never().signal).then((leaveThird) => {
    seen.push("third");
    leaveThird();
  });
  gaveUp.abort(new Error("no more"));
  expect((await failureOf(second)).message).toBe("no more");
  expect(seen).toEqual([]);
  leave();
  await third;
  expect(seen).toEqual(["third"]);
});

test("the package asks for the library as an optional peer", async () => {
  const { peerDependencies, peerDependenciesMeta } = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  ) as Record<string, Record<string, unknown>>;
  expect(peerDependencies!["node-llama-cpp"]).toMatch(/^\^3/);
  expect(peerDependenciesMeta!["node-llama-cpp"]).toEqual({ optional: true });
  // Here, or in its absence with a clear word.
  const outcome = await loadLibrary().catch((thrown: unknown) => thrown);
  expect(outcome).toSatisfy(
    (one: { getLlama?: unknown; code?: string }) =>
      typeof one.getLlama === "function" || one.code === "HX_LLAMA_MISSING",
  );
});
