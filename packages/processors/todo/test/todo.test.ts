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
import { itemsInInput, itemsInText, merged, type Item } from "../src/items.ts";

const dir = new URL("..", import.meta.url);
const folder = fileURLToPath(dir);
const work = tool({
  name: "work",
  description: "Works.",
  inputSchema: { type: "object" },
  execute: () => "Worked.",
});
const todoWrite = tool<{ fail?: boolean }>({
  name: "todo_write",
  description: "Writes the checklist.",
  inputSchema: { type: "object" },
  execute: ({ fail }) => ({ status: fail ? "error" : "ok", content: "Noted." }),
});
type Reply = Exclude<RunProcessorInput["script"], (...args: never) => unknown>[number];
const step = (text?: string): Reply => ({
  ...(text === undefined ? {} : { text }),
  calls: [{ name: "work" }],
});
const todos = (todo: string, state: string, input = {}): Reply => ({
  calls: [{ name: "todo_write", input: { todos: [{ content: todo, status: state }], ...input } }],
});
const plan = step("My plan:\n- [ ] Sow\n- [ ] Reap\n- [ ] Sell");
const done: Reply = { text: "All done." };

const run = (
  replies: readonly Reply[],
  options: RunProcessorInput["options"] = {},
  more: Partial<RunProcessorInput> = {},
) =>
  runProcessor(dir, {
    options,
    tools: [work, todoWrite],
    script: (_request, call) => replies[call] ?? done,
    ...more,
  });
type Run = Awaited<ReturnType<typeof run>>;
/** What was added to each request after the first. */
const said = ({ requests }: Run): (string | undefined)[] =>
  requests.slice(1).map(({ messages }) => {
    const last = messages.at(-1)!;
    return last.role === "user" ? textOf(last) : undefined;
  });

it.each([undefined, { instruct: false, maxShown: 1, nudges: 3, tools: ["echo"] }])(
  "keeps the plugin contract with %j",
  async (options) => {
    await assertConformant(dir, options ? { options } : {});
  },
);

describe("the system prompt", () => {
  const system = (outcome: Run): string | undefined => {
    const [first] = outcome.requests[0]!.messages;
    return first!.role === "system" ? textOf(first!) : undefined;
  };

  it("asks for a checklist by the tool that is offered, or in the text", async () => {
    expect(system(await run([]))).toContain("with the tool todo_write");
    expect(system(await run([], {}, { tools: [work] }))).toContain("`- [ ] item`");
  });

  it("stays as it was on request", async () => {
    expect(system(await run([], { instruct: false }))).toBeUndefined();
  });
});

describe("a checklist in the text", () => {
  it("is shown while items are open", async () => {
    const outcome = await run([plan, step("- [x] Sow\n- [-] Sell"), step("- [x] reap"), done]);
    expect(said(outcome)).toEqual([
      "Open items of your checklist:\n- [ ] Sow\n- [ ] Reap\n- [ ] Sell",
      "Open items of your checklist:\n- [ ] Reap",
      undefined,
    ]);
    expect(outcome.result).toMatchObject({ exit: "done", output: "All done." });
  });

  it("is shown in part when it is long", async () => {
    const outcome = await run([plan, done, done], { maxShown: 1 });
    expect(said(outcome)[0]).toContain("- [ ] Sow\n(and 2 more)");
    expect(said(await run([plan, done, done], { maxShown: 0 }))[0]).toBeUndefined();
  });
});

describe("a checklist by a tool", () => {
  it("is the one of the latest call that worked", async () => {
    const outcome = await run([
      todos("Sow", "pending"),
      todos("Reap", "in_progress"),
      todos("Sell", "pending", { fail: true }),
      todos("Reap", "completed"),
      done,
    ]);
    expect(said(outcome)).toEqual([
      "Open items of your checklist:\n- [ ] Sow",
      "Open items of your checklist:\n- [ ] Reap",
      "Open items of your checklist:\n- [ ] Reap",
      undefined,
    ]);
  });

  it("is not changed by what the model says in passing", async () => {
    const outcome = await run([
      todos("Sow", "pending"),
      step("- [x] Sow\n- [ ] Dance"),
      done,
      done,
    ]);
    expect(said(outcome)[1]).toBe("Open items of your checklist:\n- [ ] Sow");
  });
});

describe("the nudge", () => {
  it("comes once when the model wants to finish with open items", async () => {
    const outcome = await run([plan, { text: "Done with {items}." }, done]);
    expect(outcome.requests).toHaveLength(3);
    expect(said(outcome)[1]).toBe(
      "You were about to finish, but these items of your checklist are open:\n- [ ] Sow\n- [ ] Reap\n- [ ] Sell\nDo them now, or mark those that are done or no longer needed. Then give your whole answer again; it was not sent yet:\nDone with {items}.",
    );
    expect(outcome.result).toMatchObject({ exit: "done", output: "All done." });
    expect(outcome.result.totals.steps).toBe(2);
  });

  it("lets the model go on working", async () => {
    const outcome = await run([plan, done, step("- [x] Sow\n- [x] Reap\n- [x] Sell"), done]);
    expect(outcome.requests).toHaveLength(4);
    expect(outcome.result.totals.toolCalls).toBe(2);
    expect(said(outcome)[2]).toBeUndefined();
  });

  it("comes for the checklist of a tool, too", async () => {
    const outcome = await run([todos("Sow", "pending"), done, done]);
    expect(said(outcome)[1]).toContain("- [ ] Sow");
  });

  it("does not come when the answer marks the last items", async () => {
    const answer = { text: "- [x] Sow\n- [x] Reap\n- [-] Sell\nYes." };
    const outcome = await run([plan, answer]);
    expect(outcome.requests).toHaveLength(2);
    expect(outcome.result.output).toBe(answer.text);
  });

  it("does not come for a list that is the answer", async () => {
    const answer = { text: "Buy:\n- [ ] milk\n- [ ] bread" };
    const outcome = await run([step(), answer]);
    expect(outcome.requests).toHaveLength(2);
    expect(outcome.result.output).toBe(answer.text);
  });

  it("comes as often as the options say", async () => {
    expect((await run([plan], { nudges: 0 })).requests).toHaveLength(2);
    expect((await run([plan], { nudges: 3 })).requests).toHaveLength(5);
  });

  it("spares a run that has no step or no retry left", async () => {
    const noStep = await run([plan], {}, { limits: { maxSteps: 2 } });
    expect(noStep.result).toMatchObject({ exit: "done", output: "All done." });
    expect(noStep.requests).toHaveLength(2);
    const options = { nudges: 5, maxModelRetries: 1 };
    const noRetry = await run([plan], options, { limits: { maxModelRetries: 1 } });
    expect(noRetry.result.exit).toBe("done");
    expect(noRetry.requests).toHaveLength(3);
  });

  it("quotes a long answer in part", async () => {
    const outcome = await run([plan, { text: "x".repeat(500) }, done], { maxAnswerChars: 3 });
    expect(said(outcome)[1]).toMatch(/\nxxx…$/);
  });
});

it("is not misled by code and other brackets", () => {
  const text =
    "```md\n- [ ] Sample\n```\n- [link](x)\n- [ ]\n[ ] no bullet\n* [x] Star\n2. [ ] Two";
  expect(itemsInText(text)).toEqual([
    { text: "Star", state: "done" },
    { text: "Two", state: "open" },
  ]);
});

it.each<[unknown, Item[] | undefined]>([
  [{ todos: [{ content: "A", status: "pending" }] }, [{ text: "A", state: "open" }]],
  [
    { explanation: "Why", plan: [{ step: "A", status: "completed" }] },
    [{ text: "A", state: "done" }],
  ],
  [
    {
      items: [
        { title: "A", done: true },
        { title: "B", done: false },
      ],
    },
    [
      { text: "A", state: "done" },
      { text: "B", state: "open" },
    ],
  ],
  [
    { list: [{ task: "A", state: "Cancelled" }, "B", "", {}] },
    [
      { text: "A", state: "dropped" },
      { text: "B", state: "open" },
    ],
  ],
  [{ todos: "- [x] A" }, [{ text: "A", state: "done" }]],
  [[{ text: "A" }], [{ text: "A", state: "open" }]],
  [{ todos: [] }, []],
  [{ todos: [1, 2] }, undefined],
  [{ note: "hello" }, undefined],
  ["text", undefined],
  [null, undefined],
])("reads the arguments %j", (input, items) => {
  expect(itemsInInput(input)).toEqual(items);
});

it("forgets finished items first when there are too many", () => {
  const many = (count: number, state: Item["state"]): Item[] =>
    Array.from({ length: count }, (_, index) => ({ text: `${state} ${index}`, state }));
  const items = merged(many(60, "done"), many(90, "open"));
  expect(items).toHaveLength(100);
  expect(items.filter(({ state }) => state === "open")).toHaveLength(90);
  expect(merged([], many(150, "open"))).toHaveLength(100);
});

it("keeps list and nudges over a swap", async () => {
  const processors = [{ id: "todo", use: "./." }];
  const first = await loadHarness({ name: "t", version: "1", processors }, { root: folder });
  const second = await loadHarness({ name: "t", version: "2", processors }, { root: folder });
  const replies = [plan, done, step(), done];
  const asked: string[] = [];
  const model = scriptedModel(({ messages }, call) => {
    asked.push(textOf(messages.at(-1)!));
    return replies[call]!;
  });
  const result = await createAgent({ harness: first, models: { main: model } }).run("Go.", {
    tools: [work],
    follow: () => (asked.length >= 3 ? second : undefined),
  });
  expect(result.exit).toBe("done");
  expect(asked[3]).toBe("Open items of your checklist:\n- [ ] Sow\n- [ ] Reap\n- [ ] Sell");
});

it("does what the README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!);
  const harness = await loadHarness(
    { name: "shown", version: "1", processors: [entry] },
    { root: folder },
  );
  const replies = [plan, done, done, done];
  const model = scriptedModel((_request, call) => replies[call]!);
  const agent = createAgent({ harness, models: { main: model } });
  const result = await agent.run("Go.", { tools: [work] });
  expect(result).toMatchObject({ exit: "done", totals: { modelCalls: 4, steps: 2 } });
});
