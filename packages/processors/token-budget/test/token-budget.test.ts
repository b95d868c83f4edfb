import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createAgent, loadHarness, messageList } from "@harnessx/core";
import { textOf, tool, type Message, type ModelRequest } from "@harnessx/core/plugin";
import {
  assertConformant,
  runProcessor,
  scriptedModel,
  type RunProcessorInput,
} from "@harnessx/core/testing";
import { describe, expect, it } from "vitest";
import { tokensOf } from "../src/size.ts";
import { oldestToDrop } from "../src/trim.ts";

const dir = new URL("..", import.meta.url);
/** A call and its result take 102 tokens. */
const page = tool<{ number: number }>({
  name: "page",
  description: "Reads a page.",
  inputSchema: { type: "object" },
  execute: ({ number }) => `Page ${number}.`.padEnd(392, "x"),
});
const read = (number: number, count = 1) => ({
  calls: Array.from({ length: count }, () => ({ name: "page", input: { number } })),
});
const shape = ({ messages }: ModelRequest): string =>
  [...messages].map(({ role }) => role[0]).join("");

it.each([
  undefined,
  { maxTokens: 400, keepLast: 2, trimTo: 0.2 },
  { maxTokens: 50, onExceed: "end", warnAt: 0.3, charsPerToken: 1.5, reserveTokens: 10 },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

describe("in a run", () => {
  const run = (options: RunProcessorInput["options"], steps = 10, perStep = 1) =>
    runProcessor(dir, {
      options,
      tools: [page],
      task: "Read on.",
      script: (_request, call) => (call < steps ? read(call, perStep) : { text: "Done." }),
    });

  it("leaves a conversation below the limit alone", async () => {
    const { result, requests, events } = await run({ maxTokens: 2000 });
    expect(result.exit).toBe("done");
    expect(requests.at(-1)!.messages).toHaveLength(21);
    expect(events.some(({ type }) => type === "history")).toBe(false);
  });

  it("takes the oldest calls with their results out once it is exceeded, in one go", async () => {
    const { requests, events } = await run({ maxTokens: 1000, warnAt: 1, keepLast: 2 });
    // 8 × 102 tokens exceed 800; with 500 left there is room for four more pages.
    expect(events.filter(({ type }) => type === "history")).toHaveLength(1);
    expect(shape(requests[8]!)).toBe("uatatatatu");
    const [task, , result] = requests[8]!.messages;
    expect(textOf(task!)).toBe("Read on.");
    expect(textOf(result!)).toMatch(/^Page 4\./);
    expect(textOf(requests[8]!.messages.at(-1)!)).toContain("8 of the oldest messages");
    expect(shape(requests[9]!)).toBe("uatatatatat");
  });

  it("trims rarely over a long task, and every request stays below the limit", async () => {
    const { result, requests, events } = await run({ maxTokens: 1000, keepLast: 2 }, 45);
    expect(result.exit).toBe("done");
    expect(Math.max(...requests.map(({ messages }) => messages.tokens))).toBeLessThan(1000);
    expect(events.filter(({ type }) => type === "history").length).toBeLessThan(12);
  });

  it("spares the newest messages as long as the request fits", async () => {
    const options = { maxTokens: 1000, trimTo: 0.01, warnAt: 1 };
    const { requests } = await run({ ...options, keepLast: 4 });
    expect(shape(requests[8]!)).toBe("uatatu");
    const tight = await run({ ...options, maxTokens: 400, keepLast: 6 }, 4);
    // Three pairs are 306 tokens with a limit of 320.
    expect(tight.requests.map(shape)).toEqual(["u", "uat", "uatat", "uatatat", "uatatatu"]);
    const { requests: tighter } = await run({ ...options, maxTokens: 300, keepLast: 6 }, 3);
    expect(tighter.map(shape)).toEqual(["u", "uat", "uatat", "uatu"]);
  });

  it("never parts parallel calls from their results", async () => {
    const { result, requests } = await run({ maxTokens: 1200, keepLast: 2, warnAt: 1 }, 9, 3);
    expect(result.exit).toBe("done");
    for (const request of requests) expect(shape(request)).toMatch(/^u(attt)*u?$/);
  });

  it("goes on when what has to stay is too large", async () => {
    const { result, events } = await runProcessor(dir, {
      options: { maxTokens: 100, warnAt: 1 },
      task: "Read this: ".padEnd(1000, "x"),
      script: [{ text: "Done." }],
    });
    expect(result.exit).toBe("done");
    expect(events.filter(({ type }) => type === "log")).toMatchObject([
      { message: "Nothing is left to trim.", data: { tokens: 250 } },
    ]);
  });

  it("warns once, and says what will happen", async () => {
    const warnings = async (options: RunProcessorInput["options"]): Promise<string[]> => {
      const { requests } = await run({ maxTokens: 1000, warnAt: 0.5, ...options });
      const texts = requests.flatMap(({ messages }) => [...messages].map(textOf));
      return texts.filter((text) => text.includes("fills"));
    };
    const [warning, ...others] = await warnings({});
    expect(warning).toContain("fills 51 % of the context window. The oldest messages will soon");
    expect(others).toEqual([]);
    expect(await warnings({ onExceed: "end" })).toEqual([
      expect.stringContaining("the task ends when it is full"),
    ]);
    expect(await warnings({ warnAt: 1 })).toEqual([]);
  });

  it("can end the task", async () => {
    const { result } = await run({ maxTokens: 1000, onExceed: "end" });
    expect(result).toMatchObject({
      exit: "aborted",
      reason: "The conversation takes about 818 tokens, and 800 of 1000 are allowed.",
    });
  });

  it("counts other scripts and the reserve", async () => {
    const steps = async (options: RunProcessorInput["options"]): Promise<number> =>
      (await run({ maxTokens: 1000, onExceed: "end", ...options })).result.totals.modelCalls;
    expect(await steps({})).toBe(8);
    expect(await steps({ charsPerToken: 2 })).toBe(4);
    expect(await steps({ reserveTokens: 500 })).toBe(3);
    expect(await steps({ reserveTokens: 5000 })).toBe(0);
  });
});

it("does not warn again after a swap", async () => {
  const root = fileURLToPath(dir);
  const options = { maxTokens: 1000, warnAt: 0.2 };
  const load = (version: string) =>
    loadHarness(
      { name: "t", version, processors: [{ id: "window", use: "./.", options }] },
      { root },
    );
  const [first, second] = [await load("1"), await load("2")];
  const requests: string[] = [];
  const model = scriptedModel(({ messages }, call) => {
    requests.push(textOf(messages.at(-1)!));
    return call < 5 ? read(call) : { text: "Done." };
  });
  const agent = createAgent({ harness: first, models: { main: model } });
  const result = await agent.run("Read on.", {
    tools: [page],
    follow: () => (requests.length >= 4 ? second : undefined),
  });
  expect(result.exit).toBe("done");
  expect(requests.filter((text) => text.includes("fills"))).toHaveLength(1);
});

it("keeps the conversation that an earlier one goes on with, and what the user said last", async () => {
  const { requests } = await runProcessor(dir, {
    options: { maxTokens: 500, trimTo: 0.1, keepLast: 1, warnAt: 1 },
    tools: [page],
    task: {
      text: "And now read it.",
      history: [
        { role: "user", text: "Hello." },
        { role: "assistant", text: "Hello to you." },
      ],
    },
    script: (_request, call) => (call < 5 ? read(call) : { text: "Done." }),
  });
  const texts = [...requests.at(-1)!.messages].map(textOf);
  expect(texts).toContain("Hello.");
  expect(texts).not.toContain("Hello to you.");
  expect(texts).toContain("And now read it.");
});

it("estimates a message as the runtime does", () => {
  const messages: Message[] = [
    { id: 0, role: "user", content: [{ type: "text", text: "12345" }] },
    {
      id: 1,
      role: "assistant",
      content: [{ type: "image", mediaType: "image/png", data: "x" }],
      toolCalls: [{ id: "a", name: "page", input: { number: 1 } }],
    },
    {
      id: 2,
      role: "assistant",
      content: [{ type: "thinking", text: "Hm." }],
      toolCalls: [{ id: "b", name: "page", input: "{raw" }],
    },
  ];
  for (const message of messages) expect(tokensOf(message)).toBe(messageList([message]).tokens);
});

it("drops nothing from a history without a user message", () => {
  const system: Message = { id: 0, role: "system", content: [{ type: "text", text: "Be good." }] };
  expect(oldestToDrop(messageList([system]), 10, 1)).toEqual(new Set());
});

it("does what the README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!);
  const harness = await loadHarness(
    { name: "shown", version: "1", processors: [entry] },
    { root: fileURLToPath(dir) },
  );
  const big = { ...page, execute: () => "x".repeat(14_000) };
  const sizes: number[] = [];
  const model = scriptedModel(({ messages }, call) => {
    sizes.push(messages.tokens);
    return call < 12 ? read(call) : { text: "Done." };
  });
  const agent = createAgent({ harness, models: { main: model } });
  const result = await agent.run("Read on.", { tools: [big] });
  expect(result.exit).toBe("done");
  expect(Math.max(...sizes)).toBeGreaterThan(20_000);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(21_600);
});
