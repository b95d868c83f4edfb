import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createAgent, defineHarness, inline, loadHarness } from "@harnessx/core";
import { defineProcessor, retry, textOf, tool, type Tool } from "@harnessx/core/plugin";
import {
  assertConformant,
  runProcessor,
  scriptedModel,
  type RunProcessorInput,
} from "@harnessx/core/testing";
import { describe, expect, it } from "vitest";
import { describeChange } from "../src/changes.ts";

const dir = new URL("..", import.meta.url);
const folder = fileURLToPath(dir);
const make = (name: string, tags: readonly string[] = []): Tool =>
  tool<{ fail?: boolean }>({
    name,
    tags,
    description: "Does as it is told.",
    inputSchema: { type: "object" },
    execute: ({ fail }) => ({ status: fail ? "error" : "ok", content: "Ok." }),
  });
const tools = [make("fs__Write_File"), make("read"), make("store", ["write"]), make("run_tests")];
type Reply = Exclude<RunProcessorInput["script"], (...args: never) => unknown>[number];
const call = (name: string, input: object = {}): Reply => ({ calls: [{ name, input }] });
const write = call("fs__Write_File", { path: "a.ts", content: "long" });
const say = (text: string): Reply => ({ text });

const run = (
  replies: readonly Reply[],
  options: RunProcessorInput["options"] = {},
  limits: RunProcessorInput["limits"] = {},
) =>
  runProcessor(dir, {
    options,
    tools,
    limits,
    script: (_request, number) => replies[number] ?? say("Last."),
  });
type Run = Awaited<ReturnType<typeof run>>;
/** How often the model was asked to check. */
const asked = ({ requests }: Run): number =>
  requests.filter(({ messages }) => textOf(messages.at(-1)!).startsWith("Before you finish"))
    .length;

it.each([
  undefined,
  { writeTags: [], writeTools: ["act", "echo"], checkTools: ["slow"], times: 3, always: true },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

describe("the check", () => {
  it("is asked for once, with the changes and the answer that was held back", async () => {
    const outcome = await run([write, say("I wrote {changes}."), say("Checked: fine.")]);
    expect(textOf(outcome.requests[2]!.messages.at(-1)!)).toBe(
      "Before you finish, check your work once. You changed:\n- fs__Write_File a.ts\nRead the task again, look at the result as it is now or run what shows that it works, and correct what is wrong. Then give your whole answer again; it was not sent yet:\nI wrote {changes}.",
    );
    expect(outcome.requests).toHaveLength(3);
    expect(outcome.result).toMatchObject({ exit: "done", output: "Checked: fine." });
    // Neither the request nor the first answer is in the history.
    expect(outcome.result.messages).toHaveLength(4);
  });

  it("goes on over its steps, and each is told what it is for", async () => {
    const outcome = await run([write, say("Done."), call("read"), call("read"), say("Yes.")]);
    const told = outcome.requests.map(({ messages }) =>
      textOf(messages.at(-1)!).startsWith("You are checking your work"),
    );
    expect(told).toEqual([false, false, false, true, true]);
    expect(textOf(outcome.requests[4]!.messages.at(-1)!)).toMatch(/it was to be:\nDone\.$/);
    expect(outcome.result.output).toBe("Yes.");
  });

  it("is over with the answer", async () => {
    const root = folder;
    const harness = await loadHarness(
      { name: "t", version: "1", processors: [{ id: "verify", use: "./." }] },
      { root },
    );
    const replies = [write, say("Done."), say("Yes."), call("read"), say("Hello.")];
    const last: string[] = [];
    const model = scriptedModel(({ messages }, number) => {
      last.push(textOf(messages.at(-1)!));
      return replies[number]!;
    });
    let turns = 0;
    const result = await createAgent({ harness, models: { main: model } }).run("Go.", {
      tools,
      user: () => ((turns += 1) === 1 ? "Thanks. And now?" : undefined),
    });
    expect(result.output).toBe("Hello.");
    expect(last.slice(3)).toEqual(["Thanks. And now?", "Ok."]);
  });

  it.each(["4", "", "No.", "Twenty characters ok"])(
    "takes the answer %j however short it is",
    async (answer) => {
      const outcome = await run([write, say(answer), say(answer)]);
      expect(outcome.result).toMatchObject({ exit: "done", output: answer });
      expect(asked(outcome)).toBe(1);
      expect(outcome.requests).toHaveLength(3);
    },
  );

  it.each([
    ["nothing was changed", [call("read"), say("Done.")]],
    ["the change failed", [call("fs__Write_File", { fail: true }), say("Done.")]],
    ["an editor only looked", [call("fs__Write_File", { command: "view" }), say("Done.")]],
    ["there were no calls at all", [say("4")]],
  ])("is not asked for when %s", async (_why, replies) => {
    const outcome = await run(replies);
    expect(asked(outcome)).toBe(0);
    expect(outcome.requests).toHaveLength(replies.length);
  });

  it("is asked for after a tool with a tag", async () => {
    expect(asked(await run([call("store"), say("Done.")]))).toBe(1);
    expect(asked(await run([call("store"), say("Done.")], { writeTags: [] }))).toBe(0);
  });

  it("is not asked for when the agent has checked by itself, until the next change", async () => {
    const options = { checkTools: ["run_tests"] };
    expect(asked(await run([write, call("run_tests"), say("Done.")], options))).toBe(0);
    expect(asked(await run([call("run_tests"), write, say("Done.")], options))).toBe(1);
    const failed = [write, call("run_tests", { fail: true }), say("Done.")];
    expect(asked(await run(failed, options))).toBe(1);
    expect(asked(await run([write, call("run_tests"), say("Done.")]))).toBe(1);
  });

  it("is asked for again only after another change, and never more than so often", async () => {
    const replies = [write, say("1"), write, say("2"), write, say("3"), write, say("4")];
    expect(asked(await run(replies))).toBe(1);
    expect(asked(await run(replies, { times: 3 }))).toBe(3);
    expect(asked(await run([write, say("1"), say("2"), say("3")], { times: 3 }))).toBe(1);
  });

  it("can be asked for always, once", async () => {
    const outcome = await run([say("4"), say("Four.")], { always: true, times: 3 });
    expect(asked(outcome)).toBe(1);
    expect(textOf(outcome.requests[1]!.messages.at(-1)!)).toContain("You changed:\n- nothing\n");
    expect(outcome.result.output).toBe("Four.");
  });

  it("spares a run that has no step or no retry left", async () => {
    const short = await run([write, say("Done.")], {}, { maxSteps: 3 });
    expect(short.result).toMatchObject({ exit: "done", output: "Done." });
    expect(asked(await run([write, say("Done.")], {}, { maxSteps: 4 }))).toBe(1);
    expect(asked(await run([write, say("Done.")], { minSteps: 1 }, { maxSteps: 3 }))).toBe(1);
  });

  it("does not ask beyond the retries of the harness, whoever used them", async () => {
    const impatient = inline(
      { name: "impatient", dimension: "control", hooks: ["afterModel"], stage: -100 },
      defineProcessor((inner) => {
        inner.hooks.afterModel.tap("again", ({ attempt, response }) =>
          attempt === 1 && response.toolCalls.length === 0 ? retry("Again.") : undefined,
        );
      }),
    );
    const end = async (maxModelRetries: number) => {
      const harness = await defineHarness({
        name: "t",
        root: folder,
        limits: { maxModelRetries: 1 },
        processors: [{ id: "verify", use: "./.", options: { maxModelRetries } }],
        inline: [impatient],
      });
      const model = scriptedModel((_request, number) => (number === 0 ? write : say("Done.")));
      return (await createAgent({ harness, models: { main: model } }).run("Go.", { tools })).exit;
    };
    expect(await end(1)).toBe("done");
    expect(await end(3)).toBe("model_error");
  });

  it("leaves an answer that a provider's filter stopped alone", async () => {
    const outcome = await run([write, { text: "Sorry.", finish: "content_filter" }]);
    expect(asked(outcome)).toBe(0);
    expect(outcome.result.exit).toBe("model_error");
  });
});

it("names each change once, the newest ten, and cuts long ones and long answers", async () => {
  const writes = Array.from({ length: 12 }, (_, number) =>
    call("fs__Write_File", { path: `${number % 11}.ts` }),
  );
  const outcome = await run([...writes, say("x".repeat(100))], { maxAnswerChars: 5 });
  const request = textOf(outcome.requests.at(-1)!.messages.at(-1)!);
  expect(request.match(/- fs__Write_File/g)).toHaveLength(10);
  expect(request).toContain("- fs__Write_File 10.ts\n- fs__Write_File 0.ts\n");
  expect(request).toMatch(/\nxxxxx…$/);
  expect(describeChange({ id: "1", name: "t", input: { a: 1, b: "x ".repeat(99) } })).toHaveLength(
    80,
  );
  expect(describeChange({ id: "1", name: "t", input: "raw" })).toBe("t");
});

it("remembers over a swap what was changed and asked", async () => {
  const processors = [{ id: "verify", use: "./." }];
  const load = (version: string) =>
    loadHarness({ name: "t", version, processors }, { root: folder });
  const [first, second, third] = [await load("1"), await load("2"), await load("3")];
  const replies = [write, say("Done."), write, say("Fine.")];
  const last: string[] = [];
  const model = scriptedModel(({ messages }, number) => {
    last.push(textOf(messages.at(-1)!));
    return replies[number]!;
  });
  const result = await createAgent({ harness: first, models: { main: model } }).run("Go.", {
    tools,
    follow: () => (last.length >= 3 ? third : last.length >= 1 ? second : undefined),
  });
  expect(result).toMatchObject({ exit: "done", output: "Fine." });
  expect(last.map((text) => text.split(/[ ,]/, 1)[0])).toEqual(["Go.", "Ok.", "Before", "You"]);
});

it("does what the README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!);
  const harness = await loadHarness(
    { name: "shown", version: "1", processors: [entry] },
    { root: folder },
  );
  const replies = [call("shell", { command: "rm x" }), say("Done."), call("run_tests"), say("Ok.")];
  const model = scriptedModel((_request, number) => replies[number]!);
  const agent = createAgent({ harness, models: { main: model } });
  const result = await agent.run("Go.", { tools: [...tools, make("shell")] });
  expect(result).toMatchObject({
    exit: "done",
    output: "Ok.",
    totals: { modelCalls: 4, steps: 3 },
  });
});
