import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Stream from "effect/Stream";
import { describe, expect, test } from "vitest";
import {
  createMemorySink,
  estimateTokens,
  hxError,
  HarnessXError,
  messageList,
  readTrace,
  replace,
  replayModel,
  scriptedModel,
  textOf,
  tool,
  version,
  type Message,
  type TraceSink,
} from "@harnessx/core";
import { loadHarness, run, stream } from "@harnessx/core/effect";
import { fc, test as property } from "@fast-check/vitest";
import { agentOf, echo, echoTool, ofType, processor, say, traced } from "./support.ts";

describe("a trace that cannot be written", () => {
  const failing = (after: number): TraceSink => {
    let flushes = 0;
    return {
      write: () => undefined,
      flush: () => {
        if ((flushes += 1) > after)
          throw hxError("HX_TRACE_WRITE_FAILED", { path: "x", problem: "no space left" });
      },
      close: () => undefined,
    };
  };

  test.each([0, 1, 2])(
    "stops the run at flush %i: nothing happens that is not on record",
    async (after) => {
      const executed: string[] = [];
      const noting = {
        ...echoTool,
        execute: async ({ text }: { text: string }) => (executed.push(text), text),
      };
      const agent = await agentOf({ script: [echo("a"), echo("b"), say("done")] });
      const result = await agent.run("go", {
        tools: [noting as never],
        trace: () => failing(after),
      });
      expect(result).toMatchObject({
        exit: "harness_fault",
        error: { code: "HX_TRACE_WRITE_FAILED" },
      });
      expect(executed.length).toBeLessThanOrEqual(Math.max(0, after - 1) + (after === 0 ? 0 : 1));
    },
  );

  test("fails to open when the run id is taken", async () => {
    const dir = await mkdtemp(join(tmpdir(), "hx-edges-"));
    const agent = await agentOf({});
    const first = await agent.run("go", { runId: "same", trace: { dir } });
    const text = await readFile(first.trace!, "utf8");
    await expect(agent.run("go", { runId: "same", trace: { dir } })).rejects.toMatchObject({
      code: "HX_TRACE_EXISTS",
    });
    expect(await readFile(first.trace!, "utf8")).toBe(text);
    await rm(dir, { recursive: true });
  });

  test("a run id that would leave the folder is refused", async () => {
    const agent = await agentOf({});
    for (const runId of ["../x", "a/b", "", ".hidden", "a\u0000b"]) {
      await expect(agent.run("go", { runId })).rejects.toMatchObject({ code: "HX_RUN_ID_INVALID" });
    }
  });
});

describe("a tool that starts a subagent", () => {
  const delegate = tool<{ text: string }>({
    name: "delegate",
    description: "Asks another agent.",
    inputSchema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
    execute: async ({ text }, context) => {
      context.log("delegating", { text });
      const child = await context.spawn({ text });
      return `${child.runId}: ${child.output}`;
    },
  });
  const model = scriptedModel((request) => {
    const first = textOf(request.messages.at(0)!);
    if (first !== "parent") return say(`did ${first}`);
    if (request.messages.length > 1) return say(textOf(request.messages.at(-1)!));
    return { calls: ["a", "b"].map((text) => ({ name: "delegate", input: { text } })) };
  });

  test("is recorded with what it did, and replayed without doing it", async () => {
    const agent = await agentOf({ model });
    const sink = createMemorySink();
    const result = await agent.run("parent", {
      runId: "p",
      tools: [delegate],
      trace: (id) => (id === "p" ? sink : undefined),
    });
    expect(result).toMatchObject({ exit: "done", totals: { modelCalls: 4 } });
    expect(ofType(sink.events, "spawn").map((event) => event.by)).toEqual([
      expect.stringMatching(/^tool:/),
      expect.stringMatching(/^tool:/),
    ]);
    expect(ofType(sink.events, "log")).toHaveLength(2);
    expect(await agent.replay(sink.events)).toMatchObject({ identical: true });
  });
});

describe("the effect API", () => {
  test("runs, streams and loads", async () => {
    const agent = await agentOf({ script: [say("hello there")] });
    expect((await Effect.runPromise(run(agent, "go"))).output).toBe("hello there");
    const items = await Effect.runPromise(Stream.runCollect(stream(agent, "go")));
    expect([...items].filter((item) => item.type === "delta").map((item) => item.text)).toEqual([
      "hello ",
      "there",
    ]);
    const failed = await Effect.runPromiseExit(loadHarness("/nowhere/harness.json"));
    expect(Exit.isFailure(failed)).toBe(true);
  });

  test("interrupting the effect aborts the run and waits for its end", async () => {
    const ends: string[] = [];
    const watcher = processor("watcher", ["taskEnd"], (run_) =>
      run_.hooks.taskEnd.tap("t", (event) => void ends.push(event.exit)),
    );
    const agent = await agentOf({
      model: { ...scriptedModel([]), generate: () => new Promise(() => undefined) },
      processors: [watcher],
    });
    const fiber = Effect.runFork(run(agent, "go"));
    await new Promise((resolve) => setTimeout(resolve, 5));
    await Effect.runPromise(Fiber.interrupt(fiber));
    expect(ends).toEqual(["aborted"]);
  });

  test("options that can never work are a typed failure", async () => {
    const agent = await agentOf({});
    const error = await Effect.runPromise(Effect.flip(run(agent, "go", { runId: "../x" })));
    expect(HarnessXError.isInstance(error) && error.code).toBe("HX_RUN_ID_INVALID");
  });
});

describe("the replay model", () => {
  test("repeats the answers of a trace while the tools run for real", async () => {
    const agent = await agentOf({ script: [echo("a"), say("done")] });
    const { events } = await traced(agent);
    const { result } = await traced(agent, "go", { models: { main: replayModel(events) } });
    expect(result).toMatchObject({ exit: "done", output: "done" });
    const short = await traced(agent, "go", { models: { main: replayModel(events.slice(0, 8)) } });
    expect(short.result.error).toMatchObject({ code: "HX_SCRIPT_EXHAUSTED" });
  });
});

describe("a view of the messages", () => {
  const message = fc.record({
    role: fc.constantFrom("user" as const, "assistant" as const),
    text: fc.string(),
  });

  property.prop([fc.array(message, { minLength: 1 }), fc.integer(), fc.integer()])(
    "is what an array would be",
    (drafts, start, end) => {
      const messages = drafts.map(
        ({ role, text }, id): Message =>
          ({
            id,
            role,
            content: [{ type: "text", text }],
            ...(role === "assistant" ? { toolCalls: [] } : {}),
          }) as Message,
      );
      const list = messageList(messages);
      expect([...list]).toEqual(messages);
      expect(list.length).toBe(messages.length);
      expect(list.slice(start, end)).toEqual(messages.slice(start, end));
      expect(list.at(start)).toEqual(messages.at(start));
      expect(list.lastUser()).toEqual(messages.findLast(({ role }) => role === "user"));
      expect(list.tokens).toBe(messages.reduce((sum, one) => sum + estimateTokens(one), 0));
    },
  );
});

describe("the package", () => {
  test("knows its version", async () => {
    const { version: published } = JSON.parse(
      await readFile(new URL("../../package.json", import.meta.url), "utf8"),
    ) as { version: string };
    expect(version).toBe(published);
  });

  test("one trace on disk reads back as it was", async () => {
    const dir = await mkdtemp(join(tmpdir(), "hx-edges-"));
    const hint = processor("hint", ["beforeModel"], (run_) =>
      run_.hooks.beforeModel.tap("t", (event) => replace(event.appendUser("x".repeat(5_000)))),
    );
    const agent = await agentOf({
      script: [echo("a".repeat(5_000)), say("done")],
      processors: [hint],
    });
    const sink = createMemorySink();
    const result = await agent.run("go", { tools: [echoTool], trace: () => sink });
    const onDisk = await agent.run("go", { tools: [echoTool], trace: { dir } });
    const { events } = await readTrace(onDisk.trace!);
    expect(events.map((event) => event.type)).toEqual(sink.events.map((event) => event.type));
    expect(await agent.replay(events)).toMatchObject({ identical: true });
    expect(result.exit).toBe("done");
  });
});
