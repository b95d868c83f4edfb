import { defineProcessor, textOf, tool, workspaceSlot } from "@harnessx/core/plugin";
import { assertConformant, runProcessor, type RunProcessorInput } from "@harnessx/core/testing";
import { createAgent, defineHarness, inline, scriptedModel } from "@harnessx/core";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { endsInWord } from "../src/arguments.ts";

const dir = new URL("..", import.meta.url);
type Options = RunProcessorInput["options"];
const make = (name: string, properties: object = {}) =>
  tool({
    name,
    description: name,
    inputSchema: { type: "object", properties },
    execute: () => `${name} ran`,
  });
const tools = [
  make("write_file"),
  make("copy"),
  make("bash", { command: { type: "string" } }),
  make("query", { script: { type: "string" } }),
  { ...make("look", { command: { type: "string" } }), tags: ["read-only"] },
];

/** The results of calls that are made side by side. */
async function results(
  options: Options,
  calls: readonly (readonly [name: string, input: object])[],
): Promise<string[]> {
  const { result } = await runProcessor(dir, {
    options,
    tools,
    script: [{ calls: calls.map(([name, input]) => ({ name, input })) }, { text: "Done." }],
  });
  return [...result.messages].flatMap((m) => (m.role === "tool" ? [textOf(m)] : []));
}
const paths = (options: Options, ...all: string[]): Promise<string[]> =>
  results(
    options,
    all.map((path) => ["write_file", { path }]),
  );
const ran = (texts: readonly string[]): boolean[] => texts.map((text) => text.endsWith(" ran"));

it.each([
  undefined,
  {
    roots: ["/work", "shared"],
    base: "/work",
    except: ["echo"],
    allowCommands: ["act"],
    rules: [{ tools: ["act"], arguments: ["command"] }],
  },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

const inside = [
  "a.txt",
  "./src/../a.txt",
  "src\\a.txt",
  "",
  ".",
  "a..b/c...d",
  ".gitignore",
  "notes/git.md",
  "50%.txt",
  "a%20b.txt",
  "%20%ffa.txt",
  "d41d8cd9 (copy).txt",
  "日本語/ファイル.txt",
  "a~b",
  "src/$types.ts",
];
const outside = [
  "../a.txt",
  "src/../../a.txt",
  "..\\a.txt",
  "src\\..\\..\\a.txt",
  "%2e%2e/a.txt",
  "%2e%2e%2fa.txt",
  "%252e%252e%252fa.txt",
  "%25252525252e%25252525252e/a",
  "%ff/%2e%2e/%2e%2e/a.txt",
  "．．/a.txt",
  "..／a.txt",
  "/etc/passwd",
  " /etc/passwd",
  "C:\\Users\\a",
  "c:a.txt",
  "\\\\server\\share\\a",
  "\\\\?\\C:\\a",
  "//./pipe/a",
  "~/a.txt",
  "~root/a.txt",
  "$HOME/a.txt",
  "${HOME}/a.txt",
  "%USERPROFILE%\\a.txt",
  "file:///etc/passwd",
  "file:/etc/passwd",
  "https://example.org/a",
  "a\u0000.txt",
  "a\n.txt",
  "%00",
  ".../a",
  ".. /a",
  "{..,x}/a",
  ".git",
  "src/.GIT/config",
  ".git::$DATA",
  ".git. /hooks/x",
  "home/.ssh/id_rsa",
];

describe("a relative path", () => {
  it("inside the root passes", async () => {
    expect(await paths({}, ...inside)).toEqual(inside.map(() => "write_file ran"));
  });

  it("that leads out, hides something or is closed is refused", async () => {
    const answers = await paths({}, ...outside);
    const passed = outside.filter((_path, index) => !answers[index]!.startsWith("Refused:"));
    expect(passed).toEqual([]);
  });

  it("is judged the same when the base folder is known", async () => {
    const options = { base: "/work/project" };
    expect(ran(await paths(options, ...inside))).not.toContain(false);
    expect(ran(await paths(options, ...outside))).not.toContain(true);
  });
});

describe("an absolute path", () => {
  it("fits an absolute root, at a border between folders", async () => {
    const options = { roots: ["/work", "C:/Data"] };
    const answers = await paths(
      options,
      "/work/a",
      "/work",
      "/work/../etc",
      "/workshop/a",
      "/WORK/a",
      "c:\\data\\a",
      "C:\\data\\..\\a",
      "d:\\data\\a",
      "/../../work/a",
    );
    expect(ran(answers)).toEqual([true, true, false, false, false, true, false, false, true]);
  });

  it("fits a relative root when the base is known", async () => {
    const options = { roots: ["src", "../shared"], base: "/work/project" };
    const answers = await paths(
      options,
      "/work/project/src/a",
      "src/a",
      "../shared/a",
      "/work/shared/a",
      "/work/project/a",
      "a",
      "../shared/../a",
    );
    expect(ran(answers)).toEqual([true, true, true, true, false, false, false]);
  });

  it("is seen from the workspace that another processor provides", async () => {
    const workspace = inline(
      { name: "workspace", dimension: "environment", hooks: ["taskStart"], stage: 9 },
      defineProcessor((run) => {
        run.slots.provide(workspaceSlot, { root: "/work/project", mode: "shared" });
        run.hooks.taskStart.tap("nothing", () => undefined);
      }),
    );
    const harness = await defineHarness({
      name: "test",
      root: fileURLToPath(dir),
      processors: [{ id: "scope", use: "./." }],
      inline: [workspace],
    });
    const calls = ["/work/project/a", "/work/a", "../a", "a"].map((path) => ({
      name: "write_file",
      input: { path },
    }));
    const agent = createAgent({
      harness,
      models: { main: scriptedModel([{ calls }, { text: "Done." }]) },
    });
    const result = await agent.run("Write.", { tools });
    const statuses = [...result.messages].flatMap((m) => (m.role === "tool" ? [m.status] : []));
    expect(statuses).toEqual(["ok", "refused", "refused", "ok"]);
  });
});

describe("arguments that hold paths", () => {
  it("are known by their last word, in any spelling and number", () => {
    const isPath = endsInWord(["path", "file", "dir", "directory"]);
    const yes = [
      "path",
      "filePath",
      "file_path",
      "FILES",
      "outputDirs",
      "source-file",
      "directories",
    ];
    const no = ["profile", "direction", "file_content", "pathology", "profiles", "", "_"];
    expect(yes.filter(isPath)).toEqual(yes);
    expect(no.filter(isPath)).toEqual([]);
  });

  it("are found in lists and objects, and under a name that holds a list of objects", async () => {
    const answers = await results({}, [
      ["copy", { files: ["a", "../b"] }],
      ["copy", { options: { target: { outputDir: "/etc" } } }],
      ["copy", { files: [{ name: "../b" }] }],
      ["copy", { files: ["a", { name: "b" }], count: 3, file: null }],
      ["copy", { content: "../b", profile: "/etc", url: "https://example.org" }],
    ]);
    expect(ran(answers)).toEqual([false, false, false, true, true]);
  });

  it("can have other names for some tools", async () => {
    const options = { rules: [{ tools: ["co*"], arguments: ["from"] }] };
    const answers = await results(options, [
      ["copy", { from: "../a" }],
      ["copy", { path: "../a" }],
      ["write_file", { from: "../a" }],
      ["write_file", { path: "../a" }],
    ]);
    expect(ran(answers)).toEqual([false, true, true, false]);
  });

  it("are refused when nobody could look at them all", async () => {
    const [answer] = await results({}, [
      ["copy", { list: Array.from({ length: 10_001 }, () => 0) }],
    ]);
    expect(answer).toContain("there is too much of it");
  });
});

describe("tools that take commands", () => {
  it("are refused, by name, by argument and by schema, and not read", async () => {
    const answers = await results({}, [
      ["bash", { command: "ls" }],
      ["query", {}],
      ["copy", { cmd: "ls" }],
      ["copy", { what: "ls" }],
    ]);
    expect(ran(answers)).toEqual([false, false, false, true]);
    expect(answers[0]).toBe(
      "Refused: bash takes commands, and what a command touches cannot be told from its text. Use a tool that takes paths.",
    );
  });

  it("can be allowed, and their paths are still looked at", async () => {
    const answers = await results({ allowCommands: ["ba*"] }, [
      ["bash", { command: "cat /etc/passwd" }],
      ["bash", { command: "ls", cwd: "/etc" }],
      ["query", { script: "ls" }],
    ]);
    expect(ran(answers)).toEqual([true, false, false]);
  });
});

it("leaves tools alone that only read", async () => {
  const calls = [["look", { path: "/etc", command: "ls" }]] as const;
  expect(ran(await results({}, calls))).toEqual([true]);
  expect(ran(await results({ exceptTags: [] }, calls))).toEqual([false]);
});

it("leaves tools alone that are not watched", async () => {
  const call = [["write_file", { path: "../a" }]] as const;
  expect(ran(await results({ except: ["write_*"] }, call))).toEqual([true]);
  expect(ran(await results({ tools: ["fs_*"] }, call))).toEqual([true]);
});

it("says which path, why, and what is allowed", async () => {
  expect(await paths({ roots: ["src", "docs"] }, "../$& a")).toEqual([
    "Refused: path ../$& a may not be written: it lies outside the allowed folders. Allowed: src, docs.",
  ]);
});

it("does not start with a root that is no path", async () => {
  const { result } = await runProcessor(dir, {
    options: { roots: ["~/work"], base: "/home" },
    script: [{ text: "Done." }],
  });
  expect(result.error?.code).toBe("HX_PROCESSOR_SETUP_FAILED");
});

it("does what its README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const { options } = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as {
    options: Options;
  };
  const answers = await results(options, [
    ["write_file", { path: "out/a.ts" }],
    ["write_file", { path: "out/../a.ts" }],
    ["write_file", { path: "out/package-lock.json" }],
    ["bash", { command: "ls" }],
    ["query", { script: "select 1" }],
    ["look", { path: "/etc" }],
  ]);
  expect(ran(answers)).toEqual([true, false, false, false, true, true]);
});
