import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  askApproval,
  createAgent,
  defineHarness,
  diffTraces,
  foldTrace,
  readTrace,
  replace,
  sameEvent,
  scriptedModel,
  textOf,
  tool,
  type Agent,
  type LoadedHarness,
  type TraceEvent,
} from "@harnessx/core";
import { agentOf, echo, echoTool, ofType, processor, say, traced } from "./support.ts";

const folder = () => mkdtemp(join(tmpdir(), "hx-resume-"));

/** Remembers in a closure, in a cell and by chance: what a resumed run must get back. */
const memory = processor(
  "memory",
  ["beforeModel", "afterTool"],
  (run) => {
    const inClosure: string[] = [];
    const inCell = run.cell<number>("count", 0);
    run.hooks.afterTool.tap("remember", (event) => {
      inClosure.push(textOf(event.result.content));
      inCell.value += 1;
      return replace(
        event.withContent(`${textOf(event.result.content)} (${Math.floor(run.random() * 1000)})`),
      );
    });
    run.hooks.beforeModel.tap("tell", (event) =>
      replace(
        event.appendUser(
          `${inCell.value} so far: ${inClosure.join(", ")}; at ${run.clock.now() > 0 ? "a time" : "no time"}`,
        ),
      ),
    );
  },
  { state: ["count"] },
);

const steps = [
  echo("one"),
  { calls: [echo("two"), echo("three"), echo("four")].flatMap((reply) => reply.calls ?? []) },
  echo("five"),
  say("end"),
];

async function counting(): Promise<{
  agent: Agent;
  calls: () => string[];
  modelCalls: () => number;
}> {
  const executed: string[] = [];
  let asked = 0;
  const scripted = scriptedModel(steps);
  const harness = await defineHarness({ name: "resumable", inline: [memory] });
  const agent = createAgent({
    harness,
    models: {
      main: {
        ...scripted,
        generate: (request, context) => ((asked += 1), scripted.generate(request, context)),
      },
    },
  });
  return { agent, calls: () => executed, modelCalls: () => asked };
}

const tools = (executed: string[]) => [
  tool<{ text: string }>({
    ...echoTool,
    execute: async ({ text }) => {
      executed.push(text);
      return text;
    },
  }),
];

describe("resume", () => {
  test("from every event boundary gives the state of an undisturbed run and repeats no recorded call", async () => {
    const dir = await folder();
    const { agent } = await counting();
    const whole = await agent.run("count", {
      tools: tools([]),
      runId: "whole",
      seed: 7,
      trace: { dir, durability: "none" },
    });
    const { events } = await readTrace(whole.trace!);
    const text = await readFile(whole.trace!, "utf8");
    const lines = text.split("\n").slice(0, -1);
    expect(whole.exit).toBe("done");
    for (let kept = 1; kept < events.length; kept += 1) {
      const path = join(dir, `cut-${kept}.jsonl`);
      // Half of the next line is torn, as a crash leaves it.
      await writeFile(
        path,
        `${lines.slice(0, kept).join("\n")}\n${lines[kept]!.slice(0, lines[kept]!.length >> 1)}`,
      );
      const executed: string[] = [];
      const fresh = await counting();
      const resumed = await fresh.agent.resume(path, {
        tools: tools(executed),
        trace: { dir, durability: "none" },
      });
      const after = (await readTrace(path)).events;
      const recordedResults = new Set(
        ofType(events.slice(0, kept), "tool.result").map((event) => event.content),
      );
      expect(executed.filter((call) => recordedResults.has(call))).toEqual([]);
      expect(resumed).toMatchObject({ exit: "done", output: whole.output, totals: whole.totals });
      expect([...resumed.messages]).toEqual([...whole.messages]);
      expect(foldTrace(after)).toEqual(foldTrace(after.map((event) => event)));
      expect(ofType(after, "run.end")).toHaveLength(1);
      expect(fresh.modelCalls()).toBe(4 - ofType(events.slice(0, kept), "model.response").length);
    }
  });

  test("the fold of the trace is the live history at every event boundary", async () => {
    const { agent } = await counting();
    const events: TraceEvent[] = [];
    const run = await agent.run("count", {
      tools: tools([]),
      trace: () => ({
        write: (event) => void events.push(event),
        flush: () => undefined,
        close: () => undefined,
      }),
    });
    const folded = foldTrace(events);
    expect(
      folded.messages.map((message) => [message.id, message.role, textOf(message.content)]),
    ).toEqual([...run.messages].map((message) => [message.id, message.role, textOf(message)]));
    expect(folded.totals).toEqual(run.totals);
  });

  test("a call without a recorded result runs again, unless its tool says that it must not", async () => {
    const dir = await folder();
    const { agent } = await counting();
    const whole = await agent.run("count", {
      tools: tools([]),
      runId: "whole",
      trace: { dir, durability: "none" },
    });
    const lines = (await readFile(whole.trace!, "utf8")).split("\n");
    const cut = lines.findIndex((line) => line.includes('"tool.call"')) + 1;
    for (const onLostResult of ["rerun", "report"] as const) {
      const path = join(dir, `${onLostResult}.jsonl`);
      await writeFile(path, `${lines.slice(0, cut).join("\n")}\n`);
      const executed: string[] = [];
      const [plain] = tools(executed);
      await (
        await counting()
      ).agent.resume(path, {
        tools: [{ ...plain!, onLostResult }],
        trace: { dir, durability: "none" },
      });
      const [first] = ofType((await readTrace(path)).events, "tool.result");
      expect(executed.includes("one")).toBe(onLostResult === "rerun");
      expect(first!.error?.code).toBe(
        onLostResult === "report" ? "HX_TOOL_RESULT_LOST" : undefined,
      );
    }
  });

  test("a finished run, another harness and a damaged file are refused", async () => {
    const dir = await folder();
    const { agent } = await counting();
    const whole = await agent.run("count", { tools: tools([]), runId: "whole", trace: { dir } });
    await expect(agent.resume(whole.trace!)).rejects.toMatchObject({ code: "HX_RESUME_FINISHED" });
    const lines = (await readFile(whole.trace!, "utf8")).split("\n");
    const cut = join(dir, "cut.jsonl");
    await writeFile(cut, `${lines.slice(0, 4).join("\n")}\n`);
    await expect((await agentOf({})).resume(cut)).rejects.toMatchObject({
      code: "HX_HASH_MISMATCH",
    });
    const broken = join(dir, "broken.jsonl");
    await writeFile(broken, `${lines[0]}\nnot json\n${lines[2]}\n`);
    await expect(agent.resume(broken)).rejects.toMatchObject({ code: "HX_TRACE_CORRUPT" });
  });

  test("a run that was cut off before its first event can be started again under its id", async () => {
    for (const left of ["", '{"seq":0,"at":1,"type":"run.st']) {
      const dir = await folder();
      const path = join(dir, "again.jsonl");
      await writeFile(path, left);
      const agent = await agentOf({});
      await expect(agent.resume(path)).rejects.toMatchObject({ code: "HX_TRACE_EMPTY" });
      const result = await agent.run("go", { runId: "again", trace: { dir } });
      expect(result.exit).toBe("done");
      expect((await readTrace(path)).events.at(-1)!.type).toBe("run.end");
    }
  });

  test("a harness that does something else than the trace is told so, and nothing is written", async () => {
    const dir = await folder();
    const answer = { text: "A" };
    const moody = processor("moody", ["beforeModel"], (run) =>
      run.hooks.beforeModel.tap("t", (event) => replace(event.appendUser(answer.text))),
    );
    const agent = await agentOf({ script: [echo("x"), say("done")], processors: [moody] });
    const whole = await agent.run("go", { tools: [echoTool], trace: { dir } });
    const lines = (await readFile(whole.trace!, "utf8")).split("\n");
    const cut = join(dir, "cut.jsonl");
    const text = `${lines.slice(0, 8).join("\n")}\n`;
    await writeFile(cut, text);
    answer.text = "B";
    const resumed = await agent.resume(cut, { tools: [echoTool] });
    expect(resumed).toMatchObject({ exit: "harness_fault", error: { code: "HX_RESUME_DIVERGED" } });
    expect(await readFile(cut, "utf8")).toBe(text);
  });
});

describe("approval", () => {
  const guard = processor("guard", ["beforeTool"], (run) => {
    run.hooks.beforeTool.tap("ask", (event) =>
      event.call.name === "echo" ? askApproval("Echoing is loud.") : undefined,
    );
  });

  test.each(["approve", "refuse"] as const)(
    "a parked run goes on after %s, across processes",
    async (decision) => {
      const dir = await folder();
      const make = () => agentOf({ script: [echo("x"), say("done")], processors: [guard] });
      const parked = await (await make()).run("go", { tools: [echoTool], trace: { dir } });
      expect(parked).toMatchObject({
        exit: "interrupted",
        pending: { processor: "guard", reason: "Echoing is loud.", call: { name: "echo" } },
      });
      const undecided = await (await make()).resume(parked.trace!, { tools: [echoTool] });
      expect(undecided.exit).toBe("interrupted");
      const decisions = { [parked.pending!.call.id]: { decision, reason: "because" } };
      const resumed = await (await make()).resume(parked.trace!, { tools: [echoTool], decisions });
      expect(resumed).toMatchObject({ exit: "done", output: "done" });
      const [result] = ofType((await readTrace(parked.trace!)).events, "tool.result");
      expect(result).toMatchObject(
        decision === "approve"
          ? { status: "ok", content: "x" }
          : { status: "refused", content: "The call was refused: because" },
      );
    },
  );

  test("is asked for at once when the caller can decide", async () => {
    const asked: string[] = [];
    const agent = await agentOf({ script: [echo("x"), say("done")] });
    const { result, events } = await traced(agent, "go", {
      interruptOn: ["echo"],
      approve: ({ call }) => {
        asked.push(call.name);
        return { decision: "approve" };
      },
    });
    expect(result.exit).toBe("done");
    expect(asked).toEqual(["echo"]);
    expect((await agent.replay(events)).identical).toBe(true);
  });
});

describe("replay", () => {
  test("repeats every event without a model or a tool", async () => {
    const { agent, modelCalls } = await counting();
    const executed: string[] = [];
    const { events } = await traced(agent, "count", { tools: tools(executed), seed: 5 });
    const before = [modelCalls(), executed.length];
    const replayed = await agent.replay(events);
    expect(replayed).toMatchObject({ identical: true });
    expect(replayed.events).toHaveLength(events.length);
    expect(replayed.events.every((event, index) => sameEvent(event, events[index]!))).toBe(true);
    expect([modelCalls(), executed.length]).toEqual(before);
  });

  test.each(["aborted", "budget_steps", "model_error", "harness_fault", "budget_time"] as const)(
    "repeats a run that ended as %s",
    async (exit) => {
      const stopper = new AbortController();
      const model = scriptedModel((_request, call) => {
        if (exit === "model_error" && call === 1) return { error: new Error("down") };
        if (exit === "aborted" && call === 1) stopper.abort(new Error("enough"));
        if (exit === "budget_time" && call === 1) return new Promise(() => undefined);
        return echo(`${call}`);
      });
      const bomb = processor("bomb", ["afterTool", "taskEnd"], (run) => {
        run.hooks.afterTool.tap("t", (event) => {
          if (exit === "harness_fault" && event.step === 2) throw new Error("boom");
        });
        run.hooks.taskEnd.tap("t", (event) =>
          replace(event.withEvaluation({ name: event.exit, score: 0 })),
        );
      });
      const limits = { maxSteps: 3, ...(exit === "budget_time" ? { maxTimeMs: 60 } : {}) };
      const agent = await agentOf({ model, processors: [bomb], manifest: { limits } });
      const { result, events } = await traced(agent, "go", { signal: stopper.signal });
      expect(result.exit).toBe(exit);
      expect(await agent.replay(events)).toMatchObject({ identical: true });
      expect(foldTrace(events)).toMatchObject({ totals: result.totals, ended: { exit } });
    },
  );

  test("with another harness shows the first divergence", async () => {
    const make = (text: string) =>
      agentOf({
        script: [echo("x"), say("done")],
        processors: [
          processor("hint", ["beforeModel"], (run) =>
            run.hooks.beforeModel.tap("t", (event) =>
              event.step === 2 ? replace(event.appendUser(text)) : undefined,
            ),
          ),
        ],
      });
    const { events } = await traced(await make("left"));
    const replayed = await (await make("right")).replay(events);
    expect(replayed.identical).toBe(false);
    expect(replayed.divergence!.recorded).toMatchObject({ type: "hook", step: 2 });
    expect(diffTraces(events, [...replayed.events]).divergence).toBeDefined();
  });
});

describe("swap", () => {
  const hinting = (name: string, hint: string | undefined) =>
    defineHarness({
      name,
      inline: [
        processor(
          "hints",
          ["beforeModel"],
          (run) => {
            const asked = run.cell<number>("asked", 0);
            run.hooks.beforeModel.tap("t", (event) => {
              asked.value += 1;
              return hint === undefined
                ? undefined
                : replace(event.appendUser(`${hint} (asked ${asked.value} times)`));
            });
          },
          { state: ["asked"] },
        ),
      ],
    });

  /** Opens the door only when somebody has told it the word. */
  const model = scriptedModel((request) => {
    const last = textOf(request.messages.at(-1)!);
    if (request.messages.slice(-2).some((message) => textOf(message) === "open"))
      return say("through the door");
    const word = /the word is (\w+)/.exec(last)?.[1];
    return { calls: [{ name: "door", input: { word: word ?? "please" } }] };
  });
  const door = (tries: string[]) =>
    tool<{ word: string }>({
      name: "door",
      description: "Opens to the right word.",
      inputSchema: { type: "object", properties: { word: { type: "string" } }, required: ["word"] },
      execute: async ({ word }) => {
        tries.push(word);
        return word === "sesame" ? "open" : "closed";
      },
    });

  async function runWithSwap(
    a: LoadedHarness,
    b: LoadedHarness,
    swapAfter: number,
  ): Promise<{ exit: string; tries: string[]; events: TraceEvent[]; agent: Agent }> {
    const agent = createAgent({ harness: a, models: { main: model } });
    const tries: string[] = [];
    const events: TraceEvent[] = [];
    let next = a;
    const result = await agent.run("Go through the door.", {
      tools: [door(tries)],
      limits: { maxSteps: 6 },
      follow: () => next,
      trace: () => ({
        write: (event) => {
          events.push(event);
          if (event.type === "step.end" && event.step === swapAfter) next = b;
        },
        flush: () => undefined,
        close: () => undefined,
      }),
    });
    return { exit: result.exit, tries, events, agent };
  }

  test("a run that fails on harness A succeeds when it moves to B, and replays to identical events without a model call", async () => {
    const a = await hinting("a", undefined);
    const b = await hinting("b", "the word is sesame");
    expect((await runWithSwap(a, b, 99)).exit).toBe("budget_steps");
    for (const step of [1, 2, 3]) {
      const { exit, tries, events, agent } = await runWithSwap(a, b, step);
      expect(exit).toBe("done");
      expect(tries).toEqual([...Array<string>(step).fill("please"), "sesame"]);
      expect(ofType(events, "swap")).toMatchObject([{ from: a.hash, to: b.hash, step }]);
      // The cell was handed over: B counts on from A.
      expect(JSON.stringify(events)).toContain(`asked ${step + 1} times`);
      const replayed = await agent.replay(events, { harnesses: [b] });
      expect(replayed.identical).toBe(true);
      expect(tries).toHaveLength(step + 1);
      await expect(agent.replay(events)).resolves.toMatchObject({ identical: false });
    }
  });

  test("handle.swap resolves when the swap has happened; a harness that cannot start is rejected and the run goes on", async () => {
    const a = await hinting("a", undefined);
    const b = await hinting("b", "the word is sesame");
    const broken = await defineHarness({
      name: "broken",
      inline: [
        processor("bad", ["stepEnd"], () => {
          throw new Error("no");
        }),
      ],
    });
    const agent = createAgent({ harness: a, models: { main: model } });
    let release: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => (release = resolve));
    const slow = {
      ...door([]),
      execute: async ({ word }: { word: string }) => (
        await opened,
        word === "sesame" ? "open" : "closed"
      ),
    };
    const handle = agent.start("Go.", { tools: [slow as never], limits: { maxSteps: 5 } });
    const rejected = handle.swap(broken);
    release();
    await expect(rejected).rejects.toMatchObject({ code: "HX_SWAP_REJECTED" });
    await handle.swap(b);
    expect((await handle.result).exit).toBe("done");
    await expect(handle.swap(a)).rejects.toMatchObject({ code: "HX_SWAP_REJECTED" });
  });
});
