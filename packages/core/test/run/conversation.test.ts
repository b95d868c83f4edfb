import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  createAgent,
  defineHarness,
  readTrace,
  replace,
  scriptedModel,
  textOf,
  type RunOptions,
  type Script,
  type ScriptedReply,
  type TraceEvent,
} from "@harnessx/core";
import { agentOf, echo, echoTool, ofType, processor, say, traced } from "./support.ts";

const texts = (messages: Iterable<Parameters<typeof textOf>[0] & { role: string }>) =>
  [...messages].map((message) => `${message.role}: ${textOf(message)}`);

/** What was said, without positions and times. */
const messagesOf = (events: readonly TraceEvent[]) =>
  ofType(events, "message").map(({ id, role, content }) => ({ id, role, content }));

/** Says these in turn, then nothing. */
function saying(...lines: string[]): {
  readonly user: NonNullable<RunOptions["user"]>;
  heard: string[];
} {
  const heard: string[] = [];
  let next = 0;
  return {
    heard,
    user: ({ output }) => {
      heard.push(output);
      return lines[next++];
    },
  };
}

describe("a user in the conversation", () => {
  test("speaks after each answer; nothing ends the run", async () => {
    const agent = await agentOf({ script: [say("Hello."), echo("x"), say("Done."), say("Bye.")] });
    const { user, heard } = saying("Do x.", "Thanks.");
    const result = await agent.run("Hi.", { user, tools: [echoTool] });
    expect(result).toMatchObject({ exit: "done", output: "Bye." });
    expect(heard).toEqual(["Hello.", "Done.", "Bye."]);
    expect(texts(result.messages)).toEqual([
      "user: Hi.",
      "assistant: Hello.",
      "user: Do x.",
      "assistant: ",
      "tool: x",
      "assistant: Done.",
      "user: Thanks.",
      "assistant: Bye.",
    ]);
  });

  test("is not asked again by a replay, nor by a resume for what was said", async () => {
    const script = [say("a"), say("b"), say("c")];
    const { user } = saying("one", "two");
    const agent = await agentOf({ script });
    const { events } = await traced(agent, "Hi.", { user });
    const replay = await agent.replay(events);
    expect(replay.divergence).toBeUndefined();
    expect(replay.identical).toBe(true);

    const dir = await mkdtemp(join(tmpdir(), "hx-user-"));
    const whole = (await agent.run("Hi.", { user: saying("one", "two").user, trace: { dir } }))
      .trace!;
    const lines = (await readFile(whole, "utf8")).trimEnd().split("\n");
    const second = lines.findIndex((line) => line.includes('"two"'));
    for (const cut of [second, second + 1]) {
      const path = join(dir, "cut.jsonl");
      await writeFile(path, `${lines.slice(0, cut).join("\n")}\n`);
      const resumed = await agentOf({ script });
      const later = saying("two");
      // Cut behind "two", the user has said it all already.
      if (cut === second + 1) await later.user({} as never);
      const result = await resumed.resume(path, { user: later.user });
      expect(result).toMatchObject({ exit: "done", output: "c" });
      const events = (one: string) => readTrace(one).then(({ events: all }) => all);
      expect(messagesOf(await events(path))).toEqual(messagesOf(await events(whole)));
    }
    await rm(dir, { recursive: true });
  });

  test("that fails ends the run with its own code", async () => {
    const agent = await agentOf({ script: [say("a"), say("b")] });
    const broken = await agent.run("Hi.", {
      user: () => {
        throw new Error("the line is dead");
      },
    });
    expect(broken.error?.code).toBe("HX_USER_FAILED");
    expect(broken.error?.message).toContain("the line is dead");
    const wrong = await agent.run("Hi.", { user: (() => 7) as never });
    expect(wrong.error?.code).toBe("HX_USER_FAILED");
  });

  test("hears of an abort while it thinks", async () => {
    const agent = await agentOf({ script: [say("a")] });
    let aborted = false;
    const handle = agent.start("Hi.", {
      user: ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            aborted = true;
            resolve(undefined);
          });
          handle.abort("enough");
        }),
    });
    expect((await handle.result).exit).toBe("aborted");
    expect(aborted).toBe(true);
  });
});

test("a task goes on with an earlier conversation", async () => {
  const history = [
    { role: "user", text: "My name is Ann." },
    { role: "assistant", text: "Hello Ann." },
  ] as const;
  const agent = await agentOf({ script: [say("unused"), say("Ann.")] });
  const { result, events } = await traced(agent, { text: "Who am I?", history });
  expect(texts(result.messages)).toEqual([
    "user: My name is Ann.",
    "assistant: Hello Ann.",
    "user: Who am I?",
    "assistant: Ann.",
  ]);
  expect((await agent.replay(events)).identical).toBe(true);
});

describe("run.recorded", () => {
  const reading = (read: () => unknown) =>
    processor("reader", ["beforeModel"], (run) => {
      run.hooks.beforeModel.tap("read", async (event) => {
        const value = await run.recorded("the weather", read as () => string);
        return replace(event.appendUser(JSON.stringify(value)));
      });
    });

  test("gives a replay what the run read, without reading again", async () => {
    let reads = 0;
    const read = () => ({ degrees: (reads += 1) });
    const agent = await agentOf({ processors: [reading(read)], script: [say("Nice.")] });
    const { events } = await traced(agent, "How is it?");
    expect(ofType(events, "log").map(({ by, message, data }) => ({ by, message, data }))).toEqual([
      { by: "reader", message: "the weather", data: { degrees: 1 } },
    ]);
    expect((await agent.replay(events)).identical).toBe(true);
    expect(reads).toBe(1);
  });

  test("names the processor and what it read when reading fails", async () => {
    const agent = await agentOf({
      processors: [
        reading(() => {
          throw new Error("no window");
        }),
      ],
    });
    const { error } = await agent.run("How is it?");
    expect(error?.message).toContain("no window");
    expect(error?.code).toBe("HX_RECORDED_READ_FAILED");
  });
});

describe("what a tool may ask of the run", () => {
  const asking = {
    ...echoTool,
    execute: async (_input: never, context: Parameters<typeof echoTool.execute>[1]) => {
      const { content } = await context.model("main").generate({ user: "Think." });
      const answer = await context.ask({ message: "May I?" });
      return `${textOf(content)} ${answer.action} ${JSON.stringify(answer.content ?? null)}`;
    },
  };
  /** What a role is asked by a tool has no tools beside it. */
  const thinking =
    (...script: ScriptedReply[]): Script =>
    ({ messages, tools }) =>
      tools.length === 0
        ? say("thought")
        : script[[...messages].filter(({ role }) => role === "assistant").length]!;
  const script = thinking(echo("x"), say("end"));

  test("a model call is paid and recorded, and a replay does neither again", async () => {
    const agent = await agentOf({ script });
    const answer: RunOptions["answer"] = ({ tool, message }) => ({
      action: "accept",
      content: { tool, message },
    });
    const { result, events } = await traced(agent, "Go.", { tools: [asking], answer });
    expect(result.totals.modelCalls).toBe(3);
    expect(textOf(result.messages.at(2)!)).toBe(
      'thought accept {"tool":"echo","message":"May I?"}',
    );
    const replay = await agent.replay(events, { tools: [asking] });
    expect(replay.divergence).toBeUndefined();
    expect(replay.identical).toBe(true);
  });

  test("without anybody to ask the answer is cancel", async () => {
    const agent = await agentOf({ script });
    const result = await agent.run("Go.", { tools: [asking] });
    expect(textOf(result.messages.at(2)!)).toBe("thought cancel null");
  });

  test("parallel calls that use models replay in any order", async () => {
    const calls = ["a", "b", "c"].map((text) => echo(text).calls![0]!);
    const model = scriptedModel(thinking({ calls }, say("end")));
    const slow = {
      ...asking,
      execute: async ({ text }: never, context: Parameters<typeof echoTool.execute>[1]) => {
        if (text === "a") await new Promise((resolve) => setTimeout(resolve, 15));
        return asking.execute({} as never, context);
      },
    };
    const agent = createAgent({
      harness: await defineHarness({ name: "t" }),
      models: { main: model },
    });
    const { events } = await traced(agent, "Go.", { tools: [slow] });
    const replay = await agent.replay(events, { tools: [slow] });
    expect(replay.divergence).toBeUndefined();
    expect(replay.identical).toBe(true);
  });
});
