import { textOf, tool } from "@harnessx/core/plugin";
import { assertConformant, runProcessor, type RunProcessorInput } from "@harnessx/core/testing";
import { validatorFor } from "@harnessx/core";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { adaptInput } from "../src/adapt.ts";
import { families } from "../src/families.ts";

const dir = new URL("..", import.meta.url);
type Options = RunProcessorInput["options"];
const find = tool({
  name: "find",
  description: "Finds.",
  inputSchema: {
    type: "object",
    properties: {
      text: { type: "string" },
      note: { type: "string" },
      limit: { type: "integer" },
      exact: { type: "boolean" },
      tags: { type: "array", items: { type: "integer" } },
      where: { type: "object", properties: { size: { type: "number" }, kind: { type: "string" } } },
      order: { enum: ["up", "None"] },
      until: { anyOf: [{ type: "string" }, { type: "null" }] },
    },
    required: ["text"],
    additionalProperties: false,
  },
  execute: (input: object) => JSON.stringify(input),
});

async function play(options: Options, input: unknown, malformed?: string) {
  const { result, requests } = await runProcessor(dir, {
    options,
    tools: [find],
    script: [
      { calls: [{ name: "find", input, ...(malformed === undefined ? {} : { malformed }) }] },
      { text: "Done." },
    ],
  });
  const answer = [...result.messages].find((message) => message.role === "tool")!;
  const [first] = requests[0]!.messages;
  return {
    status: answer.status,
    text: textOf(answer),
    system: first!.role === "system" ? textOf(first!) : "",
  };
}
const received = async (options: Options, input: unknown): Promise<unknown> => {
  const { status, text } = await play(options, input);
  return status === "ok" ? JSON.parse(text) : status;
};

it.each([
  undefined,
  { family: "llama", tools: ["ec*"], extraNotes: ["Be brief."], quirks: { wrapLists: false } },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

describe("arguments", () => {
  it.each<[string, object, unknown]>([
    ["openai", { text: "a", limit: null, note: null }, { text: "a" }],
    ["openai", { text: "a", until: null }, { text: "a", until: null }],
    ["openai", { text: "a", limit: "3" }, "error"],
    ["openai", { text: null }, "error"],
    ["anthropic", { text: "a", tags: "[1, 2]" }, { text: "a", tags: [1, 2] }],
    ["anthropic", { text: "a", where: '{"size": 1}' }, { text: "a", where: { size: 1 } }],
    ["anthropic", { text: "a", tags: "[1, 2" }, "error"],
    ["google", { text: "a", tags: 1 }, { text: "a", tags: [1] }],
    ["google", { text: "a", limit: "", note: "N/A" }, { text: "a" }],
    ["qwen", { text: "a", limit: "3", exact: "True" }, { text: "a", limit: 3, exact: true }],
    ["qwen", { text: "a", tags: '["1"]' }, { text: "a", tags: [1] }],
    ["qwen", { text: "a", where: { size: "2.5" } }, { text: "a", where: { size: 2.5 } }],
    ["qwen", { text: "a", limit: "2.5" }, "error"],
    ["qwen", { text: "a", limit: "99999999999999999999" }, "error"],
    ["qwen", { text: "a", note: "None", limit: "undefined" }, { text: "a" }],
    ["llama", { text: "a", tags: "1" }, { text: "a", tags: [1] }],
    ["mistral", { text: "a", exact: "false" }, { text: "a", exact: false }],
    ["other", { text: "a", exact: "false" }, "error"],
  ])("of the family %s: %j become %j", async (family, input, expected) => {
    expect(await received({ family }, input)).toEqual(expected);
  });

  it.each<object>([
    { text: "null", order: "None", note: "" },
    { text: "3", note: "true", where: { kind: "[1]" } },
    { text: '{"a": 1}', note: "https://example.org/none" },
  ])("that are right stay as they are for every family: %j", async (input) => {
    for (const family of Object.keys(families)) {
      expect(await received({ family }, input)).toEqual(input);
    }
  });

  it("are never made worse: what fits still fits", () => {
    const validate = validatorFor(find.inputSchema);
    for (const { quirks } of Object.values(families)) {
      for (const input of [
        { text: "a", tags: [] },
        { text: "", where: {} },
        { text: "a", until: "" },
      ]) {
        expect(validate(adaptInput(input, find.inputSchema, quirks))).toBeUndefined();
      }
    }
  });

  it("can be left alone by tool and by quirk", async () => {
    const input = { text: "a", limit: "3" };
    expect(await received({ family: "qwen", tools: ["other_*"] }, input)).toBe("error");
    expect(await received({ family: "qwen", quirks: { readScalars: false } }, input)).toBe("error");
    expect(await received({ quirks: { readScalars: true } }, input)).toEqual({
      text: "a",
      limit: 3,
    });
  });

  it("follow references and end in recursive schemas", () => {
    const schema = {
      type: "object",
      properties: { node: { $ref: "#/$defs/node" } },
      $defs: {
        node: {
          type: "object",
          properties: { size: { type: "integer" }, next: { $ref: "#/$defs/node" } },
        },
      },
    };
    const { quirks } = families.llama;
    expect(adaptInput({ node: { next: { size: "1" } } }, schema, quirks)).toEqual({
      node: { next: { size: 1 } },
    });
    expect(adaptInput({ a: "1" }, { $ref: "#" }, quirks)).toEqual({ a: "1" });
  });
});

describe("what the model is told", () => {
  it("is what its family gets wrong, once, in the system prompt", async () => {
    const { system } = await play({ family: "qwen", extraNotes: ["Be brief."] }, { text: "a" });
    expect(system.split("\n")).toEqual([
      "When you call a tool:",
      ...families.qwen.notes.map((note) => `- ${note}`),
      "- Be brief.",
    ]);
  });

  it("is nothing without something to say, without tools, or when it is not wanted", async () => {
    expect((await play({ family: "openai" }, { text: "a" })).system).toBe("");
    expect((await play({ family: "qwen", notes: false }, { text: "a" })).system).toBe("");
    const { requests } = await runProcessor(dir, {
      options: { family: "qwen" },
      script: [{ text: "Done." }],
    });
    expect(requests[0]!.messages.at(0)!.role).toBe("user");
  });

  it("is which arguments a tool takes, when a call did not fit", async () => {
    const wrong = { text: "a", limit: "many" };
    const takes =
      'find takes text (string), note (string, optional), limit (integer, optional), exact (boolean, optional), tags (array, optional), where (object, optional), order (one of "up" "None", optional), until (optional).';
    expect((await play({}, wrong)).text.split("\n").at(-1)).toBe(takes);
    expect((await play({}, "{text:", "bad")).text).toContain(takes);
    expect((await play({ explain: false }, wrong)).text).not.toContain("find takes");
    expect((await play({}, { text: "a" })).text).not.toContain("find takes");
  });
});

it("does what its README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const { options } = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as {
    options: Options;
  };
  expect(await received(options, { text: "a", limit: "3", tags: 1, note: "None" })).toEqual({
    text: "a",
    limit: 3,
    tags: [1],
  });
});
