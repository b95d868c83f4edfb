import { textOf, tool } from "@harnessx/core/plugin";
import { assertConformant, runProcessor, type RunProcessorInput } from "@harnessx/core/testing";
import { describe, expect, it } from "vitest";
import { compileSelection, type ToolSelection } from "../src/selection.ts";

const dir = new URL("..", import.meta.url);
const make = (name: string, ...tags: string[]) =>
  tool({
    name,
    description: name,
    inputSchema: { type: "object" },
    tags,
    execute: () => `${name} ran`,
  });
const tools = [
  make("fs__read", "read-only"),
  make("fs__write"),
  make("shell", "dangerous"),
  make("look", "read-only"),
];

it.each([undefined, { block: ["act"], rules: [{ fromStep: 2, allowTags: ["read-only"] }] }])(
  "keeps the plugin contract with %j",
  async (options) => {
    await assertConformant(dir, options ? { options } : {});
  },
);

describe("compileSelection", () => {
  const pass = (selection: ToolSelection): string[] =>
    tools.filter(compileSelection(selection)).map(({ name }) => name);

  it.each<[ToolSelection, string[]]>([
    [{}, ["fs__read", "fs__write", "shell", "look"]],
    [{ allow: [] }, []],
    [{ allow: ["fs__*"] }, ["fs__read", "fs__write"]],
    [{ allow: ["*"], block: ["*e*"] }, ["look"]],
    [{ allowTags: ["read-only"] }, ["fs__read", "look"]],
    [{ allow: ["shell"], allowTags: ["read-only"] }, ["fs__read", "shell", "look"]],
    [{ blockTags: ["dangerous"] }, ["fs__read", "fs__write", "look"]],
    [{ allow: ["fs.*"] }, []],
  ])("%j passes %j", (selection, expected) => {
    expect(pass(selection)).toEqual(expected);
  });
});

describe("in a run", () => {
  const call = (name: string) => ({ calls: [{ name }] });
  const run = (options: RunProcessorInput["options"], ...names: string[]) =>
    runProcessor(dir, { options, tools, script: [...names.map(call), { text: "Done." }] });

  it("shows the model the selected tools, step by step", async () => {
    const { requests } = await run(
      {
        block: ["shell"],
        rules: [
          { toStep: 1, allowTags: ["read-only"] },
          { fromStep: 3, allow: ["look"] },
        ],
      },
      "look",
      "look",
    );
    expect(requests.map((request) => request.tools.map(({ name }) => name))).toEqual([
      ["fs__read", "look"],
      ["fs__read", "fs__write", "look"],
      ["look"],
    ]);
  });

  it("refuses a call to a tool that was not offered, and leaves others alone", async () => {
    const { result } = await run(
      { block: ["shell"], message: "No {tool} here." },
      "shell",
      "look",
      "unknown",
    );
    const results = result.messages.slice().filter((message) => message.role === "tool");
    expect(results.map((message) => [message.status, textOf(message)])).toEqual([
      ["refused", "No shell here."],
      ["ok", "look ran"],
      ["error", expect.stringContaining("no tool named unknown") as string],
    ]);
  });
});
