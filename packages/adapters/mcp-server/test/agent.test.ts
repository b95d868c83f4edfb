import { describe, expect, test, vi } from "vitest";
import { textOf, tool } from "@harnessx/core/plugin";
import { agentOf, connect, eras, serve, signal, type Connected } from "./serving.ts";

const lookUp = tool<{ word: string }>({
  name: "look_up",
  description: "Looks a word up.",
  inputSchema: { type: "object", properties: { word: { type: "string" } }, required: ["word"] },
  execute: ({ word }) => `${word} is a fruit`,
});

const askName = tool({
  name: "ask_name",
  description: "Asks who is there.",
  inputSchema: { type: "object" },
  async execute(_input, context) {
    const { action, content } = await context.ask({
      message: "Who is there?",
      schema: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
    });
    return action === "accept"
      ? `It is ${(content as { name: string }).name}.`
      : `Nobody: ${action}.`;
  },
});

/** Calls a tool once and then says what it was told. */
const relaying = (name: string) => (request: { messages: Iterable<{ role: string }> }) => {
  const last = [...request.messages].at(-1) as Parameters<typeof textOf>[0] & { role: string };
  return last.role === "tool"
    ? { text: textOf(last) }
    : { calls: [{ name, input: { word: "fig" } }] };
};

describe.each(eras)("a client of %s", (era) => {
  test("gives the agent a task and gets the answer and the totals", async () => {
    const client = await connect(era, await serve(await agentOf([{ text: "Four." }])));
    expect(client.version()).toBe(era);
    expect((await client.tools()).map(({ name }) => name)).toEqual(["run_agent"]);
    const outcome = await client.call("run_agent", { task: "2 + 2?" });
    expect(outcome).toMatchObject({
      content: [{ type: "text", text: "Four." }],
      structuredContent: {
        output: "Four.",
        exit: "done",
        runId: expect.stringMatching(/^mcp-/) as string,
        totals: { steps: 1, modelCalls: 1 },
      },
    });
    expect(outcome.isError).not.toBe(true);
  });

  test("tells what was said before", async () => {
    const agent = await agentOf((request) => ({
      text: [...request.messages]
        .map((message) => `${message.role}: ${textOf(message)}`)
        .join(" | "),
    }));
    const client = await connect(era, await serve(agent));
    const { structuredContent } = await client.call("run_agent", {
      task: "And now?",
      conversation: [
        { role: "user", text: "Hello." },
        { role: "assistant", text: "Hi." },
      ],
    });
    expect(structuredContent?.["output"]).toBe("user: Hello. | assistant: Hi. | user: And now?");
  });

  test("is told why a run did not end as done", async () => {
    const agent = await agentOf(
      () => ({ text: "Hm.", calls: [{ name: "look_up", input: { word: "fig" } }] }),
      [lookUp],
    );
    const client = await connect(era, await serve(agent, { run: { limits: { maxSteps: 2 } } }));
    const outcome = await client.call("run_agent", { task: "Go." });
    expect(outcome).toMatchObject({ isError: true, structuredContent: { exit: "budget_steps" } });
  });

  test("is refused arguments that do not fit", async () => {
    const client = await connect(era, await serve(await agentOf([{ text: "Four." }])));
    const refused = async (input: Record<string, unknown>): Promise<boolean> =>
      (await client.call("run_agent", input).catch(() => ({ isError: true }))).isError === true;
    expect(await refused({})).toBe(true);
    expect(await refused({ task: "?", model: "x" })).toBe(true);
    expect(await refused({ task: "?", conversation: [{ role: "system", text: "Obey." }] })).toBe(
      true,
    );
    expect(await refused({ task: "?" })).toBe(false);
  });

  test("hears of each step", async () => {
    const client = await connect(era, await serve(await agentOf(relaying("look_up"), [lookUp])));
    const steps: unknown[] = [];
    await client.call(
      "run_agent",
      { task: "Fig?" },
      { onprogress: (progress) => void steps.push(progress) },
    );
    expect(steps).toEqual([
      expect.objectContaining({ progress: 1, message: "step 1: look_up" }),
      expect.objectContaining({ progress: 2, message: "step 2: answers" }),
    ]);
  });

  const waiting = () => {
    const [started, aborted] = [signal(), signal<string>()];
    const wait = tool({
      name: "look_up",
      description: "Waits.",
      inputSchema: { type: "object" },
      execute: (_input, context) =>
        new Promise<string>((resolve) => {
          context.signal.addEventListener("abort", () => {
            aborted.give("aborted");
            resolve("stopped");
          });
          started.give();
        }),
    });
    return { started, aborted, wait };
  };

  test("cancels a call, which aborts the run", async () => {
    const { started, aborted, wait } = waiting();
    const client = await connect(era, await serve(await agentOf(relaying("look_up"), [wait])));
    const cancel = new AbortController();
    const call = client.call("run_agent", { task: "Go." }, { signal: cancel.signal });
    await started.promise;
    cancel.abort("changed my mind");
    await expect(call).rejects.toThrow();
    expect(await aborted.promise).toBe("aborted");
  });

  test("that vanishes takes its run along", async () => {
    const { started, aborted, wait } = waiting();
    const client = await connect(era, await serve(await agentOf(relaying("look_up"), [wait])));
    const call = client.call("run_agent", { task: "Go." });
    call.catch(() => undefined);
    await started.promise;
    await client.close();
    expect(await aborted.promise).toBe("aborted");
  });

  describe("with a person behind it", () => {
    const approving = { run: { interruptOn: ["look_up"] } };
    const ask = async (client: Connected): Promise<unknown> =>
      (await client.call("run_agent", { task: "Fig?" })).structuredContent?.["output"];

    test("approves a call", async () => {
      const agent = await agentOf(relaying("look_up"), [lookUp]);
      const asked: string[] = [];
      const client = await connect(era, await serve(agent, approving), ({ message }) => {
        asked.push(message);
        return { action: "accept", content: { allow: true } };
      });
      expect(await ask(client)).toBe("fig is a fruit");
      expect(asked).toEqual([expect.stringContaining('{"word":"fig"}')]);
    });

    test.each([
      { action: "accept" as const, content: { allow: false } },
      { action: "decline" as const },
      { action: "cancel" as const },
    ])("refuses a call with %j", async (answer) => {
      const agent = await agentOf(relaying("look_up"), [lookUp]);
      const client = await connect(era, await serve(agent, approving), () => answer);
      expect(await ask(client)).toContain("refused when asked over MCP");
    });

    test("answers a tool's question, and is asked again for what does not fit", async () => {
      const agent = await agentOf(relaying("ask_name"), [askName]);
      let asked = 0;
      const client = await connect(era, await serve(agent), () => {
        asked += 1;
        return { action: "accept", content: asked === 1 ? { name: 7 } : { name: "Ada" } };
      });
      expect(await ask(client)).toBe("It is Ada.");
      expect(asked).toBe(2);
    });

    test("that answers too late still gets what the run came to without it", async () => {
      const hurried = { ...askName, timeoutMs: 30 };
      const agent = await agentOf(relaying("ask_name"), [hurried]);
      const done = signal();
      const watched = {
        ...agent,
        start: ((task, options) => {
          const run = agent.start(task, options);
          void run.result.then(() => done.give());
          return run;
        }) as typeof agent.start,
      };
      const client = await connect(era, await serve(watched), async () => {
        await done.promise;
        return { action: "accept", content: { name: "Ada" } };
      });
      expect(await ask(client)).toContain("ask_name");
    });

    test("is not asked for ever", async () => {
      const agent = await agentOf(relaying("ask_name"), [askName]);
      let asked = 0;
      const client = await connect(era, await serve(agent), () => {
        asked += 1;
        return { action: "accept", content: {} };
      });
      expect(await ask(client)).toBe("Nobody: cancel.");
      expect(asked).toBe(3);
    });
  });

  test("without a person is refused approval, and its tools get no answer", async () => {
    const client = await connect(
      era,
      await serve(await agentOf(relaying("look_up"), [lookUp]), {
        run: { interruptOn: ["look_up"] },
      }),
    );
    const { structuredContent } = await client.call("run_agent", { task: "Fig?" });
    expect(structuredContent?.["output"]).toContain("The client cannot ask a person.");
    const other = await connect(era, await serve(await agentOf(relaying("ask_name"), [askName])));
    const answered = await other.call("run_agent", { task: "Who?" });
    expect(answered.structuredContent?.["output"]).toBe("Nobody: cancel.");
  });

  test("one run too many is refused, and the next is not", async () => {
    const [started, go] = [signal(), signal()];
    const agent = await agentOf(async () => {
      started.give();
      await go.promise;
      return { text: "Done." };
    });
    const client = await connect(era, await serve(agent, { maxRuns: 1 }));
    const first = client.call("run_agent", { task: "1" });
    await started.promise;
    expect(await client.call("run_agent", { task: "2" })).toMatchObject({ isError: true });
    go.give();
    expect((await first).isError).not.toBe(true);
    expect((await client.call("run_agent", { task: "3" })).isError).not.toBe(true);
  });

  test("64 calls at the same time get their own answer each", async () => {
    const agent = await agentOf((request) => ({ text: textOf(request.messages.lastUser()!) }));
    const client = await connect(era, await serve(agent, { maxRuns: 64 }));
    const answers = await Promise.all(
      Array.from({ length: 64 }, async (_, index) => {
        const { structuredContent } = await client.call("run_agent", { task: `n${index}` });
        return structuredContent?.["output"];
      }),
    );
    expect(answers).toEqual(Array.from({ length: 64 }, (_, index) => `n${index}`));
  });
});

describe("the harness's own tools", () => {
  const secret = tool({
    name: "secret",
    description: "Knows it.",
    inputSchema: { type: "object" },
    execute: () => ({ status: "ok" as const, content: "shown", structured: { told: true } }),
  });
  const failing = tool({
    name: "failing",
    description: "Fails.",
    inputSchema: { type: "object" },
    execute: () => {
      throw new Error("It broke.");
    },
  });
  const tools = [lookUp, secret, failing, askName];

  test.each(eras)("are called as a model would call them (%s)", async (era) => {
    const serving = await serve(await agentOf([], tools), { expose: "tools" });
    const client = await connect(era, serving, () => ({
      action: "accept",
      content: { name: "Ada" },
    }));
    expect(await client.tools()).toMatchObject(
      tools.map(({ name, inputSchema }) => ({ name, inputSchema })),
    );
    const called = (name: string, input = {}) => client.call(name, input);
    expect(await called("look_up", { word: "fig" })).toMatchObject({
      content: [{ text: "fig is a fruit" }],
    });
    expect(await called("secret")).toMatchObject({ structuredContent: { told: true } });
    expect(await called("ask_name")).toMatchObject({ content: [{ text: "It is Ada." }] });
    expect(await called("failing")).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining("It broke.") as string }],
    });
  });

  test.each(eras)("wait for approval where the harness asks for it (%s)", async (era) => {
    const serving = await serve(await agentOf([], tools), {
      expose: "tools",
      run: { interruptOn: ["look_up"] },
    });
    const alone = await connect(era, serving);
    expect(await alone.call("look_up", { word: "fig" })).toMatchObject({ isError: true });
    const client = await connect(era, serving, () => ({
      action: "accept",
      content: { allow: true },
    }));
    expect(await client.call("look_up", { word: "fig" })).toMatchObject({
      content: [{ text: "fig is a fruit" }],
    });
  });

  test("stand beside the agent, whose name they cannot have", async () => {
    const client = await connect(
      "2026-07-28",
      await serve(await agentOf([{ text: "Hi." }], [lookUp]), { expose: "both" }),
    );
    expect((await client.tools()).map(({ name }) => name)).toEqual(["run_agent", "look_up"]);
    const clash = serve(await agentOf([], [lookUp]), { expose: "both", toolName: "look_up" });
    await expect(clash).rejects.toMatchObject({ code: "HX_MCP_SERVE_OPTION" });
  });
});

test("a session's tools come and go with the harness's", async () => {
  let tools = [lookUp];
  const agent = await agentOf([], tools);
  const changing = {
    ...agent,
    harness: {
      ...agent.harness,
      get tools() {
        return tools;
      },
    },
  };
  const serving = await serve(changing, { expose: "tools" });
  const client = await connect("2025-11-25", serving);
  const names = async () => (await client.tools()).map(({ name }) => name);
  expect(await names()).toEqual(["look_up"]);
  tools = [askName];
  await vi.waitFor(async () => expect(await names()).toEqual(["ask_name"]), 10_000);
  expect((await (await connect("2026-07-28", serving)).tools()).map(({ name }) => name)).toEqual([
    "ask_name",
  ]);
});

describe("traces of finished runs", () => {
  test("are the session's own, and the latest ones", async () => {
    const serving = await serve(await agentOf([{ text: "Four." }]), { keepTraces: 2 });
    const [ann, bob] = [await connect("2025-11-25", serving), await connect("2025-11-25", serving)];
    const run = async (client: Connected): Promise<string> =>
      (await client.call("run_agent", { task: "2 + 2?" })).structuredContent?.["trace"] as string;
    const first = await run(ann);
    const second = await run(ann);
    expect(await ann.resources()).toEqual([first, second]);
    const events = (await ann.read(second))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string });
    expect(events.map(({ type }) => type)).toContain("model.response");
    expect(events.at(-1)?.type).toBe("run.end");
    expect(await bob.resources()).toEqual([]);
    await expect(bob.read(second)).rejects.toThrow();
    await run(bob);
    expect(await ann.resources()).toEqual([second]);
  });

  test("are read by who has the id where there are no sessions, and listed to nobody", async () => {
    const serving = await serve(await agentOf([{ text: "Four." }]), { keepTraces: 2 });
    const client = await connect("2026-07-28", serving);
    const { structuredContent } = await client.call("run_agent", { task: "2 + 2?" });
    expect(await client.resources()).toEqual([]);
    expect(await client.read(structuredContent?.["trace"] as string)).toContain('"run.start"');
    await expect(client.read("harnessx://runs/other")).rejects.toThrow();
  });

  test("are not kept unasked, nor above the limit", async () => {
    const plain = await connect("2025-11-25", await serve(await agentOf([{ text: "Four." }])));
    expect((await plain.call("run_agent", { task: "?" })).structuredContent).not.toHaveProperty(
      "trace",
    );
    const small = await serve(await agentOf([{ text: "Four." }]), {
      keepTraces: 2,
      maxTraceBytes: 100,
    });
    const client = await connect("2025-11-25", small);
    expect((await client.call("run_agent", { task: "?" })).structuredContent).not.toHaveProperty(
      "trace",
    );
    expect(await client.resources()).toEqual([]);
  });
});
