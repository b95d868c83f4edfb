import { textOf, tool, type ToolResult } from "@harnessx/core/plugin";
import { assertConformant, runProcessor, type RunProcessorInput } from "@harnessx/core/testing";
import { createAgent, loadHarness, scriptedModel } from "@harnessx/core";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const dir = new URL("..", import.meta.url);
type Options = RunProcessorInput["options"];
type Step = readonly (string | readonly [name: string, input: object])[];

/** A fresh world: `read` tells how often it was asked. */
function world() {
  const asked: string[] = [];
  const make = (name: string, tags: string[], execute?: () => ToolResult | string) =>
    tool<{ of?: string }>({
      name,
      description: name,
      inputSchema: { type: "object" },
      tags,
      execute: ({ of = "" }) => {
        asked.push(name + of);
        return execute ? execute() : `${name} ${of} answer ${asked.length}`;
      },
    });
  const tools = [
    make("read", ["read-only"]),
    make("clock", ["read-only"]),
    make("look", []),
    make("write", []),
    make("fail", ["read-only"], () => ({ status: "error", content: "no" })),
    make("data", ["read-only"], () => ({
      status: "ok",
      content: [{ type: "text", text: "rows" }],
      structured: { rows: [1, 2] },
    })),
    make("picture", ["read-only"], () => ({
      status: "ok",
      content: [{ type: "image", mediaType: "image/png", data: "iVBORw0KGgo=" }],
    })),
  ];
  return { asked, tools };
}

async function play(options: Options, ...steps: Step[]) {
  const { asked, tools } = world();
  const { result, events } = await runProcessor(dir, {
    options,
    tools,
    script: [
      ...steps.map((step) => ({
        calls: step.map((call) =>
          typeof call === "string" ? { name: call } : { name: call[0], input: call[1] },
        ),
      })),
      { text: "Done." },
    ],
  });
  const answers = [...result.messages].flatMap((m) => (m.role === "tool" ? [textOf(m)] : []));
  return { asked, answers, events };
}

it.each([
  undefined,
  { tools: ["act", "e*"], except: ["throw"], maxEntries: 1, maxChars: 60, maxAge: 1, note: "" },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

describe("a reading call", () => {
  it("that was made before is answered without running the tool, and says so", async () => {
    const { asked, answers, events } = await play({}, ["read"], ["read"]);
    expect(asked).toEqual(["read"]);
    expect(answers).toEqual([
      "read  answer 1",
      "[Same call as in step 1; nothing that could change its result has run since.]\nread  answer 1",
    ]);
    expect(JSON.stringify(events)).toContain('"intercepted":"subject"');
  });

  it("is the same whatever the order of its arguments, and another with others", async () => {
    const { asked } = await play(
      {},
      [["read", { of: "a", at: 1 }]],
      [["read", { at: 1, of: "a" }]],
      [["read", { of: "b", at: 1 }]],
    );
    expect(asked).toEqual(["reada", "readb"]);
  });

  it("can be answered without a note, and keeps its structured data", async () => {
    const { answers, events } = await play({ note: "" }, ["data"], ["data"]);
    expect(answers).toEqual(["rows", "rows"]);
    const results = events.filter((event) => event.type === "tool.result");
    expect(results[1]).toMatchObject({ structured: { rows: [1, 2] }, intercepted: "subject" });
  });

  it("is asked anew when it failed, or when its result cannot be kept", async () => {
    expect((await play({}, ["fail"], ["fail"])).asked).toEqual(["fail", "fail"]);
    expect((await play({}, ["picture"], ["picture"])).asked).toHaveLength(2);
    expect((await play({ maxChars: 10 }, ["read"], ["read"])).asked).toHaveLength(2);
    expect((await play({ except: ["clo*"] }, ["clock"], ["clock"])).asked).toHaveLength(2);
  });

  it("is asked anew when its result is too old", async () => {
    const steps: Step[] = [["read"], ["clock"], ["read"]];
    expect((await play({ maxAge: 1 }, ...steps)).asked).toEqual(["read", "clock", "read"]);
    expect((await play({ maxAge: 2 }, ...steps)).asked).toEqual(["read", "clock"]);
  });

  it("is of a tool that is listed, too", async () => {
    expect((await play({}, ["look"], ["look"])).asked).toHaveLength(2);
    expect((await play({ tools: ["lo*"] }, ["look"], ["look"])).asked).toHaveLength(1);
  });
});

describe("a call that may change something", () => {
  it("empties the cache", async () => {
    const { asked } = await play({}, ["read"], ["write"], ["read"], ["read"]);
    expect(asked).toEqual(["read", "write", "read"]);
  });

  it("does so for the reading calls behind it in the same step, and for those beside it", async () => {
    const { asked } = await play({}, ["read"], ["write", "read"], ["read"]);
    expect(asked).toEqual(["read", "write", "read", "read"]);
    const beside = await play({}, ["read", "write"], ["read"]);
    expect(beside.asked).toEqual(["read", "write", "read"]);
  });

  it("that does not exist changes nothing", async () => {
    const { asked } = await play({}, ["read"], ["no_such_tool"], ["read"]);
    expect(asked).toEqual(["read"]);
  });
});

it("forgets the oldest result first", async () => {
  const of = (name: string): Step => [["read", { of: name }]];
  const { asked } = await play({ maxEntries: 2 }, of("a"), of("b"), of("c"), of("b"), of("a"));
  expect(asked).toEqual(["reada", "readb", "readc", "reada"]);
});

it("keeps its results in a swap", async () => {
  const root = fileURLToPath(dir);
  const load = (version: string) =>
    loadHarness({ name: "test", version, processors: [{ id: "cache", use: "./." }] }, { root });
  const [first, second] = [await load("1"), await load("2")];
  const { asked, tools } = world();
  const model = scriptedModel((_request, call) =>
    call < 3 ? { calls: [{ name: "read" }] } : { text: "Done." },
  );
  const agent = createAgent({ harness: first, models: { main: model } });
  await agent.run("Read.", { tools, follow: () => (asked.length > 0 ? second : first) });
  expect(asked).toEqual(["read"]);
});

it("does what its README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const { options } = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as {
    options: Options;
  };
  const { asked } = await play(options, ["read"], ["read"], ["look"], ["read"]);
  expect(asked).toEqual(["read", "look", "read"]);
});
