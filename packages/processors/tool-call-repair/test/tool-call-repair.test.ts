import { textOf, tool, type JsonSchema } from "@harnessx/core/plugin";
import { assertConformant, runProcessor, type RunProcessorInput } from "@harnessx/core/testing";
import { validatorFor } from "@harnessx/core";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { judge } from "../src/judge.ts";
import { repairInput } from "../src/repair.ts";
import { toolMeant } from "../src/tool-names.ts";

const dir = new URL("..", import.meta.url);
const object = (properties: object, more: object = {}): JsonSchema => ({
  type: "object",
  properties,
  additionalProperties: false,
  ...more,
});
const readFile = tool({
  name: "read_file",
  description: "Reads.",
  inputSchema: object(
    {
      file_path: { type: "string" },
      limit: { type: "integer", minimum: 1 },
      raw: { type: "boolean" },
      mode: { enum: ["text", "read-only", "binary"] },
      tags: { type: "array", items: { type: "string" } },
    },
    { required: ["file_path"] },
  ),
  execute: (input: object) => JSON.stringify(input),
});
const search = tool({
  name: "search",
  description: "Searches.",
  inputSchema: object(
    { query: { type: "string" }, url: { type: "string" } },
    { required: ["query"] },
  ),
  execute: (input: object) => JSON.stringify(input),
});

/** What a call comes to: name, and the tool's answer or the status. */
async function outcome(
  name: string,
  input: unknown,
  options: RunProcessorInput["options"] = {},
  malformed?: string,
): Promise<[string, unknown]> {
  const { result } = await runProcessor(dir, {
    options,
    tools: [readFile, search],
    script: [
      { calls: [{ name, input, ...(malformed === undefined ? {} : { malformed }) }] },
      { text: "Done." },
    ],
  });
  const answer = [...result.messages].find((message) => message.role === "tool")!;
  return [answer.name, answer.status === "ok" ? JSON.parse(textOf(answer)) : answer.status];
}

it.each([undefined, { names: false, inputs: false, except: ["act"] }])(
  "keeps the plugin contract with %j",
  async (options) => {
    await assertConformant(dir, options ? { options } : {});
  },
);

describe("in a run", () => {
  it.each<[unknown, unknown]>([
    [
      { file_path: "a", limit: "3" },
      { file_path: "a", limit: 3 },
    ],
    [
      { file_path: "a", raw: "True" },
      { file_path: "a", raw: true },
    ],
    [{ file_path: 7 }, { file_path: "7" }],
    [
      { file_path: "a", mode: "Read Only" },
      { file_path: "a", mode: "read-only" },
    ],
    [
      { file_path: "a", tags: '["x", 1]' },
      { file_path: "a", tags: ["x", "1"] },
    ],
    [
      { file_path: "a", tags: "x" },
      { file_path: "a", tags: ["x"] },
    ],
    [{ filePath: "a" }, { file_path: "a" }],
    [{ file_path: "a", limit: null }, { file_path: "a" }],
    [{ arguments: { file_path: "a", limit: "2" } }, { file_path: "a", limit: 2 }],
    ["notes.txt", { file_path: "notes.txt" }],
    ['{"file_path": "a"}', { file_path: "a" }],
  ])("repairs %j", async (input, expected) => {
    expect(await outcome("read_file", input)).toEqual(["read_file", expected]);
  });

  it.each<unknown>([
    { file_path: "a", limit: "many" },
    { file_path: "a", limit: "0" },
    { file_path: "a", limit: 2.5 },
    { file_path: "a", limit: "99999999999999999999" },
    { file_path: "a", raw: "yes" },
    { file_path: "a", mode: "txt" },
    { filePath: "a", "file-path": "b" },
    { file_path: null },
    {},
    { limit: 3 },
  ])("leaves %j for the runtime to refuse", async (input) => {
    expect(await outcome("read_file", input)).toEqual(["read_file", "error"]);
  });

  it.each<unknown>([
    { file_path: "3" },
    { file_path: "true", limit: 3 },
    { file_path: "https://example.org/a?b=[1]" },
    { file_path: '{"a": 1}' },
    { file_path: "null" },
  ])("does not touch %j", async (input) => {
    expect(await outcome("read_file", input)).toEqual(["read_file", input]);
  });

  it("turns no address and no word into a path", async () => {
    const input = { query: "profile direction", url: "https://example.org/dir/../file" };
    expect(await outcome("search", input)).toEqual(["search", input]);
    expect(await outcome("search", { query: input.url, direction: "up" })).toEqual([
      "search",
      "error",
    ]);
  });

  it("repairs the name and the arguments of one call", async () => {
    expect(await outcome("functions.ReadFile", { path: "a" })).toEqual(["read_file", "error"]);
    expect(await outcome("functions.ReadFile", { file_path: "a", raw: "false" })).toEqual([
      "read_file",
      { file_path: "a", raw: false },
    ]);
  });

  it("reads JSON in a fence and with trailing commas, but no guesswork", async () => {
    const read = (text: string) => outcome("read_file", text, {}, "Unexpected token");
    const expected = ["read_file", { file_path: "a,]" }];
    expect(await read('```json\n{"file_path": "a,]",}\n```')).toEqual(expected);
    expect(await read('{"file_path": "a,]",\n}')).toEqual(expected);
    expect(await read('{"file_path": "a')).toEqual(["read_file", "error"]);
    expect(await read('{"wrong": 1,}')).toEqual(["read_file", "error"]);
  });

  it("can leave names, inputs or single tools alone", async () => {
    const wrong = { file_path: 7 };
    expect(await outcome("Read_File", { file_path: "a" }, { names: false })).toEqual([
      "Read_File",
      "error",
    ]);
    expect(await outcome("Read_File", wrong, { inputs: false })).toEqual(["read_file", "error"]);
    expect(await outcome("read_file", wrong, { except: ["read_*"] })).toEqual([
      "read_file",
      "error",
    ]);
  });

  it("puts the repaired call into the history, and records the edit", async () => {
    const { events, requests } = await runProcessor(dir, {
      tools: [readFile],
      script: [{ calls: [{ name: "readFile", input: { file_path: 1 } }] }, { text: "Done." }],
    });
    const said = [...requests[1]!.messages].find((message) => message.role === "assistant")!;
    expect(said.role === "assistant" && said.toolCalls).toMatchObject([
      { name: "read_file", input: { file_path: "1" } },
    ]);
    expect(JSON.stringify(events)).toContain('"op":"toolCalls"');
  });

  it("passes calls that are right without an edit", async () => {
    const { events } = await runProcessor(dir, {
      tools: [readFile],
      script: [{ calls: [{ name: "read_file", input: { file_path: "a" } }] }, { text: "Done." }],
    });
    expect(JSON.stringify(events)).not.toContain('"op":"toolCalls"');
  });

  it("does what its README shows", async () => {
    const readme = readFileSync(new URL("README.md", dir), "utf8");
    const { options } = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as {
      options: RunProcessorInput["options"];
    };
    expect(await outcome("raed_file", { file_path: "a", limit: "2" }, options)).toEqual([
      "read_file",
      { file_path: "a", limit: 2 },
    ]);
  });
});

describe("names", () => {
  const offered = [
    "read_file",
    "write_file",
    "get_user",
    "list_v1",
    "copy",
    "open_tab",
    "open_tap",
  ];

  it.each([
    ["READ_FILE", "read_file"],
    ["read-file", "read_file"],
    ["tools:read_file", "read_file"],
    ["raed_file", "read_file"],
    ["read_fil", "read_file"],
    ["write_filee", "write_file"],
  ])("%s means %s", (name, expected) => {
    expect(toolMeant(name, offered, 1)).toBe(expected);
  });

  it.each(["set_user", "list_v2", "coy", "open_ta", "rm", "", "read_the_file", "???"])(
    "%s means nothing",
    (name) => {
      expect(toolMeant(name, offered, 1)).toBeUndefined();
    },
  );

  it("that differ in separators alone are not told apart", () => {
    expect(toolMeant("ReadFile", ["read_file", "readfile"], 1)).toBeUndefined();
  });

  it("are taken as they are with a distance of 0", () => {
    expect(toolMeant("raed_file", offered, 0)).toBeUndefined();
    expect(toolMeant("Read_File", offered, 0)).toBe("read_file");
  });
});

describe("schemas", () => {
  const repaired = (input: unknown, schema: JsonSchema): unknown =>
    repairInput(input, schema)?.input;

  it("with choices between types are repaired when one repair fits", () => {
    const union = object({ at: { anyOf: [{ type: "integer" }, { type: "boolean" }] } });
    expect(repaired({ at: "3" }, union)).toEqual({ at: 3 });
    expect(repaired({ at: "true" }, union)).toEqual({ at: true });
    const torn = object({ at: { anyOf: [{ type: "boolean" }, { enum: ["TRUE"] }] } });
    expect(repaired({ at: "true" }, torn)).toBeUndefined();
  });

  it("with references and recursion are followed", () => {
    const tree = {
      ...object({ node: { $ref: "#/$defs/node" } }, { required: ["node"] }),
      $defs: {
        node: {
          type: "object",
          properties: {
            size: { type: "integer" },
            children: { type: "array", items: { $ref: "#/$defs/node" } },
          },
        },
      },
    };
    expect(repaired({ node: { children: [{ size: "1" }] } }, tree)).toEqual({
      node: { children: [{ size: 1 }] },
    });
    expect(repaired({ size: "1" }, tree)).toEqual({ node: { size: 1 } });
    expect(repaired({ a: "1" }, { $ref: "#/$defs/lost" })).toBeUndefined();
  });

  it("with keywords that are not known never lead to a repair that they could refuse", () => {
    const odd = object({ a: { type: "integer", not: { const: 3 } } });
    expect(repaired({ a: "3" }, odd)).toBeUndefined();
    const nullable = object({ a: { type: "string", nullable: true } });
    expect(repaired({ a: null }, nullable)).toBeUndefined();
  });

  it("keep fields with the names of built-in properties", () => {
    const open = { type: "object", properties: { a: { type: "integer" } } };
    const input = JSON.parse('{"a": "1", "__proto__": {"b": 2}}') as object;
    expect(JSON.stringify(repaired(input, open))).toBe('{"a":1,"__proto__":{"b":2}}');
  });
});

const text = fc.oneof(
  fc.constantFrom("true", "3", "-2.5", "[1]", '{"a":1}', "null", "red", "RED", "http://a/b", ""),
  fc.string({ maxLength: 6 }),
);
const scalar = fc.oneof(
  text,
  fc.integer({ min: -5, max: 5 }),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
);
const names = fc.constantFrom("a", "b", "A", "input");
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(names, tie("value"), { maxKeys: 3 }),
  ),
})).value;
const schema: fc.Arbitrary<object> = fc.letrec<{ schema: object }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<object[]>(
      { type: "string" },
      { type: "string", minLength: 2 },
      { type: "integer", minimum: 0 },
      { type: ["number", "null"] },
      { type: "boolean" },
      { enum: ["red", "green", 3, null] },
      { type: "string", pattern: "^r" },
      { type: "string", nullable: true },
      { not: { type: "string" } },
      {},
    ),
    tie("schema").map((items) => ({ type: "array", items, maxItems: 2 })),
    fc.record({
      type: fc.constant("object"),
      properties: fc.dictionary(names, tie("schema"), { maxKeys: 3 }),
      required: fc.uniqueArray(names, { maxLength: 2 }),
      additionalProperties: fc.constantFrom<(boolean | object)[]>(true, false, { type: "integer" }),
    }),
    fc.array(tie("schema"), { minLength: 1, maxLength: 2 }).map((anyOf) => ({ anyOf })),
    fc.array(tie("schema"), { minLength: 1, maxLength: 2 }).map((oneOf) => ({ oneOf })),
  ),
})).schema;
const json = (input: unknown): unknown => JSON.parse(JSON.stringify(input)) as unknown;

describe("for any schema and any input", () => {
  it("what is judged is what the runtime's validator says", () => {
    fc.assert(
      fc.property(schema, value, (shape, raw) => {
        const input = json(raw);
        const judged = judge(input, shape, shape as JsonSchema);
        fc.pre(judged !== "unknown");
        expect(judged === "valid").toBe(validatorFor(shape)(input) === undefined);
      }),
      { numRuns: 100 },
    );
  });

  it("a valid input is left alone, and a repaired one is valid", () => {
    let repairs = 0;
    fc.assert(
      fc.property(schema, value, (shape, raw) => {
        const input = json(raw);
        const repair = repairInput(input, shape as JsonSchema);
        if (!repair) return;
        repairs += 1;
        const validate = validatorFor(shape);
        expect(validate(input)).toBeDefined();
        expect(validate(repair.input)).toBeUndefined();
        expect(repairInput(repair.input, shape as JsonSchema)).toBeUndefined();
      }),
      { numRuns: 300, seed: 5 },
    );
    expect(repairs).toBeGreaterThan(5);
  });
});
