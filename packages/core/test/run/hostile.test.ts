import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  askApproval,
  foldTrace,
  intercept,
  readTrace,
  replace,
  scriptedModel,
  split,
  textOf,
  tool,
  type ModelRequest,
  type TraceEvent,
} from "@harnessx/core";
import { agentOf, echo, echoTool, ofType, processor, say, traced } from "./support.ts";

const folder = () => mkdtemp(join(tmpdir(), "hx-hostile-"));
const nothing = { type: "object" } as const;
const cycle: Record<string, unknown> = {};
cycle["self"] = cycle;
const throwing = Object.defineProperty({}, "status", {
  enumerable: true,
  get: () => {
    throw new Error("boo");
  },
});
const bare: unknown = Object.create(null);

/** As a plugin's bundle carries it: the same class, made a second time. */
class CopiedError extends Error {
  readonly code = "ACME_BROKEN";
}
Object.defineProperty(CopiedError.prototype, Symbol.for("harnessx.error"), { value: true });
Object.defineProperty(CopiedError.prototype, "details", { value: {} });

describe("what a tool may throw at the run", () => {
  const cases: readonly {
    readonly what: string;
    readonly answer: () => unknown;
    readonly status: string;
  }[] = [
    {
      what: "a cycle",
      answer: () => ({ status: "ok", content: "x", structured: cycle }),
      status: "error",
    },
    {
      what: "a BigInt",
      answer: () => ({ status: "ok", content: "x", structured: 1n }),
      status: "error",
    },
    { what: "a getter that throws", answer: () => throwing, status: "error" },
    { what: "a rejection without text", answer: () => Promise.reject(bare), status: "error" },
    {
      what: "a throw without text",
      answer: () => {
        throw bare;
      },
      status: "error",
    },
    {
      what: "unknown fields",
      answer: () => ({
        status: "ok",
        content: [{ type: "text", text: "x", extra: cycle }],
        more: 1,
      }),
      status: "ok",
    },
    {
      what: "a wrong error",
      answer: () => ({ status: "error", content: "x", error: { code: 5, message: null } }),
      status: "error",
    },
  ];

  test.each(cases)(
    "$what becomes a result, and the trace stays readable",
    async ({ answer, status }) => {
      const odd = tool({
        name: "odd",
        description: "",
        inputSchema: nothing,
        execute: answer as never,
      });
      const agent = await agentOf({ script: [{ calls: [{ name: "odd" }] }, say("done")] });
      const result = await agent.run("go", { tools: [odd], trace: { dir: await folder() } });
      expect(result.exit).toBe("done");
      const { events } = await readTrace(result.trace!);
      expect(ofType(events, "tool.result")[0]!.status).toBe(status);
      expect(foldTrace(events).ended?.exit).toBe("done");
    },
  );

  test("a tool that changes its arguments changes nobody else's", async () => {
    const vandal = tool<{ text?: string }>({
      name: "echo",
      description: "",
      inputSchema: nothing,
      execute: (input) => {
        delete input.text;
        return "done";
      },
    });
    const { result, events } = await traced(
      await agentOf({ script: [echo("kept"), say("done")] }),
      "go",
      { tools: [vandal] },
    );
    expect(result.exit).toBe("done");
    expect(ofType(events, "tool.call")[0]!.call.input).toEqual({ text: "kept" });
    expect([...result.messages].find((message) => message.role === "assistant")).toMatchObject({
      toolCalls: [{ input: { text: "kept" } }],
    });
  });

  test("a tool that was given up on can no longer act on the run", async () => {
    let act: () => Promise<string> = async () => "";
    const zombie = tool({
      name: "zombie",
      description: "",
      inputSchema: nothing,
      timeoutMs: 10,
      execute: (_input, context) => {
        act = async () => {
          context.log("still here");
          return context.spawn({ text: "more" }).then(
            () => "spawned",
            (error: { code: string }) => error.code,
          );
        };
        return new Promise<string>(() => undefined);
      },
    });
    const { events } = await traced(
      await agentOf({ script: [{ calls: [{ name: "zombie" }] }, say("done")] }),
      "go",
      { tools: [zombie] },
    );
    const before = events.length;
    expect(await act()).toBe("HX_RUN_ABORTED");
    expect(events).toHaveLength(before);
    expect(events.at(-1)!.type).toBe("run.end");
  });
});

describe("what a model may answer", () => {
  const usage = { input: 1, output: 1 };
  const base = { content: [], toolCalls: [], finish: "stop", usage };
  const cases = [
    { what: "tokens without lists", response: { ...base, tokens: {} } },
    {
      what: "a cached part larger than the input",
      response: { ...base, usage: { ...usage, cachedInput: 9 } },
    },
    {
      what: "no number of cached tokens",
      response: { ...base, usage: { ...usage, cachedInput: Number.NaN } },
    },
    {
      what: "a cycle as arguments",
      response: { ...base, toolCalls: [{ id: "a", name: "echo", input: cycle }] },
    },
    {
      what: "a getter that throws",
      response: Object.defineProperty({ ...base }, "usage", {
        get: () => {
          throw new Error("boo");
        },
      }),
    },
  ];

  test.each(cases)("$what is a malformed response", async ({ response }) => {
    const model = { ...scriptedModel([]), generate: async () => response as never };
    const { result } = await traced(await agentOf({ model }));
    expect(result).toMatchObject({
      exit: "model_error",
      error: { code: "HX_MODEL_RESPONSE_INVALID" },
    });
  });

  test("a rejection without text is a failure like any other", async () => {
    const model = { ...scriptedModel([]), generate: () => Promise.reject(bare) };
    expect((await traced(await agentOf({ model }))).result).toMatchObject({
      exit: "model_error",
      error: { code: "HX_MODEL_FAILED" },
    });
  });

  test("fields that nobody knows are left out of the trace", async () => {
    const model = {
      ...scriptedModel([]),
      generate: async () =>
        ({ ...base, content: [{ type: "text", text: "hi", cache: true }], provider: "x" }) as never,
    };
    const agent = await agentOf({ model });
    const result = await agent.run("go", { trace: { dir: await folder() } });
    const { events } = await readTrace(result.trace!);
    expect(ofType(events, "model.response")[0]!.content).toEqual([{ type: "text", text: "hi" }]);
  });

  test("calls named like parts of Object.prototype park like others", async () => {
    const { result } = await traced(
      await agentOf({
        script: [{ calls: [{ id: "constructor", name: "echo", input: { text: "x" } }] }],
      }),
      "go",
      { interruptOn: ["echo"] },
    );
    expect(result).toMatchObject({ exit: "interrupted", pending: { call: { id: "constructor" } } });
  });
});

describe("what a processor may do", () => {
  test("an error of its own package's copy of the class ends the run and names it", async () => {
    for (const fail of [
      () => {
        throw new CopiedError("broken");
      },
      () => Promise.reject(new CopiedError("broken")),
    ]) {
      const bad = processor("bad", ["beforeModel"], (run) => run.hooks.beforeModel.tap("t", fail));
      const { result } = await traced(await agentOf({ processors: [bad] }));
      expect(result).toMatchObject({
        exit: "harness_fault",
        error: { code: "HX_PROCESSOR_THREW", details: { processor: "bad" } },
      });
    }
  });

  test("a verdict that throws when it is looked at is a fault", async () => {
    const bomb = Object.defineProperty({}, "verdict", {
      enumerable: true,
      get: () => {
        throw new Error("boo");
      },
    });
    const bad = processor("bad", ["beforeModel"], (run) =>
      run.hooks.beforeModel.tap("t", () => bomb as never),
    );
    expect((await traced(await agentOf({ processors: [bad] }))).result.error).toMatchObject({
      code: "HX_PROCESSOR_THREW",
    });
  });

  test("nested data of events cannot be changed in place", async () => {
    const metadata = { list: [1] };
    const vandal = processor("vandal", ["beforeTool"], (run) => {
      run.hooks.beforeTool.tap(
        "t",
        (event) => void ((event.call.input as { text: string }).text = "HACKED"),
      );
    });
    const { result, events } = await traced(
      await agentOf({ script: [echo("a"), say("done")], processors: [vandal] }),
      { text: "go", metadata },
    );
    expect(result.error).toMatchObject({ code: "HX_PROCESSOR_MUTATED_EVENT" });
    expect(JSON.stringify(events)).not.toContain("HACKED");
    const greedy = processor("greedy", ["taskStart"], (run) => {
      run.hooks.taskStart.tap(
        "t",
        (event) => void (event.task.metadata as { list: number[] }).list.push(2),
      );
    });
    expect(
      (await traced(await agentOf({ processors: [greedy] }), { text: "go", metadata })).result
        .error,
    ).toMatchObject({ code: "HX_PROCESSOR_MUTATED_EVENT" });
    expect(metadata).toEqual({ list: [1] });
  });

  test("a replay hands out copies: the same events replay twice", async () => {
    const agent = await agentOf({ script: [echo("a"), say("done")] });
    const { events } = await traced(agent);
    for (let round = 0; round < 2; round += 1)
      expect(await agent.replay(events)).toMatchObject({ identical: true });
  });

  test("evaluations and sampling without numbers are faults, not unreadable traces", async () => {
    const judge = processor("judge", ["taskEnd"], (run) =>
      run.hooks.taskEnd.tap("t", (event) =>
        replace(event.withEvaluation({ name: "x", score: Number.NaN })),
      ),
    );
    const hot = processor("hot", ["beforeModel"], (run) =>
      run.hooks.beforeModel.tap("t", (event) =>
        replace(event.withSampling({ temperature: Number.NaN })),
      ),
    );
    for (const bad of [judge, hot]) {
      const agent = await agentOf({ processors: [bad] });
      const result = await agent.run("go", { trace: { dir: await folder() } });
      expect(result.exit).toBe("harness_fault");
      expect((await readTrace(result.trace!)).events.at(-1)!.type).toBe("run.end");
    }
  });

  test("its model call is stopped with the run, and nothing is recorded behind the end", async () => {
    let stopped = false;
    const judge = {
      ...scriptedModel([]),
      generate: (_request: ModelRequest, { signal }: { signal: AbortSignal }) =>
        new Promise<never>((_, reject) =>
          signal.addEventListener("abort", () => ((stopped = true), reject(new Error("x")))),
        ),
    };
    const asker = processor(
      "asker",
      ["beforeModel"],
      (run) => {
        run.hooks.beforeModel.tap(
          "t",
          async () => void (await run.model("judge").generate({ user: "?" })),
        );
      },
      { capabilities: { model: ["judge"] } },
    );
    const agent = await agentOf({ processors: [asker] });
    const { result, events } = await traced(agent, "go", {
      signal: AbortSignal.timeout(15),
      models: { main: scriptedModel([say("x")]), judge },
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(result.exit).toBe("aborted");
    expect(stopped).toBe(true);
    expect(events.at(-1)!.type).toBe("run.end");
  });
});

describe("call ids", () => {
  test("are unique however calls come to be", async () => {
    const twice = processor("twice", ["beforeTool"], (run) => {
      run.hooks.beforeTool.tap("first", (event) =>
        split([event.withInput({ text: "x" }), event.withInput({ text: "y" })]),
      );
      run.hooks.beforeTool.tap("second", (event) =>
        split([event.withInput({ text: "1" }), event.withInput({ text: "2" })]),
      );
    });
    const maker = processor("maker", ["beforeModel", "afterModel"], (run) => {
      run.hooks.beforeModel.tap("t", (event) =>
        event.step === 2
          ? intercept({ toolCalls: [{ id: "a", name: "echo", input: { text: "z" } }] })
          : undefined,
      );
      run.hooks.afterModel.tap("t", (event) =>
        event.step === 3
          ? replace(
              event.withToolCalls(
                [1, 2].map(() => ({ id: "a", name: "echo", input: { text: "w" } })),
              ),
            )
          : undefined,
      );
    });
    const script = (_request: ModelRequest, call: number) =>
      [
        {
          calls: [
            { id: "a", name: "echo", input: { text: "0" } },
            { id: "a.1", name: "echo", input: { text: "0" } },
          ],
        },
        say("third"),
        say("done"),
      ][call]!;
    const keys: string[] = [];
    const noting = tool({
      ...echoTool,
      execute: (_input: never, { idempotencyKey }) => (keys.push(idempotencyKey), "ok"),
    });
    const agent = await agentOf({ script, processors: [maker, twice] });
    const { result, events } = await traced(agent, "go", { tools: [noting] });
    expect(result.exit).toBe("done");
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.length).toBe(4 * (2 + 1 + 2));
    expect(await agent.replay(events)).toMatchObject({ identical: true });
  });
});

describe("approval", () => {
  test("holds for subagents", async () => {
    const danger = tool({ ...echoTool, name: "danger", execute: () => "DONE" });
    const delegate = tool({
      name: "delegate",
      description: "",
      inputSchema: nothing,
      execute: async (_input, context) => (await context.spawn({ text: "child" })).output,
    });
    const model = scriptedModel((request) => {
      const isChild = textOf(request.messages.at(0)!) === "child";
      const last = request.messages.at(-1)!;
      if (last.role === "tool") return say(textOf(last));
      return { calls: [isChild ? { name: "danger", input: { text: "x" } } : { name: "delegate" }] };
    });
    const { result } = await traced(await agentOf({ model }), "go", {
      tools: [danger, delegate],
      interruptOn: ["danger"],
      approve: () => ({ decision: "refuse", reason: "never" }),
    });
    expect(result.output).toBe("The call was refused: never");
    const alone = await traced(await agentOf({ model }), "go", {
      tools: [danger, delegate],
      interruptOn: ["danger"],
    });
    expect(alone.result.output).toContain("cannot wait for approval");
  });

  test("is for what runs: a later change asks again, and one answer is for one question", async () => {
    const asked: unknown[] = [];
    const asker = processor("asker", ["beforeTool"], (run) =>
      run.hooks.beforeTool.tap("t", () => askApproval("why")),
    );
    const changer = processor("changer", ["beforeTool"], (run) =>
      run.hooks.beforeTool.tap("t", (event) => replace(event.withInput({ text: "rm -rf" }))),
    );
    const agent = await agentOf({
      script: [echo("ls"), say("done")],
      processors: [asker, changer],
    });
    const { events } = await traced(agent, "go", {
      approve: ({ call }) => (
        asked.push(call.input),
        { decision: asked.length === 1 ? "approve" : "refuse" }
      ),
    });
    expect(asked).toEqual([{ text: "ls" }, { text: "rm -rf" }]);
    expect(ofType(events, "tool.result")[0]!.status).toBe("refused");
  });

  test.each([true, undefined, "yes", { decision: "maybe" }])(
    "only a clear yes is one: %j refuses",
    async (answer) => {
      const agent = await agentOf({ script: [echo("x"), say("done")] });
      const { events } = await traced(agent, "go", {
        interruptOn: ["echo"],
        approve: () => answer as never,
      });
      expect(ofType(events, "tool.result")[0]!.status).toBe("refused");
    },
  );

  test("is not lost by a resume that does not repeat it", async () => {
    const dir = await folder();
    const ran: string[] = [];
    const noting = tool<{ text: string }>({
      ...echoTool,
      execute: ({ text }) => (ran.push(text), text),
    });
    const make = () => agentOf({ script: [echo("a"), echo("b"), say("done")] });
    const first = await (
      await make()
    ).run("go", { tools: [noting], interruptOn: ["echo"], trace: { dir } });
    const decisions = { [first.pending!.call.id]: { decision: "approve" as const } };
    const second = await (await make()).resume(first.trace!, { tools: [noting], decisions });
    expect(second.exit).toBe("interrupted");
    expect(ran).toEqual(["a"]);
  });
});

describe("the trace", () => {
  test("grows linearly when every request has a message of its own", async () => {
    const hint = processor("hint", ["beforeModel"], (run) =>
      run.hooks.beforeModel.tap("t", (event) =>
        replace(event.appendUser("hint").withLastUser("task")),
      ),
    );
    const model = scriptedModel((request) => ({
      calls: [
        {
          id: `call-${String(request.messages.length).padStart(8, "0")}`,
          name: "echo",
          input: { text: "x" },
        },
      ],
    }));
    const agent = await agentOf({
      model,
      processors: [hint],
      manifest: { limits: { maxSteps: 400 } },
    });
    const { events } = await traced(agent);
    const bytes = ofType(events, "model.request").map((event) => JSON.stringify(event).length);
    expect(bytes.at(-1)! / bytes[20]!).toBeLessThan(1.1);
  });

  test("keeps secrets out after a resume, too", async () => {
    const dir = await folder();
    const target = { dir, redact: ["s3cret"] };
    const make = () => agentOf({ script: [echo("one"), echo("s3cret"), say("done")] });
    const parked = await (
      await make()
    ).run("go", { tools: [echoTool], interruptOn: ["echo"], trace: target });
    let path = parked.trace!;
    let pending = parked.pending;
    while (pending) {
      const resumed = await (
        await make()
      ).resume(path, {
        tools: [echoTool],
        trace: target,
        decisions: { [pending.call.id]: { decision: "approve" } },
      });
      pending = resumed.pending;
      path = resumed.trace ?? path;
    }
    expect(await readFile(path, "utf8")).not.toContain("s3cret");
  });

  test("prices of subagents add up exactly, so replays agree", async () => {
    const spawner = processor(
      "spawner",
      ["stepStart"],
      (run) => {
        run.hooks.stepStart.tap(
          "t",
          async (event) =>
            void (run.task.text === "go" && event.step < 5 && (await run.spawn({ text: "child" }))),
        );
      },
      { capabilities: { spawn: true } },
    );
    const client = scriptedModel((request) =>
      textOf(request.messages.at(0)!) === "go" && request.messages.length < 8
        ? { ...echo("x"), usage: { input: 7, output: 3 } }
        : { text: "y", usage: { input: 11, output: 13 } },
    );
    const agent = await agentOf({ processors: [spawner] });
    const { result, events } = await traced(agent, "go", {
      models: { main: { targets: [{ client, price: { input: 0.137, output: 1.931 } }] } },
    });
    expect(result.exit).toBe("done");
    expect(result.totals.costUsd).toBeGreaterThan(0);
    expect(await agent.replay(events)).toMatchObject({ identical: true });
    expect(foldTrace(events).totals).toEqual(result.totals);
  });
});

describe("stops", () => {
  test("limits of weeks do not fire at once", async () => {
    const month = 30 * 24 * 3_600_000;
    const agent = await agentOf({ script: [echo("x"), say("done")] });
    const { result } = await traced(agent, "go", {
      limits: { maxTimeMs: 2_000_000_000, toolTimeoutMs: 2_000_000_000 },
    });
    expect(result.exit).toBe("done");
    expect(month).toBeGreaterThan(2 ** 31);
  });

  test("an answer that is there is not lost by what fails afterwards", async () => {
    const slash = processor("slash", ["taskStart", "taskEnd"], (run) => {
      run.hooks.taskStart.tap("t", () => intercept({ output: "ANSWER" }));
      run.hooks.taskEnd.tap("t", () => {
        throw new Error("judge broke");
      });
    });
    expect((await traced(await agentOf({ processors: [slash] }))).result).toMatchObject({
      exit: "harness_fault",
      output: "ANSWER",
    });
  });

  test("abort while a person is asked, or while taskEnd runs, replays", async () => {
    for (const where of ["approve", "taskEnd"] as const) {
      const stopper = new AbortController();
      const slow = processor("slow", ["taskEnd"], (run) =>
        run.hooks.taskEnd.tap(
          "t",
          async () => void (where === "taskEnd" && (stopper.abort(), await Promise.resolve())),
        ),
      );
      const agent = await agentOf({ script: [echo("x"), say("done")], processors: [slow] });
      const approve = () =>
        where === "approve"
          ? (stopper.abort(new Error("enough")), new Promise<never>(() => undefined))
          : { decision: "approve" as const };
      const { result, events } = await traced(agent, "go", {
        signal: stopper.signal,
        interruptOn: ["echo"],
        approve,
      });
      expect(result.exit).toBe(where === "approve" ? "aborted" : "done");
      expect(await agent.replay(events)).toMatchObject({ identical: true });
    }
  });

  test("a disposer that is registered late still runs", async () => {
    const log: string[] = [];
    const late = processor("late", ["stepEnd"], async (run) => {
      run.hooks.stepEnd.tap("t", () => undefined);
      await new Promise((resolve) => setTimeout(resolve, 20));
      run.onDispose(() => void log.push("closed"));
    });
    const { result } = await traced(await agentOf({ processors: [late] }), "go", {
      signal: AbortSignal.timeout(5),
    });
    expect(result.exit).toBe("aborted");
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(log).toEqual(["closed"]);
  });

  test("a swap whose setup fails or logs is replayed as it happened", async () => {
    const { defineHarness, createAgent } = await import("@harnessx/core");
    const plain = await defineHarness({ name: "plain" });
    const chatty = await defineHarness({
      name: "chatty",
      inline: [
        processor("chatty", ["stepEnd"], (run) => {
          run.log("hello");
          run.hooks.stepEnd.tap("t", () => undefined);
        }),
      ],
    });
    const broken = await defineHarness({
      name: "broken",
      inline: [
        processor("broken", ["stepEnd"], () => {
          throw new Error("no");
        }),
      ],
    });
    const order = [plain, broken, broken, chatty];
    const agent = createAgent({
      harness: plain,
      models: { main: scriptedModel([echo("1"), echo("2"), echo("3"), say("done")]) },
    });
    let boundary = 0;
    const { result, events } = await traced(agent, "go", { follow: () => order[boundary++] });
    expect(result).toMatchObject({ exit: "done", harness: { executed: chatty.hash } });
    expect(ofType(events, "swap").map(({ to }) => to)).toEqual([
      broken.hash,
      plain.hash,
      chatty.hash,
    ]);
    expect(await agent.replay(events, { harnesses: [broken, chatty] })).toMatchObject({
      identical: true,
    });
  });
});

describe("a subagent that was cut off", () => {
  test("goes on where it was when its parent is resumed", async () => {
    const { copyFile, writeFile } = await import("node:fs/promises");
    const dir = await folder();
    const spawner = processor(
      "spawner",
      ["taskStart"],
      (run) => {
        run.hooks.taskStart.tap("t", async (event) =>
          event.task.text === "go"
            ? replace(event.appendSystem((await run.spawn({ text: "child" })).output))
            : undefined,
        );
      },
      { capabilities: { spawn: true } },
    );
    const ran: string[] = [];
    const noting = tool<{ text: string }>({
      ...echoTool,
      execute: ({ text }) => (ran.push(text), text),
    });
    const model = scriptedModel((request) => {
      const tools = [...request.messages].filter((message) => message.role === "tool").length;
      const isChild =
        request.messages.at(0)!.role === "user" && textOf(request.messages.at(0)!) === "child";
      if (!isChild) return say("parent done");
      return tools < 2 ? echo(`${tools}`) : say("child done");
    });
    const make = () => agentOf({ model, processors: [spawner] });
    const whole = await (
      await make()
    ).run("go", { runId: "p", tools: [noting], trace: { dir, durability: "none" } });
    expect(whole.exit).toBe("done");
    const lines = async (name: string) => (await readFile(join(dir, name), "utf8")).split("\n");
    const parent = await lines("p.jsonl");
    const child = await lines("p.1.jsonl");
    const cut = await folder();
    await writeFile(join(cut, "p.jsonl"), `${parent.slice(0, 2).join("\n")}\n`);
    const upTo = child.findIndex((line) => line.includes('"tool.result"')) + 1;
    await writeFile(join(cut, "p.1.jsonl"), `${child.slice(0, upTo).join("\n")}\n`);
    ran.length = 0;
    const resumed = await (
      await make()
    ).resume(join(cut, "p.jsonl"), { tools: [noting], trace: { dir: cut, durability: "none" } });
    expect(resumed).toMatchObject({ exit: "done", output: "parent done", totals: whole.totals });
    expect(ran).toEqual(["1"]);
    const ended = await folder();
    await writeFile(join(ended, "p.jsonl"), `${parent.slice(0, 2).join("\n")}\n`);
    await copyFile(join(dir, "p.1.jsonl"), join(ended, "p.1.jsonl"));
    ran.length = 0;
    const again = await (
      await make()
    ).resume(join(ended, "p.jsonl"), {
      tools: [noting],
      trace: { dir: ended, durability: "none" },
    });
    expect(again).toMatchObject({ exit: "done", totals: whole.totals });
    expect(ran).toEqual([]);
    const events: readonly TraceEvent[] = (await readTrace(join(ended, "p.jsonl"))).events;
    expect(ofType(events, "spawn.end")).toHaveLength(1);
  });
});
