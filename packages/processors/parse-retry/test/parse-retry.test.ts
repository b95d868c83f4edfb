import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createAgent, loadHarness } from "@harnessx/core";
import { textOf, tool } from "@harnessx/core/plugin";
import {
  assertConformant,
  runProcessor,
  scriptedModel,
  type RunProcessorInput,
} from "@harnessx/core/testing";
import { describe, expect, it } from "vitest";
import { shortened } from "../src/fault.ts";

const dir = new URL("..", import.meta.url);
const seen: unknown[] = [];
const read = tool<{ path: string }>({
  name: "read",
  description: "Reads a file.",
  inputSchema: { type: "object" },
  execute: (input) => {
    seen.push(input);
    return "Contents.";
  },
});
type Reply = Exclude<RunProcessorInput["script"], (...args: never) => unknown>[number];
const broken: Reply = {
  calls: [{ name: "read", input: '{"path": "a.txt"', malformed: "Unexpected end of JSON input" }],
};
const good: Reply = { calls: [{ name: "read", input: { path: "a.txt" } }] };
const done: Reply = { text: "Done." };

/** Runs the replies one after the other, whatever is retried. */
const run = (replies: readonly Reply[], options?: RunProcessorInput["options"]) =>
  runProcessor(dir, {
    options,
    tools: [read],
    script: (_request, call) => replies[call] ?? done,
  });
type Run = Awaited<ReturnType<typeof run>>;
const feedback = ({ requests }: Run, call: number): string =>
  textOf(requests[call]!.messages.at(-1)!);
const roles = ({ result }: Run): string => [...result.messages].map(({ role }) => role[0]).join("");

it.each([undefined, { maxRetries: 1, writtenCalls: false, maxQuoteChars: 20 }])(
  "keeps the plugin contract with %j",
  async (options) => {
    await assertConformant(dir, options ? { options } : {});
  },
);

describe("arguments that are no JSON", () => {
  it("are asked for again with a quotation, and leave no mark in the history", async () => {
    const outcome = await run([broken, good]);
    expect(outcome.result.exit).toBe("done");
    expect(feedback(outcome, 1)).toBe(
      'Your call of read was not run, because its arguments are no valid JSON (Unexpected end of JSON input). You wrote:\n{"path": "a.txt"\nCall it again with valid JSON.',
    );
    expect(roles(outcome)).toBe("uata");
    expect(outcome.result.messages.at(2)).toMatchObject({ status: "ok" });
  });

  it("never become an empty object", async () => {
    seen.length = 0;
    await run([broken, broken, broken, done]);
    expect(seen).toEqual([]);
  });

  it("that were cut off come with advice", async () => {
    const outcome = await run([{ ...broken, finish: "length" }, good]);
    expect(feedback(outcome, 1)).toContain("cut off at its length limit");
    expect(feedback(await run([broken, good]), 1)).not.toContain("cut off");
  });

  it("are let through after the retries, for the runtime to answer", async () => {
    const outcome = await run([broken, broken, broken, broken, done]);
    expect(outcome.result).toMatchObject({ exit: "done", output: "Done." });
    // Two retries in the first step, none in the second: nothing readable came between.
    expect(outcome.requests).toHaveLength(5);
    const results = [...outcome.result.messages].filter(({ role }) => role === "tool");
    expect(results.map((message) => textOf(message))).toEqual([
      expect.stringContaining("they are no JSON"),
      expect.stringContaining("they are no JSON"),
    ]);
  });

  it("are asked for again once something readable has come between", async () => {
    const outcome = await run([broken, good, broken, good, broken, good], { maxRetries: 1 });
    expect(outcome.requests).toHaveLength(7);
    expect(roles(outcome)).toBe("uatatata");
  });

  it("are left to the runtime beside a call that can run", async () => {
    const both: Reply = { calls: [...good.calls!, ...broken.calls!] };
    const outcome = await run([both]);
    expect(outcome.requests).toHaveLength(2);
    expect([...outcome.result.messages].slice(2, 4)).toMatchObject([
      { status: "ok" },
      { status: "error" },
    ]);
  });

  it("do not make the run fail when retries are scarce", async () => {
    const outcome = await runProcessor(dir, {
      options: { maxModelRetries: 1 },
      limits: { maxModelRetries: 1 },
      tools: [read],
      script: (_request, call) => (call < 3 ? broken : done),
    });
    expect(outcome.result.exit).toBe("done");
  });
});

describe("a call written as text", () => {
  const call = '{"name": "read", "arguments": {"path": "a.txt"}}';
  it.each([
    ["tags", `Let me look.\n<tool_call>\n${call}\n</tool_call>`],
    ["tags that do not close", `<tool_call>{"name": "read", "arguments": {"path": `],
    ["XML", '<function_calls><invoke name="read"><parameter name="path">a</parameter></invoke>'],
    ["function tags", "<function=read><parameter=path>a.txt</parameter></function>"],
    ["a marker", `[TOOL_CALLS] [${call}]`],
    ["a code block at the end", 'I will read it:\n```json\n{"tool": "read", "args": {}}\n```\n'],
    ["tags in a code block at the end", `Now:\n\`\`\`xml\n<tool_call>${call}</tool_call>\n\`\`\``],
    ["broken JSON in a code block", '```json\n{"tool": "read", "arguments": {"path: "a"}}\n```'],
    ["JSON alone", call],
    ["JSON in a list", `[${call}]`],
    ["the form of a provider", '{"tool_calls":[{"function":{"name":"read","arguments":"{}"}}]}'],
    ["a name alone", '{"tool": "read"}'],
  ])("in %s is asked for again", async (_form, text) => {
    const outcome = await run([{ text }, good]);
    expect(outcome.requests).toHaveLength(3);
    expect(feedback(outcome, 1)).toContain("You wrote a call of read as text");
    expect(outcome.result).toMatchObject({ exit: "done", output: "Done." });
  });

  it.each([
    ["an answer", "The file says: Contents."],
    ["an unknown tool", '<tool_call>{"name": "hammer", "arguments": {}}</tool_call>'],
    ["data with a name", '{"name": "read", "description": "a verb"}'],
    ["data with that name only", '{"name": "read"}'],
    ["a quotation", `Write \`<tool_call>${call}</tool_call>\` to call it.`],
    ["an example further up", `Like this:\n\`\`\`json\n${call}\n\`\`\`\nThat is all.`],
    ["a block of other code", "Here it is:\n```json\n[1, 2]\n```"],
    ["two blocks, the call first", `\`\`\`json\n${call}\n\`\`\`\nand\n\`\`\`text\nread\n\`\`\``],
    ["a tag without a call", "Use the <tool_call> tag."],
    ["nothing", ""],
    ["a short answer", "4"],
  ])("is not %s", async (_what, text) => {
    const outcome = await run([{ text }]);
    expect(outcome.requests).toHaveLength(1);
    expect(outcome.result).toMatchObject({ exit: "done", output: text });
  });

  it("is believed to be the answer when it comes again unchanged", async () => {
    const text = `To call it:\n<tool_call>${call}</tool_call>`;
    const outcome = await run([{ text }, { text }]);
    expect(outcome.requests).toHaveLength(2);
    expect(outcome.result).toMatchObject({ exit: "done", output: text });
  });

  it("is let through after the retries", async () => {
    const text = (path: string) => `<tool_call>{"name": "read", "path": "${path}"}</tool_call>`;
    const outcome = await run([{ text: text("a") }, { text: text("b") }, { text: text("c") }]);
    expect(outcome.result).toMatchObject({ exit: "done", output: text("c") });
  });

  it("can be allowed", async () => {
    expect((await run([{ text: call }], { writtenCalls: false })).requests).toHaveLength(1);
  });

  it("is no matter when no tools are offered", async () => {
    const { requests } = await runProcessor(dir, { script: [{ text: call }] });
    expect(requests).toHaveLength(1);
  });
});

describe("what was said beside the call", () => {
  it("is kept when the retried response says nothing", async () => {
    const { result } = await run([{ text: "It is in a.txt.", ...broken }, good]);
    expect(textOf(result.messages.at(1)!)).toBe("It is in a.txt.");
    const written = 'Look:\n<tool_call>{"name": "read"}</tool_call>';
    const other = await run([{ text: written }, good]);
    expect(textOf(other.result.messages.at(1)!)).toBe("Look:");
  });

  it("gives way to what the retried response says", async () => {
    const { result } = await run([
      { text: "Old.", ...broken },
      { text: "New.", ...good },
    ]);
    expect(textOf(result.messages.at(1)!)).toBe("New.");
  });

  it("does not come up again in a later step", async () => {
    const { result } = await run([{ text: "Old.", ...broken }, good, good]);
    expect(textOf(result.messages.at(3)!)).toBe("");
  });
});

it("quotes the two ends of a long text", async () => {
  expect(shortened("short", 5)).toBe("short");
  expect(shortened("0123456789", 5)).toBe("01…89");
  const text = `<tool_call>{"name": "read", "text": "${"$& {tool} ".repeat(500)}"}</tool_call>`;
  const outcome = await run([{ text }, good], { maxQuoteChars: 40 });
  expect(feedback(outcome, 1)).toContain('\n<tool_call>{"name": …ool} "}</tool_call>\n');
});

it("keeps its count over a swap", async () => {
  const root = fileURLToPath(dir);
  const processors = [{ id: "parse", use: "./.", options: { maxRetries: 1 } }];
  const first = await loadHarness({ name: "t", version: "1", processors }, { root });
  const second = await loadHarness({ name: "t", version: "2", processors }, { root });
  let calls = 0;
  const model = scriptedModel(() => ((calls += 1) < 4 ? broken : done));
  const agent = createAgent({ harness: first, models: { main: model } });
  const result = await agent.run("Read.", {
    tools: [read],
    follow: () => (calls >= 2 ? second : undefined),
  });
  // One retry in the first step, none in the second.
  expect(result.totals).toMatchObject({ steps: 3, modelCalls: 4 });
});

it("does what the README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!);
  const harness = await loadHarness(
    { name: "shown", version: "1", processors: [entry] },
    { root: fileURLToPath(dir) },
  );
  const replies = [broken, good, done];
  const model = scriptedModel((_request, call) => replies[call]!);
  const agent = createAgent({ harness, models: { main: model } });
  const result = await agent.run("Read a.txt.", { tools: [read] });
  expect(result).toMatchObject({ exit: "done", totals: { steps: 2, modelCalls: 3 } });
});
