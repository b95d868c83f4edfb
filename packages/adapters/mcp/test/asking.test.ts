import { describe, expect, test } from "vitest";
import { createAgent, loadHarness, scriptedModel } from "@harnessx/core";
import type { ModelResponse } from "@harnessx/core/plugin";
import { connectMcp } from "@harnessx/adapter-mcp";
import { folder, open, own, person, shown } from "./support.ts";

const reply = (text: string): ModelResponse => ({
  content: [{ type: "text", text }],
  toolCalls: [],
  finish: "stop",
  usage: { input: 1, output: 1 },
});

/** Models of a run, and what they were asked. */
function models(text: string) {
  const prompts: unknown[] = [];
  const model = (role: string) => ({
    generate: (prompt: unknown) => {
      prompts.push({ role, ...(prompt as object) });
      return Promise.resolve(reply(text));
    },
  });
  return { prompts, model };
}

describe("sampling", () => {
  test("is served by the run's model when the person agrees", async () => {
    const { call } = await open(own("asking"), { sampling: { role: "helper", maxTokens: 20 } });
    const { asked, ask } = person("accept");
    const { prompts, model } = models("forty-two");
    const answer = JSON.parse(
      shown(await call("sample", { say: "what is it?" }, { ask, model })),
    ) as unknown;
    expect(answer).toMatchObject({
      role: "assistant",
      content: { type: "text", text: "forty-two" },
      model: "helper",
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]!.message).toContain("Be brief.\n\nwhat is it?");
    expect(prompts).toEqual([
      {
        role: "helper",
        system: "Be brief.",
        user: [{ type: "text", text: "what is it?" }],
        sampling: { maxTokens: 20 },
      },
    ]);
  });

  test.each(["decline", "cancel"] as const)(
    "is refused when the person says %s",
    async (action) => {
      const { call } = await open(own("asking"));
      const { prompts, model } = models("never");
      const result = await call("sample", { say: "x" }, { ...person(action), model });
      expect(shown(result)).toContain("declined");
      expect(prompts).toEqual([]);
    },
  );

  test("needs nobody where the entry says so, and is not offered where it is off", async () => {
    const free = await open(own("asking"), { sampling: { approval: "none" } });
    const { asked, ask } = person("decline");
    expect(shown(await free.call("sample", { say: "x" }, { ask, ...models("yes") }))).toContain(
      "yes",
    );
    expect(asked).toEqual([]);
    const off = await open(own("asking"), { sampling: { enabled: false } });
    expect(shown(await off.call("sample", { say: "x" }, models("no")))).toContain(
      "Method not found",
    );
  });
});

describe("elicitation", () => {
  const schema = {
    type: "object",
    properties: { city: { type: "string" }, days: { type: "integer", default: 3 } },
    required: ["city", "days"],
  };

  test("puts the form to the person and fills in defaults", async () => {
    const { call } = await open(own("asking"));
    const { asked, ask } = person("accept", { city: "Oslo" });
    const answer = shown(await call("form", { say: "Where to?", schema }, { ask }));
    expect(JSON.parse(answer)).toEqual({ action: "accept", content: { city: "Oslo", days: 3 } });
    expect(asked).toMatchObject([
      { message: "MCP server s asks: Where to?", schema: { required: ["city", "days"] } },
    ]);
  });

  test("sends nothing that does not fit the form", async () => {
    const { call } = await open(own("asking"));
    const logs: string[] = [];
    const context = {
      ...person("accept", { city: 5 }),
      log: (message: string) => void logs.push(message),
    };
    expect(JSON.parse(shown(await call("form", { say: "?", schema }, context)))).toEqual({
      action: "cancel",
    });
    expect(logs).toContain("The answer does not fit the form of the server and was not sent.");
  });

  test("shows a page, and says what the person said", async () => {
    const { call } = await open(own("asking"));
    const { asked, ask } = person("decline");
    expect(JSON.parse(shown(await call("page", { say: "Please" }, { ask })))).toEqual({
      action: "decline",
    });
    expect(asked).toEqual([
      { message: "MCP server s asks: Please", url: "https://example.test/consent" },
    ]);
  });

  test("takes as long as a person takes", async () => {
    const { call } = await open(own("asking"), { timeoutMs: 200 });
    const ask = () =>
      new Promise<{ action: "accept"; content: { city: string; days: number } }>((resolve) => {
        setTimeout(() => resolve({ action: "accept", content: { city: "Rome", days: 1 } }), 500);
      });
    expect((await call("form", { say: "?", schema }, { ask })).status).toBe("ok");
  });
});

test("roots are the workspace of the run and those of the entry", async () => {
  const root = await folder();
  const { call } = await open(own("asking"), { roots: ["sub"] }, { root });
  const slots = { get: () => ({ root: "/work/space", mode: "shared" }) as never };
  const { roots } = JSON.parse(shown(await call("roots", {}, { slots }))) as {
    roots: { uri: string }[];
  };
  expect(roots.map(({ uri }) => uri)).toEqual(["file:///work/space", `file://${root}/sub`]);
});

describe("runs that share a server", () => {
  test("get only what is theirs: questions that nobody can place are refused, then runs take turns", async () => {
    const { call, reports } = await open(own("asking"));
    const one = person("accept", { who: "one" });
    const two = person("accept", { who: "two" });
    const logs: string[] = [];
    const log = (message: string): void => void logs.push(message);
    const schema = { type: "object", properties: { who: { type: "string" } } };
    const ask = (who: typeof one, runId: string, ms: number) =>
      call("form", { say: runId, schema, ms }, { ask: who.ask, runId, log });

    // Both in flight: nothing tells which of them the question is about.
    const both = await Promise.all([
      ask(one, "run-1", 50),
      call("slow", { ms: 300 }, { runId: "run-2", log }),
    ]);
    expect(shown(both[0])).toContain("could not be told which run");
    expect(one.asked).toEqual([]);
    expect(reports).toMatchObject([{ kind: "question-refused" }]);

    const turns = await Promise.all([
      ask(one, "run-1", 20),
      ask(two, "run-2", 0),
      ask(one, "run-1", 0),
    ]);
    expect(
      turns
        .map(shown)
        .map((text) => (JSON.parse(text) as { content: { who: string } }).content.who),
    ).toEqual(["one", "two", "one"]);
    expect(one.asked.map(({ message }) => message)).toEqual(
      Array(2).fill("MCP server s asks: run-1"),
    );
    expect(two.asked.map(({ message }) => message)).toEqual(["MCP server s asks: run-2"]);
  });

  test("do not see each other's logs", async () => {
    const { call } = await open(own("asking"));
    const logs: Record<string, string[]> = { a: [], b: [] };
    const context = (runId: string) => ({
      runId,
      log: (message: string) => void logs[runId]!.push(message),
    });
    await Promise.all([
      call("slow", { ms: 200 }, context("a")),
      call("log", { say: "secret of b", ms: 50 }, context("b")),
    ]);
    await call("log", { say: "of a" }, context("a"));
    expect(logs).toEqual({ a: ["of a"], b: [] });
  });
});

test("in a run, questions reach the person behind it and land in the trace", async () => {
  const root = await folder();
  const entry = {
    id: "a",
    mcp: own("asking"),
    options: { sampling: { approval: "none", role: "helper" } },
  };
  const harness = await loadHarness(
    { name: "demo", version: "1", tools: [entry] },
    { root, mcp: connectMcp },
  );
  try {
    const model = scriptedModel([
      { calls: [{ name: "a__page", input: { say: "Go" } }] },
      { calls: [{ name: "a__sample", input: { say: "Think" } }] },
      { text: "done" },
    ]);
    const helper = scriptedModel([{ text: "a thought" }]);
    const asked: string[] = [];
    const agent = createAgent({ harness, models: { main: model, helper } });
    const { messages } = await agent.run("go", {
      answer: ({ message, tool }) => {
        asked.push(`${tool}: ${message}`);
        return { action: "accept" };
      },
    });
    expect(asked).toEqual(["a__page: MCP server a asks: Go"]);
    const answers = [...messages]
      .filter(({ role }) => role === "tool")
      .map(({ content }) => JSON.stringify(content));
    expect(answers[0]).toContain("accept");
    expect(answers[1]).toContain("a thought");
  } finally {
    await harness.close();
  }
});
