import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createAgent, inspectPlugin, loadHarness, resolveOptions } from "@harnessx/core";
import { textOf, tool, type Tool } from "@harnessx/core/plugin";
import {
  assertConformant,
  runProcessor,
  scriptedModel,
  type RunProcessorInput,
} from "@harnessx/core/testing";
import { describe, expect, it } from "vitest";
import { createEditReader } from "../src/edited-paths.ts";
import type { RepeatedEditGuardOptions } from "../src/index.ts";

const dir = new URL("..", import.meta.url);
const folder = fileURLToPath(dir);
const defaults = resolveOptions(
  await inspectPlugin(folder),
  "edits",
) as unknown as RepeatedEditGuardOptions;

const make = (name: string): Tool =>
  tool<{ fail?: boolean; parts?: boolean }>({
    name,
    description: "Does as it is told.",
    inputSchema: { type: "object" },
    execute: ({ fail, parts }) =>
      fail
        ? { status: "error", content: "No." }
        : { status: "ok", content: parts ? [{ type: "text", text: "Ok." }] : "Ok." },
  });
const tools = ["edit", "write_file", "read", "run_tests"].map(make);
const calls: Record<string, { name: string; input: object }> = {
  a: { name: "edit", input: { path: "a.ts" } },
  A: { name: "write_file", input: { file_path: "./src/../a.ts" } },
  b: { name: "edit", input: { path: "b.ts" } },
  "!": { name: "edit", input: { path: "a.ts", fail: true } },
  p: { name: "edit", input: { path: "a.ts", parts: true } },
  r: { name: "read", input: { path: "a.ts" } },
  x: { name: "read", input: { path: "a.ts", fail: true } },
  t: { name: "run_tests", input: {} },
};
const step = (signs: string) => ({ calls: signs.split("").map((sign) => calls[sign]!) });
type Options = RunProcessorInput["options"];

/** "." for a result that is as it was, "a" with advice, "R" refused, "!" failed. */
async function outcome(options: Options, steps: readonly string[]): Promise<string> {
  const { result } = await runProcessor(dir, {
    options,
    tools,
    script: [...steps.map(step), { text: "Done." }],
  });
  expect(result.exit).toBe("done");
  const signs = [...result.messages].flatMap((message) => {
    if (message.role !== "tool") return [];
    if (message.status === "refused") return ["R"];
    if (message.status !== "ok") return ["!"];
    return [textOf(message).includes("times") ? "a" : "."];
  });
  return signs.join("");
}
const inTurn = (options: Options, signs: string): Promise<string> =>
  outcome(options, signs.split(""));

it.each([
  undefined,
  {
    adviseAt: 1,
    blockAt: 2,
    editTools: ["act"],
    pathArguments: ["command"],
    reliefTools: ["echo"],
  },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

describe("edits of one file", () => {
  it("get advice from the seventh on, and are refused after the twelfth", async () => {
    expect(await inTurn({}, "a".repeat(14))).toBe("......aaaaaaRR");
  });

  it("are counted whatever tool and spelling", async () => {
    expect(await inTurn({ adviseAt: 3, blockAt: 4 }, "aAaAa")).toBe("..aaR");
  });

  it("do not count for another file, nor when they failed", async () => {
    expect(await inTurn({ adviseAt: 3, blockAt: 3 }, "abab!!a")).toBe("....!!a");
    expect(await inTurn({ adviseAt: 2, blockAt: 2 }, "aaab")).toBe(".aR.");
  });

  it("go on counting when the agent looks or tests between them", async () => {
    expect(await inTurn({ adviseAt: 3, blockAt: 0 }, "artartart")).toBe("......a..");
  });

  it("are named in the advice and the refusal", async () => {
    const { result } = await runProcessor(dir, {
      options: { adviseAt: 1, blockAt: 1 },
      tools,
      script: [step("p"), step("a"), { text: "Done." }],
    });
    expect(result.messages.at(2)!.content).toMatchObject([
      { text: "Ok." },
      { text: expect.stringMatching(/^\[a\.ts has now been edited 1 times\./) },
    ]);
    expect(textOf(result.messages.at(4)!)).toMatch(/^Not edited: a\.ts has been edited 1 times\./);
  });

  it("are free when the thresholds are 0", async () => {
    expect(await inTurn({ adviseAt: 0, blockAt: 0 }, "a".repeat(20))).toBe(".".repeat(20));
    expect(await inTurn({ adviseAt: 0, blockAt: 2 }, "aaara")).toBe("..R..");
  });
});

describe("a block", () => {
  const options = { adviseAt: 2, blockAt: 4 };

  it("ends when something else was done, with less room than before", async () => {
    expect(await inTurn(options, "aaaaataaaar")).toBe(".aaaR.aaaR.");
    expect(await inTurn(options, "aaaara")).toBe(".aaa.a");
  });

  it("does not end by something that failed or by an edit of another file", async () => {
    expect(await inTurn(options, "aaaaxba")).toBe(".aaa!.R");
  });

  it("does not end by what was done beside the last edit", async () => {
    expect(await outcome(options, ["a", "a", "a", "at", "a"])).toBe(".aaa.R");
  });

  it("can be left to certain tools", async () => {
    const strict = { ...options, reliefTools: ["run_tests"] };
    expect(await inTurn(strict, "aaaarata")).toBe(".aaa.R.a");
  });
});

describe("what a call edits", () => {
  const { pathsOf, isRelief } = createEditReader(defaults);
  const call = (name: string, input: unknown) => ({ id: "1", name, input });
  const patch =
    "*** Begin Patch\n*** Update File: src/a.ts\n-x\n+y\n*** Add File: b.ts\n+z\n*** Delete File: c.ts";

  it.each([
    ["edit", { path: "a.ts" }, ["a.ts"]],
    ["Edit", { file_path: "/r/a.ts" }, ["a.ts"]],
    ["MultiEdit", { file_path: "/other/a.ts" }, ["/other/a.ts"]],
    ["fs__write_file", { path: "src\\.\\b\\..\\a.ts" }, ["src/a.ts"]],
    ["write", { path: "../../up.ts" }, ["../../up.ts"]],
    ["apply_patch", { patch }, ["src/a.ts", "b.ts"]],
    ["apply_patch", { input: "--- a/x.ts\n+++ b/x.ts\n@@" }, ["x.ts"]],
    ["str_replace_based_edit_tool", { command: "str_replace", path: "a.ts" }, ["a.ts"]],
    ["str_replace_based_edit_tool", { command: "view", path: "a.ts" }, []],
    ["read", { path: "a.ts" }, []],
    ["edit_distance", { path: "a.ts" }, []],
    ["edit", { path: 3 }, []],
    ["edit", { path: "" }, []],
    ["edit", "no object", []],
    ["edit", null, []],
  ])("by %s with %j is %j", (name, input, paths) => {
    expect(pathsOf(call(name, input), "/r")).toEqual(paths);
  });

  it("without a workspace keeps absolute paths", () => {
    expect(pathsOf(call("edit", { path: "/r//a.ts" }), undefined)).toEqual(["/r/a.ts"]);
  });

  it("tells a look from an edit", () => {
    expect(isRelief(call("edit", {}))).toBe(false);
    expect(isRelief(call("str_replace_based_edit_tool", { command: "view" }))).toBe(true);
    expect(isRelief(call("shell", {}))).toBe(true);
  });
});

it("knows the workspace of the run", async () => {
  const { result } = await runProcessor(dir, {
    options: { adviseAt: 2, blockAt: 0 },
    slots: { workspace: { root: "/r" } },
    tools,
    script: [
      { calls: [{ name: "edit", input: { path: "/r/a.ts" } }] },
      step("a"),
      { text: "Done." },
    ],
  });
  expect(textOf(result.messages.at(4)!)).toContain("2 times");
});

it("keeps its counts over a swap", async () => {
  const processors = [{ id: "edits", use: "./.", options: { adviseAt: 2 } }];
  const first = await loadHarness({ name: "t", version: "1", processors }, { root: folder });
  const second = await loadHarness({ name: "t", version: "2", processors }, { root: folder });
  let asked = 0;
  const model = scriptedModel(() => ((asked += 1) < 3 ? step("a") : { text: "Done." }));
  const { messages } = await createAgent({ harness: first, models: { main: model } }).run("Go.", {
    tools,
    follow: () => (asked === 1 ? second : undefined),
  });
  expect(textOf(messages.at(4)!)).toContain("2 times");
});

it("does what the README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!);
  const harness = await loadHarness(
    { name: "shown", version: "1", processors: [entry] },
    { root: folder },
  );
  const script = "aaaaaarata".split("").map(step);
  const model = scriptedModel([...script, { text: "Done." }]);
  const agent = createAgent({ harness, models: { main: model } });
  const { messages } = await agent.run("Go.", { tools });
  const signs = [...messages].flatMap((m) => (m.role === "tool" ? [m.status] : []));
  expect(signs.slice(6)).toEqual(["ok", "refused", "ok", "ok"]);
});
