import { describe, expect, test } from "vitest";
import * as Effect from "effect/Effect";
import {
  abort,
  askApproval,
  intercept,
  replace,
  retry,
  scriptedModel,
  split,
  textOf,
  type HookName,
  type ModelRequest,
} from "@harnessx/core";
import { agentOf, echo, ofType, processor, say, traced } from "../run/support.ts";

const ALL: readonly HookName[] = [
  "taskStart",
  "stepStart",
  "beforeModel",
  "afterModel",
  "beforeTool",
  "afterTool",
  "stepEnd",
  "taskEnd",
];

describe("each hook", () => {
  test("is called in the order of the catalogue, once for each thing that happens", async () => {
    const seen: string[] = [];
    const spy = processor("spy", ALL, (run) => {
      const points = run.hooks as unknown as Record<
        string,
        { tap(name: string, tap: (event: { hook: string }) => void): void }
      >;
      for (const hook of ALL) points[hook]!.tap("spy", (event) => void seen.push(event.hook));
    });
    await traced(await agentOf({ script: [echo("a"), say("done")], processors: [spy] }));
    expect(seen).toEqual([
      "taskStart",
      "stepStart",
      "beforeModel",
      "afterModel",
      "beforeTool",
      "afterTool",
      "stepEnd",
      "stepStart",
      "beforeModel",
      "afterModel",
      "stepEnd",
      "taskEnd",
    ]);
  });

  test("taskStart sets the system prompt, which is one message and the first", async () => {
    const first = processor("first", ["taskStart"], (run) =>
      run.hooks.taskStart.tap("a", (event) => replace(event.appendSystem("One."))),
    );
    const second = processor("second", ["taskStart"], (run) =>
      run.hooks.taskStart.tap("a", (event) => replace(event.appendSystem("Two."))),
    );
    const { result } = await traced(await agentOf({ processors: [first, second] }));
    const system = [...result.messages].filter((message) => message.role === "system");
    expect(system.map((message) => textOf(message))).toEqual(["One.\n\nTwo."]);
    expect(result.messages.at(0)!.role).toBe("system");
  });

  test("taskStart can answer at once, and taskEnd still runs", async () => {
    const command = processor("command", ["taskStart", "taskEnd"], (run) => {
      run.hooks.taskStart.tap("help", (event) =>
        event.task.text === "/help" ? intercept({ output: "Help!" }) : undefined,
      );
      run.hooks.taskEnd.tap("score", (event) =>
        replace(event.withEvaluation({ name: "answered", score: 1 })),
      );
    });
    const { result } = await traced(await agentOf({ processors: [command] }), "/help");
    expect(result).toMatchObject({
      exit: "done",
      output: "Help!",
      totals: { modelCalls: 0 },
      evaluations: [{ name: "answered", score: 1 }],
    });
  });

  test("stepStart evicts and summarizes; later steps see the edited history", async () => {
    const shown: string[][] = [];
    const compactor = processor("compactor", ["stepStart"], (run) => {
      run.hooks.stepStart.tap("compact", (event) =>
        event.step === 3 ? replace(event.summarize(1, 5, "You echoed twice.")) : undefined,
      );
    });
    const model = scriptedModel((request, call) => {
      shown.push([...request.messages].map((message) => `${message.role}:${textOf(message)}`));
      return call < 3 ? echo(`${call}`) : say("done");
    });
    const { result, events } = await traced(await agentOf({ model, processors: [compactor] }));
    expect(result.exit).toBe("done");
    expect(shown[2]).toEqual(["user:go", "user:You echoed twice."]);
    expect(shown[3]).toEqual(["user:go", "user:You echoed twice.", "assistant:", "tool:2"]);
    expect(ofType(events, "history")[0]!.messages).toEqual([
      [0, 0],
      [5, 5],
    ]);
  });

  test("stepStart filters the tools of its step only", async () => {
    const offered: string[][] = [];
    const filter = processor("filter", ["stepStart"], (run) => {
      run.hooks.stepStart.tap("filter", (event) =>
        event.step === 1 ? replace(event.withTools(() => false)) : undefined,
      );
    });
    const model = scriptedModel((request, call) => {
      offered.push(request.tools.map((tool) => tool.name));
      return call === 0 ? echo("x") : say("done");
    });
    const { events } = await traced(await agentOf({ model, processors: [filter] }));
    expect(offered).toEqual([[], ["echo"]]);
    // A call of a tool that was filtered out is unknown in that step.
    expect(ofType(events, "tool.result")[0]).toMatchObject({ error: { code: "HX_TOOL_UNKNOWN" } });
  });

  test("beforeModel edits last for one call", async () => {
    const shown: string[] = [];
    const hint = processor("hint", ["beforeModel"], (run) => {
      run.hooks.beforeModel.tap("hint", (event) =>
        event.step === 1
          ? replace(
              event
                .withLastUser((text) => `${text}!`)
                .appendUser("Hurry.")
                .appendUser("Please."),
            )
          : undefined,
      );
    });
    const model = scriptedModel((request, call) => {
      shown.push([...request.messages].map((message) => textOf(message)).join("|"));
      return call === 0 ? echo("x") : say("done");
    });
    const { result, events } = await traced(await agentOf({ model, processors: [hint] }));
    expect(shown).toEqual(["go!|Hurry.\n\nPlease.", "go||x"]);
    expect([...result.messages].map((message) => textOf(message))).toEqual(["go", "", "x", "done"]);
    expect(
      ofType(events, "message")
        .filter((event) => event.ephemeral)
        .map((event) => textOf(event.content!)),
    ).toEqual(["Hurry.\n\nPlease.", "go!"]);
  });

  test("beforeModel can choose the role and answer in the model's place", async () => {
    const router = processor("router", ["beforeModel"], (run) => {
      run.hooks.beforeModel.tap("route", (event) =>
        event.step === 1
          ? replace(event.withRole("cheap"))
          : intercept({ text: "from the processor" }),
      );
    });
    const agent = await agentOf({ processors: [router] });
    const models = {
      main: scriptedModel([]),
      cheap: scriptedModel([echo("cheap")], { id: "cheap" }),
    };
    const { result, events } = await traced(agent, "go", { models });
    expect(result.output).toBe("from the processor");
    expect(ofType(events, "model.response").map((event) => event.model)).toEqual([
      "cheap",
      "router",
    ]);
  });

  test("afterModel can change calls, ask again with feedback, and end the task", async () => {
    const prompts: string[] = [];
    const critic = processor("critic", ["afterModel"], (run) => {
      run.hooks.afterModel.tap("judge", (event) => {
        const text = textOf(event.response.content);
        if (text === "bad") return retry("That was bad.");
        if (text === "call")
          return replace(
            event.withToolCalls([{ id: "fixed", name: "echo", input: { text: "repaired" } }]),
          );
        return intercept({ output: `approved: ${text}` });
      });
    });
    const model = scriptedModel((request, call) => {
      prompts.push(textOf(request.messages.at(-1)!));
      return [say("bad"), say("call"), say("good")][call]!;
    });
    const { result } = await traced(await agentOf({ model, processors: [critic] }));
    expect(prompts).toEqual(["go", "That was bad.", "repaired"]);
    expect(result).toMatchObject({
      exit: "done",
      output: "approved: good",
      totals: { modelCalls: 3, steps: 2 },
    });
  });

  test("afterModel may not ask again without end", async () => {
    const never = processor("never", ["afterModel"], (run) =>
      run.hooks.afterModel.tap("no", () => retry()),
    );
    const { result } = await traced(await agentOf({ script: () => say("x"), processors: [never] }));
    expect(result).toMatchObject({
      exit: "model_error",
      error: { code: "HX_MODEL_RETRY_EXHAUSTED" },
    });
  });

  test("beforeTool can change, split, answer and refuse; each call has exactly one result", async () => {
    const gate = processor("gate", ["beforeTool"], (run) => {
      run.hooks.beforeTool.tap("gate", (event) => {
        const { text } = event.call.input as { text: string };
        if (text === "change") return replace(event.withInput({ text: "changed" }));
        if (text === "split")
          return split([event.withInput({ text: "one" }), event.withInput({ text: "two" })]);
        if (text === "cache") return intercept({ status: "ok", content: "from cache" });
        if (text === "refuse") return intercept({ status: "refused", content: "Not allowed." });
        return undefined;
      });
    });
    const calls = ["change", "split", "cache", "refuse", "plain"].map((text) => ({
      name: "echo",
      input: { text },
    }));
    const { result, events } = await traced(
      await agentOf({ script: [{ calls }, say("done")], processors: [gate] }),
    );
    const tools = [...result.messages].filter((message) => message.role === "tool");
    expect(tools.map((message) => textOf(message))).toEqual([
      "changed",
      "one\ntwo",
      "from cache",
      "Not allowed.",
      "plain",
    ]);
    expect(tools.map((message) => message.status)).toEqual(["ok", "ok", "ok", "refused", "ok"]);
    const asked = [...result.messages].flatMap((message) =>
      message.role === "assistant" ? message.toolCalls.map((call) => call.id) : [],
    );
    expect(tools.map((message) => message.callId)).toEqual(asked);
    expect(ofType(events, "tool.call").filter((event) => event.from)).toHaveLength(2);
  });

  test("afterTool changes what the model sees and not what is recorded", async () => {
    const shaper = processor("shaper", ["afterTool"], (run) => {
      run.hooks.afterTool.tap("shape", (event) =>
        replace(event.withContent(`${event.result.status}: shaped`)),
      );
    });
    const { result, events } = await traced(
      await agentOf({ script: [echo("raw"), say("done")], processors: [shaper] }),
    );
    expect(textOf([...result.messages].find((message) => message.role === "tool")!)).toBe(
      "ok: shaped",
    );
    expect(ofType(events, "tool.result")[0]!.content).toBe("raw");
  });

  test.each(ALL.filter((hook) => hook !== "stepEnd" && hook !== "taskEnd"))(
    "%s can abort, and taskEnd still runs",
    async (hook) => {
      const stopper = processor("stopper", [hook, "taskEnd"], (run) => {
        run.hooks[hook].tap("stop", () => abort("Enough.", "loop") as never);
        run.hooks.taskEnd.tap("end", (event) =>
          replace(event.withEvaluation({ name: event.exit, score: 0 })),
        );
      });
      const { result } = await traced(
        await agentOf({ script: [echo("a"), say("done")], processors: [stopper] }),
      );
      expect(result).toMatchObject({
        exit: "loop",
        reason: "Enough.",
        evaluations: [{ name: "loop" }],
      });
      const calls = [...result.messages].flatMap((message) =>
        message.role === "assistant" ? message.toolCalls.map((call) => call.id) : [],
      );
      const results = [...result.messages].flatMap((message) =>
        message.role === "tool" ? [message.callId] : [],
      );
      expect(results).toEqual(calls);
    },
  );
});

describe("a tap", () => {
  test.each([
    {
      how: "synchronously",
      tap: (event: { appendSystem(text: string): unknown }) => replace(event.appendSystem("x")),
    },
    {
      how: "with a promise",
      tap: async (event: { appendSystem(text: string): unknown }) =>
        replace(event.appendSystem("x")),
    },
    {
      how: "with an Effect",
      tap: (event: { appendSystem(text: string): unknown }) =>
        Effect.succeed(replace(event.appendSystem("x"))),
    },
    {
      how: "with an Effect that waits",
      tap: (event: { appendSystem(text: string): unknown }) =>
        Effect.delay(Effect.succeed(replace(event.appendSystem("x"))), 1),
    },
  ])("may answer $how", async ({ tap }) => {
    const one = processor("one", ["taskStart"], (run) =>
      run.hooks.taskStart.tap("t", tap as never),
    );
    const { result } = await traced(await agentOf({ processors: [one] }));
    expect(textOf(result.messages.at(0)!)).toBe("x");
  });

  const wrong: {
    readonly name: string;
    readonly hook: HookName;
    readonly returns: (event: never) => unknown;
    readonly found: string;
  }[] = [
    { name: "a string", hook: "beforeModel", returns: () => "hello", found: "a string" },
    { name: "null", hook: "beforeModel", returns: () => null, found: "null" },
    {
      name: "an unknown verdict",
      hook: "beforeModel",
      returns: () => ({ verdict: "explode" }),
      found: "the verdict explode",
    },
    {
      name: "a verdict of another hook",
      hook: "beforeModel",
      returns: () => retry(),
      found: "the verdict retry",
    },
    {
      name: "split outside beforeTool",
      hook: "afterTool",
      returns: (event) => split([event]),
      found: "the verdict split",
    },
    {
      name: "anything from stepEnd",
      hook: "stepEnd",
      returns: (event) => replace(event),
      found: "the verdict replace",
    },
    {
      name: "abort from taskEnd",
      hook: "taskEnd",
      returns: () => abort("no"),
      found: "the verdict abort",
    },
    {
      name: "a made-up event",
      hook: "beforeModel",
      returns: (event: object) => replace({ ...event }),
      found: "not made by its with",
    },
    {
      name: "a split into nothing",
      hook: "beforeTool",
      returns: () => split([]),
      found: "a split into no events",
    },
    {
      name: "an approval without reason",
      hook: "beforeTool",
      returns: () => askApproval(undefined as never),
      found: "approval without a reason",
    },
    {
      name: "an answer without text",
      hook: "taskStart",
      returns: () => intercept({ output: 5 }),
      found: "whose output is no text",
    },
  ];

  test.each(wrong)(
    "that returns $name ends the run as a fault that names it",
    async ({ hook, returns, found }) => {
      const bad = processor("bad", [hook], (run) => run.hooks[hook].tap("t", returns as never));
      const { result } = await traced(
        await agentOf({ script: [echo("a"), say("done")], processors: [bad] }),
      );
      expect(result.exit).toBe("harness_fault");
      expect(result.error).toMatchObject({
        code: "HX_VERDICT_INVALID",
        details: { processor: "bad", hook },
      });
      expect(result.error!.message).toContain(found);
    },
  );

  test("an event that was kept from an earlier step is refused", async () => {
    const keeper = processor("keeper", ["beforeModel"], (run) => {
      let kept: Parameters<Parameters<typeof run.hooks.beforeModel.tap>[1]>[0] | undefined;
      run.hooks.beforeModel.tap("t", (event) => replace((kept ??= event).appendUser("again")));
    });
    const { result } = await traced(
      await agentOf({ script: [echo("a"), say("done")], processors: [keeper] }),
    );
    expect(result.error).toMatchObject({ code: "HX_VERDICT_INVALID" });
    expect(result.totals.steps).toBe(2);
  });

  test.each([
    { name: "assigns to the event", change: (event: { step: number }) => void (event.step = 9) },
    {
      name: "assigns to the request",
      change: (event: { request: ModelRequest }) =>
        void ((event.request as { role: string }).role = "x"),
    },
    {
      name: "pushes a tool",
      change: (event: { request: ModelRequest }) =>
        void (event.request.tools as unknown[]).push({}),
    },
    {
      name: "edits a message",
      change: (event: { request: ModelRequest }) =>
        void ((event.request.messages.at(0) as { id: number }).id = 7),
    },
    {
      name: "edits a part",
      change: (event: { request: ModelRequest }) =>
        void ((event.request.messages.at(0)!.content[0] as { text: string }).text = "x"),
    },
  ])("that $name in place is a fault of its own kind", async ({ change }) => {
    const vandal = processor("vandal", ["beforeModel"], (run) =>
      run.hooks.beforeModel.tap("t", change as never),
    );
    const { result } = await traced(await agentOf({ processors: [vandal] }));
    expect(result).toMatchObject({
      exit: "harness_fault",
      error: {
        code: "HX_PROCESSOR_MUTATED_EVENT",
        details: { processor: "vandal", hook: "beforeModel" },
      },
    });
  });

  test("that throws ends the run, names processor and hook, keeps the cause", async () => {
    const cause = new Error("boom");
    const bomb = processor("bomb", ["afterTool"], (run) =>
      run.hooks.afterTool.tap("t", () => {
        throw cause;
      }),
    );
    const { result, events } = await traced(
      await agentOf({ script: [echo("a"), say("done")], processors: [bomb] }),
    );
    expect(result.exit).toBe("harness_fault");
    expect(result.error).toMatchObject({
      code: "HX_PROCESSOR_THREW",
      cause,
      details: { processor: "bomb", hook: "afterTool" },
    });
    expect(ofType(events, "error")[0]).toMatchObject({ code: "HX_PROCESSOR_THREW" });
    expect(ofType(events, "run.end")).toHaveLength(1);
  });

  test("that throws is passed over and counted when its entry says so", async () => {
    const failures = ["throws", "rejects", "garbage"] as const;
    const flaky = processor("flaky", ["beforeModel"], (run) => {
      run.hooks.beforeModel.tap("throws", () => {
        throw new Error("a");
      });
      run.hooks.beforeModel.tap("rejects", () => Promise.reject(new Error("b")));
      run.hooks.beforeModel.tap("garbage", () => 5 as never);
    });
    const agent = await agentOf({
      processors: [flaky],
      manifest: { processors: [{ id: "flaky", use: "inline:flaky", onError: "skip" }] },
    });
    const { result, events } = await traced(agent);
    expect(result).toMatchObject({ exit: "done", totals: { skippedFaults: failures.length } });
    expect(ofType(events, "hook")[0]!.taps.map((tap) => tap.verdict)).toEqual([
      "skipped-fault",
      "skipped-fault",
      "skipped-fault",
    ]);
    expect(ofType(events, "log")).toHaveLength(failures.length);
  });

  test("that hangs ends the run after the hook's time", async () => {
    const sleeper = processor("sleeper", ["beforeModel"], (run) =>
      run.hooks.beforeModel.tap("t", () => new Promise<void>(() => undefined)),
    );
    const { result } = await traced(
      await agentOf({ processors: [sleeper], manifest: { limits: { hookTimeoutMs: 20 } } }),
    );
    expect(result).toMatchObject({
      exit: "harness_fault",
      error: { code: "HX_PROCESSOR_TIMEOUT", details: { processor: "sleeper" } },
    });
  });

  test.each([
    {
      name: "loses a result",
      edit: (keep: string[]) => keep.filter((role) => role !== "tool"),
      problem: "would lose its result",
    },
    {
      name: "loses a call",
      edit: (keep: string[]) => keep.filter((role) => role !== "assistant"),
      problem: "would have no call",
    },
    { name: "empties the history", edit: () => [], problem: "empty" },
  ])("an edit that $name is refused", async ({ edit, problem }) => {
    const butcher = processor("butcher", ["stepStart"], (run) => {
      run.hooks.stepStart.tap("t", (event) => {
        const kept = edit(["user", "assistant", "tool"]);
        return event.step === 2
          ? replace(event.evict((message) => kept.includes(message.role)))
          : undefined;
      });
    });
    const { result } = await traced(
      await agentOf({ script: [echo("a"), say("done")], processors: [butcher] }),
    );
    expect(result.error).toMatchObject({
      code: "HX_EDIT_INVALID",
      details: { processor: "butcher" },
    });
    expect(result.error!.message).toContain(problem);
  });

  test("processors of one hook see each other's edits in order", async () => {
    const order = ["a", "b", "c"].map((name) =>
      processor(name, ["beforeModel"], (run) =>
        run.hooks.beforeModel.tap("t", (event) =>
          replace(event.withLastUser((text) => `${text}${name}`)),
        ),
      ),
    );
    const agent = await agentOf({
      processors: order,
      manifest: { processors: [{ id: "c", use: "inline:c", before: ["a"] }] },
    });
    const { events } = await traced(agent);
    expect(textOf(ofType(events, "message").find((event) => event.ephemeral)!.content!)).toBe(
      "gocab",
    );
  });
});

describe("setup", () => {
  test.each([
    {
      name: "an undeclared hook",
      hooks: ["taskEnd"] as HookName[],
      code: "HX_PLUGIN_UNDECLARED_HOOK",
    },
    {
      name: "a declared hook without a tap",
      hooks: ["beforeModel", "taskEnd"] as HookName[],
      code: "HX_PLUGIN_UNUSED_HOOK",
    },
  ])("$name is refused", async ({ hooks, code }) => {
    const liar = processor("liar", hooks, (run) => run.hooks.beforeModel.tap("t", () => undefined));
    const { result } = await traced(await agentOf({ processors: [liar] }));
    expect(result).toMatchObject({
      exit: "harness_fault",
      error: { code, details: { processor: "liar" } },
    });
  });

  test("two taps of one name are refused", async () => {
    const twice = processor("twice", ["stepEnd"], (run) => {
      run.hooks.stepEnd.tap("t", () => undefined);
      run.hooks.stepEnd.tap("t", () => undefined);
    });
    expect((await traced(await agentOf({ processors: [twice] }))).result.error).toMatchObject({
      code: "HX_PLUGIN_DUPLICATE_TAP",
    });
  });

  test("a tap after setup is refused", async () => {
    const late = processor("late", ["beforeModel"], (run) => {
      run.hooks.beforeModel.tap("t", () => run.hooks.beforeModel.tap("u", () => undefined));
    });
    expect((await traced(await agentOf({ processors: [late] }))).result.error).toMatchObject({
      code: "HX_PLUGIN_LATE_TAP",
    });
  });

  test("capabilities and cells that are not declared are refused", async () => {
    const uses: Record<string, Parameters<typeof processor>[2]> = {
      HX_PLUGIN_UNDECLARED_CAPABILITY: (run) => void run.model("judge"),
      HX_PLUGIN_UNDECLARED_STATE: (run) => void run.cell("seen", 0),
    };
    for (const [code, setup] of Object.entries(uses)) {
      const greedy = processor("greedy", ["stepEnd"], setup);
      expect((await traced(await agentOf({ processors: [greedy] }))).result.error).toMatchObject({
        code,
      });
    }
  });

  test("a throw in setup is a fault, and processors set up before are disposed of", async () => {
    let disposed = 0;
    const good = processor("good", ["stepEnd"], (run) => {
      run.hooks.stepEnd.tap("t", () => undefined);
      run.onDispose(() => void (disposed += 1));
    });
    const bad = processor("bad", ["stepEnd"], () => {
      throw new Error("no");
    });
    const { result } = await traced(await agentOf({ processors: [good, bad] }));
    expect(result.error).toMatchObject({
      code: "HX_PROCESSOR_SETUP_FAILED",
      details: { processor: "bad" },
    });
    expect(disposed).toBe(1);
  });

  test("a slot has one provider", async () => {
    const provide = (name: string) =>
      processor(name, ["stepEnd"], (run) => {
        run.hooks.stepEnd.tap("t", () => undefined);
        run.slots.provide({ name: "memory" }, name);
      });
    const { result } = await traced(await agentOf({ processors: [provide("a"), provide("b")] }));
    expect(result.error).toMatchObject({
      code: "HX_SLOT_TAKEN",
      details: { first: "a", second: "b" },
    });
  });
});
