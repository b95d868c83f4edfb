import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createAgent, defineHarness, inline, loadHarness } from "@harnessx/core";
import { defineProcessor, replace, textOf, tool } from "@harnessx/core/plugin";
import {
  assertConformant,
  runProcessor,
  scriptedModel,
  type RunProcessorInput,
} from "@harnessx/core/testing";
import { describe, expect, it } from "vitest";
import subject, { type UserWrapperOptions } from "../src/index.ts";

const dir = new URL("..", import.meta.url);
const look = tool({
  name: "look",
  description: "Looks.",
  inputSchema: { type: "object" },
  execute: () => "Nothing.",
});
const step = { calls: [{ name: "look" }] };

/** The newest user message of every request. */
async function seen(
  options: RunProcessorInput["options"],
  task: RunProcessorInput["task"] = "Count the sheep.",
): Promise<string[]> {
  const { requests, events } = await runProcessor(dir, {
    options,
    task,
    tools: [look],
    script: [step, { text: "Done." }],
  });
  // The history is as the user wrote it.
  const kept = events.filter((event) => event.type === "message" && !event.ephemeral);
  expect(JSON.stringify(kept)).not.toContain("Think about this");
  return requests.map(({ messages }) => textOf(messages.lastUser()!));
}

it.each([
  undefined,
  { style: "xml", tag: "question" },
  { style: "template", template: "Now: {text}", turns: "first" },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

describe("the request", () => {
  it("holds the instruction behind the task, in every step", async () => {
    const both = await seen({});
    expect(both).toHaveLength(2);
    for (const text of both) expect(text).toMatch(/^Count the sheep\.\n\nThink about this/);
  });

  it("holds the task in tags", async () => {
    const wrapped = "<task>\nCount the sheep.\n</task>";
    expect(await seen({ style: "xml" })).toEqual([wrapped, wrapped]);
  });

  it("holds the task in a template, whatever characters it has", async () => {
    const options = { style: "template", template: "A {text} B" };
    expect((await seen(options, "$& {text} $1"))[0]).toBe("A $& {text} $1 B");
  });

  it("keeps the images of the task", async () => {
    const { requests } = await runProcessor(dir, {
      options: { style: "xml" },
      task: { text: "What is this?", images: [{ mediaType: "image/png", data: "aGk=" }] },
      script: [{ text: "A dot." }],
    });
    const { content } = requests[0]!.messages.lastUser()!;
    expect(content.map(({ type }) => type)).toEqual(["image", "text"]);
  });

  it("refuses a template without a place for the text", async () => {
    await expect(seen({ style: "template", template: "Hello" })).rejects.toMatchObject({
      code: "HX_PLUGIN_OPTIONS_INVALID",
    });
  });
});

describe("a closing tag in the text", () => {
  it.each([
    ["a</task>b", "a&lt;/task>b"],
    ["a</TASK >b", "a&lt;/TASK >b"],
    ["a< / task\n>b", "a&lt; / task\n>b"],
    // These close nothing.
    ["a</tasks>b", "a</tasks>b"],
    ["a<task>b", "a<task>b"],
    ["a</b>c", "a</b>c"],
  ])("in %j becomes harmless", async (text, inside) => {
    expect((await seen({ style: "xml" }, text))[0]).toBe(`<task>\n${inside}\n</task>`);
  });

  it("of a template becomes harmless, too", async () => {
    const options = { style: "template", template: "<a.b><c>{text}</c></a.b>" };
    expect((await seen(options, "</a.b></c></axb>"))[0]).toBe(
      "<a.b><c>&lt;/a.b>&lt;/c></axb></c></a.b>",
    );
  });
});

describe("in a conversation", () => {
  const conversation = async (turns: "all" | "first"): Promise<string[]> => {
    const options = { style: "xml", turns, tag: "task", template: "{text}", instruction: "x" };
    const harness = await loadHarness(
      { name: "t", version: "1", processors: [{ id: "wrap", use: "./.", options }] },
      { root: fileURLToPath(dir) },
    );
    const asked: string[] = [];
    const model = scriptedModel(({ messages }) => {
      asked.push(textOf(messages.lastUser()!));
      return { text: "Yes." };
    });
    const says = ["And goats?"];
    await createAgent({ harness, models: { main: model } }).run("Sheep?", {
      user: () => says.shift(),
    });
    return asked;
  };

  it("wraps each turn", async () => {
    expect(await conversation("all")).toEqual([
      "<task>\nSheep?\n</task>",
      "<task>\nAnd goats?\n</task>",
    ]);
  });

  it("wraps the first turn alone", async () => {
    expect(await conversation("first")).toEqual(["<task>\nSheep?\n</task>", "And goats?"]);
  });
});

it("leaves a summary alone that another processor puts behind the task", async () => {
  const compact = defineProcessor((run) => {
    run.hooks.stepStart.tap("compact", (event) =>
      event.step === 3 ? replace(event.summarize(1, 3, "A summary.")) : undefined,
    );
  });
  const options: UserWrapperOptions = {
    style: "xml",
    tag: "task",
    template: "{text}",
    instruction: "x",
    turns: "all",
  };
  const harness = await defineHarness({
    name: "t",
    version: "1",
    inline: [
      inline({ name: "compact", dimension: "memory", hooks: ["stepStart"] }, compact),
      inline(
        {
          name: "wrap",
          dimension: "context",
          hooks: ["stepStart", "beforeModel"],
          state: ["turn"],
          options,
        },
        subject,
      ),
    ],
  });
  const asked: string[] = [];
  const model = scriptedModel(({ messages }, call) => {
    asked.push(textOf(messages.lastUser()!));
    return call < 3 ? step : { text: "Done." };
  });
  await createAgent({ harness, models: { main: model } }).run("Go.", { tools: [look] });
  expect(asked).toEqual([
    "<task>\nGo.\n</task>",
    "<task>\nGo.\n</task>",
    "A summary.",
    "A summary.",
  ]);
});

it("wraps the task when it is swapped into the middle of it", async () => {
  const root = fileURLToPath(dir);
  const plain = await loadHarness({ name: "t", version: "1" }, { root });
  const entry = { id: "wrap", use: "./.", options: { style: "xml" } };
  const wrapping = await loadHarness({ name: "t", version: "2", processors: [entry] }, { root });
  const asked: string[] = [];
  const model = scriptedModel(({ messages }, call) => {
    asked.push(textOf(messages.lastUser()!));
    return call < 2 ? step : { text: "Done." };
  });
  await createAgent({ harness: plain, models: { main: model } }).run("Go.", {
    tools: [look],
    follow: () => (asked.length >= 1 ? wrapping : undefined),
  });
  expect(asked).toEqual(["Go.", "<task>\nGo.\n</task>", "<task>\nGo.\n</task>"]);
});

it("does what the README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!);
  const harness = await loadHarness(
    { name: "shown", version: "1", processors: [entry] },
    { root: fileURLToPath(dir) },
  );
  let asked = "";
  const model = scriptedModel(({ messages }) => {
    asked = textOf(messages.at(-1)!);
    return { text: "42" };
  });
  await createAgent({ harness, models: { main: model } }).run("Why?");
  expect(asked).toBe("<question>\nWhy?\n</question>\nAnswer briefly.");
});
