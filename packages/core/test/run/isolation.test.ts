import { fc, test as property } from "@fast-check/vitest";
import { setMaxListeners } from "node:events";
import { describe, expect, test } from "vitest";
import {
  createMemorySink,
  replace,
  scriptedModel,
  textOf,
  tool,
  type ModelRequest,
  type TraceEvent,
} from "@harnessx/core";
import { agentOf, echo, echoTool, ofType, processor, say, traced } from "./support.ts";

/** Counts in every place where a careless processor could share. */
const counter = processor(
  "counter",
  ["beforeModel", "afterTool", "taskEnd"],
  (run) => {
    let inClosure = 0;
    const inCell = run.cell<number>("calls", 0);
    run.hooks.beforeModel.tap("tell", (event) =>
      replace(event.appendUser(`${inClosure}/${inCell.value}/${run.random().toFixed(6)}`)),
    );
    run.hooks.afterTool.tap("count", async () => {
      await Promise.resolve();
      inClosure += 1;
      inCell.value += 1;
    });
    run.hooks.taskEnd.tap("score", (event) =>
      replace(event.withEvaluation({ name: "calls", score: inClosure })),
    );
  },
  { state: ["calls"] },
);

const model = scriptedModel(async (request: ModelRequest) => {
  const [, count = "1", wait = "0"] = /(\d+) x (\d+)/.exec(textOf(request.messages.at(0)!)) ?? [];
  const done = [...request.messages].filter((message) => message.role === "tool").length;
  if (Number(wait) > 0) await new Promise((resolve) => setTimeout(resolve, Number(wait)));
  return done < Number(count) ? echo(`${done}`) : say(`made ${done}`);
});

const normal = (events: readonly TraceEvent[]): unknown =>
  events.map(
    (event) =>
      JSON.parse(
        JSON.stringify(event, (key, value: unknown) => (key === "at" || key === "ms" ? 0 : value)),
      ) as unknown,
  );

describe("runs of one agent", () => {
  property.prop(
    [
      fc.array(
        fc.record({
          calls: fc.integer({ min: 0, max: 5 }),
          wait: fc.integer({ min: 0, max: 2 }),
          seed: fc.nat(),
        }),
        { minLength: 10, maxLength: 10 },
      ),
    ],
    { numRuns: 10 },
  )("ten at a time do exactly what they do alone", async (plans) => {
    const agent = await agentOf({ model, processors: [counter] });
    const start = (plan: (typeof plans)[number], index: number) =>
      traced(agent, `${plan.calls} x ${plan.wait}`, { seed: plan.seed, runId: `r${index}` });
    const together = await Promise.all(plans.map(start));
    for (const [index, plan] of plans.entries()) {
      const alone = await start(plan, index);
      expect(normal(together[index]!.events)).toEqual(normal(alone.events));
      expect(together[index]!.result.evaluations[0]!.score).toBe(plan.calls);
    }
  });

  test("the same seed gives the same trace, another one gives another", async () => {
    const agent = await agentOf({ model, processors: [counter] });
    const [a, b, c] = await Promise.all([7, 7, 8].map((seed) => traced(agent, "3 x 0", { seed })));
    expect(normal(a!.events)).toEqual(normal(b!.events));
    expect(normal(a!.events)).not.toEqual(normal(c!.events));
  });
});

describe("cancellation", () => {
  const hang = tool({
    name: "hang",
    description: "Waits for ever.",
    inputSchema: { type: "object" },
    execute: (_input, { signal }) =>
      new Promise<string>((_, reject) =>
        signal.addEventListener("abort", () => reject(new Error("stopped")), { once: true }),
      ),
  });

  test("reaches the model, the tool, the processor and the subagent, and disposers run after", async () => {
    for (const where of ["model", "tool", "processor", "spawn"] as const) {
      const log: string[] = [];
      const client = {
        ...scriptedModel([]),
        async generate(request: ModelRequest, { signal }: { signal: AbortSignal }) {
          const isChild = textOf(request.messages.at(0)!) === "child";
          if (where === "model" || isChild) {
            await new Promise((_, reject) =>
              signal.addEventListener("abort", () => (log.push("model"), reject(new Error("x"))), {
                once: true,
              }),
            );
          }
          return scriptedModel([{ calls: [{ name: "hang" }] }]).generate(request, { signal });
        },
      };
      const watcher = processor(
        "watcher",
        ["afterModel"],
        (run) => {
          run.onDispose(() => void log.push("disposed"));
          run.signal.addEventListener("abort", () => log.push("signal"), { once: true });
          run.hooks.afterModel.tap("t", async () => {
            if (where === "processor") await new Promise(() => undefined);
            if (where === "spawn") await run.spawn({ text: "child" });
          });
        },
        { capabilities: { spawn: true } },
      );
      const agent = await agentOf({ model: client, processors: [watcher] });
      const stopper = new AbortController();
      const running = traced(agent, "go", { tools: [hang], signal: stopper.signal });
      await new Promise((resolve) => setTimeout(resolve, 15));
      stopper.abort(new Error("enough"));
      const { result, events } = await running;
      expect(result).toMatchObject({ exit: "aborted", reason: "enough" });
      const own = log.filter((entry) => entry !== "model");
      expect(own.indexOf("signal")).toBeLessThan(own.indexOf("disposed"));
      if (where === "model" || where === "spawn") {
        await new Promise((resolve) => setTimeout(resolve, 5));
        expect(log).toContain("model");
      }
      expect({ where, ...(await agent.replay(events)) }).toMatchObject({ where, identical: true });
    }
  });

  test("an aborted signal stops a run before its first model call", async () => {
    const { result } = await traced(await agentOf({}), "go", {
      signal: AbortSignal.abort(new Error("too late")),
    });
    expect(result).toMatchObject({ exit: "aborted", totals: { modelCalls: 0 } });
  });

  test("a thousand aborted runs leave no timer, handle or listener", async () => {
    const agent = await agentOf({
      script: () => ({ calls: [{ name: "hang" }] }),
      processors: [counter],
      manifest: { limits: { maxTimeMs: 60_000 } },
    });
    const stopper = new AbortController();
    let listeners = 0;
    const { signal } = stopper;
    setMaxListeners(0, signal);
    const counted = new Proxy(signal, {
      get(target, key) {
        if (key === "addEventListener")
          return (...args: Parameters<AbortSignal["addEventListener"]>) => (
            (listeners += 1),
            target.addEventListener(...args)
          );
        if (key === "removeEventListener")
          return (...args: Parameters<AbortSignal["removeEventListener"]>) => (
            (listeners -= 1),
            target.removeEventListener(...args)
          );
        return Reflect.get(target, key, target) as unknown;
      },
    });
    const before = process.getActiveResourcesInfo();
    for (let batch = 0; batch < 10; batch += 1) {
      const handles = Array.from({ length: 100 }, () =>
        agent.start("1 x 0", { tools: [hang], signal: counted }),
      );
      await new Promise((resolve) => setTimeout(resolve, 2));
      for (const handle of handles) handle.abort();
      const results = await Promise.all(handles.map((handle) => handle.result));
      expect(new Set(results.map((result) => result.exit))).toEqual(new Set(["aborted"]));
    }
    await new Promise((resolve) => setImmediate(resolve));
    const kinds = (resources: readonly string[], kind: string) =>
      resources.filter((resource) => resource === kind).length;
    const after = process.getActiveResourcesInfo();
    // The test runner's own timers may have gone meanwhile; nothing may have come.
    for (const kind of new Set(after))
      expect({ kind, more: kinds(after, kind) > kinds(before, kind) }).toEqual({
        kind,
        more: false,
      });
    expect(listeners).toBe(0);
  });
});

describe("a stream", () => {
  test("yields every event in order and the text as it arrives", async () => {
    const agent = await agentOf({
      script: [{ text: "Let me see", ...echo("x") }, say("All is well.")],
    });
    const stream = agent.stream("go", { tools: [echoTool] });
    const events: TraceEvent[] = [];
    let text = "";
    for await (const item of stream) {
      if (item.type === "event") events.push(item.event);
      else text += item.text;
    }
    expect(text).toBe("Let me seeAll is well.");
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index));
    expect(events.at(-1)!.type).toBe("run.end");
    expect((await stream.result).exit).toBe("done");
  });

  test("that nobody reads to its end aborts its run", async () => {
    const agent = await agentOf({ script: () => echo("x") });
    const stream = agent.stream("go", { tools: [echoTool], limits: { maxSteps: 100_000 } });
    for await (const item of stream) if (item.type === "event" && item.event.seq > 20) break;
    expect((await stream.result).exit).toBe("aborted");
  });
});

describe("a subagent", () => {
  const delegate = processor(
    "delegate",
    ["taskStart"],
    (run) => {
      run.hooks.taskStart.tap("t", async (event) => {
        if (event.task.text !== "parent") return undefined;
        const child = await run.spawn({ text: "child" });
        return replace(event.appendSystem(`The child said: ${child.output}`));
      });
    },
    { capabilities: { spawn: true } },
  );

  test("runs on its own and spends from its parent's budget", async () => {
    const sinks = new Map<string, ReturnType<typeof createMemorySink>>();
    const usage = { input: 10, output: 0 };
    const agent = await agentOf({
      model: scriptedModel((request) => ({
        text: `answer to ${textOf(request.messages.lastUser()!)}`,
        usage,
      })),
      processors: [delegate],
    });
    const trace = (runId: string) => sinks.set(runId, createMemorySink()).get(runId)!;
    const result = await agent.run("parent", { runId: "p", trace });
    expect(textOf(result.messages.at(0)!)).toBe("The child said: answer to child");
    expect(result.totals).toMatchObject({ modelCalls: 2, inputTokens: 20 });
    expect([...sinks.keys()]).toEqual(["p", "p.1"]);
    expect(ofType(sinks.get("p.1")!.events, "run.start")[0]!.parent).toEqual({ run: "p" });
    expect(await agent.replay(sinks.get("p")!.events)).toMatchObject({ identical: true });
    const tight = await agent.run("parent", { limits: { maxTokens: 10 } });
    expect(tight.exit).toBe("budget_tokens");
  });

  test("cannot nest without end", async () => {
    const nest = processor(
      "nest",
      ["taskStart"],
      (run) => {
        run.hooks.taskStart.tap("t", async () => void (await run.spawn({ text: "again" })));
      },
      { capabilities: { spawn: true } },
    );
    const ended: string[] = [];
    const trace = (runId: string) => ({
      write: (event: TraceEvent) =>
        void (event.type === "run.end" && ended.push(`${runId} ${event.exit}`)),
      flush: () => undefined,
      close: () => undefined,
    });
    await (await agentOf({ processors: [nest] })).run("go", { runId: "p", trace });
    expect(ended).toEqual(["p.1.1.1 harness_fault", "p.1.1 done", "p.1 done", "p done"]);
  });
});

describe("a processor's own model calls", () => {
  const judge = processor(
    "judge",
    ["afterModel"],
    (run) => {
      run.hooks.afterModel.tap("t", async (event) => {
        const [first, second] = await Promise.all(
          ["a", "b"].map((user) => run.model("judge").generate({ system: "Judge.", user })),
        );
        return replace(event.withContent(`${textOf(first!.content)}${textOf(second!.content)}`));
      });
    },
    { capabilities: { model: ["judge"] } },
  );

  test("are recorded, charged and replayed", async () => {
    const agent = await agentOf({ processors: [judge] });
    const slowFirst = scriptedModel(
      async (request, call) => {
        if (call === 0) await new Promise((resolve) => setTimeout(resolve, 10));
        return say(textOf(request.messages.lastUser()!).toUpperCase());
      },
      { id: "judge" },
    );
    const { result, events } = await traced(agent, "go", {
      models: { main: scriptedModel([say("x")]), judge: slowFirst },
    });
    expect(result).toMatchObject({ output: "AB", totals: { modelCalls: 3 } });
    expect(ofType(events, "model.request").map((event) => event.by)).toEqual([
      undefined,
      "judge",
      "judge",
    ]);
    expect(await agent.replay(events)).toMatchObject({ identical: true });
  });
});
