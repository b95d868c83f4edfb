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
import { windowStart } from "../src/window.ts";

const dir = new URL("..", import.meta.url);
const folder = fileURLToPath(dir);
const act = tool<{ n: number }>({
  name: "act",
  description: "Does something.",
  inputSchema: { type: "object", properties: { n: { type: "integer" } } },
  execute: ({ n }) => `Did ${n}.`,
});
const call = (n: number) => ({ calls: [{ name: "act", input: { n } }] });
const shapeOf = ({ messages }: ModelRequest): string =>
  [...messages].map(({ role }) => role[0]).join("");

it.each([undefined, { maxMessages: 2, slack: 0 }, { maxMessages: 0, maxTokens: 20 }])(
  "keeps the plugin contract with %j",
  async (options) => {
    await assertConformant(dir, options ? { options } : {});
  },
);

describe("in a run", () => {
  const run = (
    options: RunProcessorInput["options"],
    steps: number,
    more: Partial<RunProcessorInput> = {},
  ) =>
    runProcessor(dir, {
      options,
      tools: [act],
      task: "Count.",
      script: (_request, index) => (index < steps ? call(index + 1) : { text: "Done." }),
      ...more,
    });

  it("leaves a conversation alone that fits", async () => {
    const { events } = await run({}, 20);
    expect(events.some(({ type }) => type === "history")).toBe(false);
  });

  it("keeps the task and the newest whole pairs", async () => {
    const { requests } = await run({ maxMessages: 4, slack: 0 }, 5);
    expect(requests.map(shapeOf)).toEqual(["u", "uat", "uatat", "uatat", "uatat", "uatat"]);
    const last = requests.at(-1)!.messages;
    expect([...last].map(textOf)).toEqual(["Count.", "", "Did 4.", "", "Did 5."]);
  });

  it("frees more than it must, so that it does not cut in every step", async () => {
    const { requests, events } = await run({ maxMessages: 8, slack: 0.5 }, 12);
    expect(Math.max(...requests.map(({ messages }) => messages.length))).toBe(9);
    // 24 messages in all, 8 fit, and every cut after the first frees 6.
    expect(events.filter(({ type }) => type === "history")).toHaveLength(3);
  });

  it("keeps within a number of tokens", async () => {
    const { requests } = await run({ maxMessages: 0, maxTokens: 40, slack: 0.25 }, 30);
    expect(Math.max(...requests.map(({ messages }) => messages.tokens))).toBeLessThanOrEqual(40);
    expect(shapeOf(requests.at(-1)!)).toMatch(/^u(at)+$/);
  });

  it("keeps the task, not the first message of an earlier conversation", async () => {
    const history = Array.from({ length: 4 }, (_, index) => ({
      role: index % 2 === 0 ? ("user" as const) : ("assistant" as const),
      text: `turn ${index}`,
    }));
    const { requests } = await run({ maxMessages: 2, slack: 0 }, 3, {
      task: { text: "Count.", history },
    });
    const texts = [...requests.at(-1)!.messages].map(textOf);
    expect(texts).toEqual(["Count.", "", "Did 3."]);
  });

  it("keeps a group that is larger than the window", async () => {
    const wide = { calls: [1, 2, 3, 4].map((n) => ({ name: "act", input: { n } })) };
    const { requests, result } = await run({ maxMessages: 2, slack: 0 }, 0, {
      script: (_request, index) => (index < 2 ? wide : { text: "Done." }),
    });
    expect(result.exit).toBe("done");
    expect(requests.map(shapeOf)).toEqual(["u", "uatttt", "uatttt"]);
  });
});

/** "s" system, "u" user, "a" text, "c" a call, "2" two calls, "t" a result. */
function history(shape: string) {
  let pending: string[] = [];
  return messageList(
    shape.split("").map((kind, id): Message => {
      const content = [{ type: "text" as const, text: "four" }];
      if (kind === "s") return { id, role: "system", content };
      if (kind === "u") return { id, role: "user", content };
      if (kind === "t")
        return { id, role: "tool", content, callId: pending.shift()!, name: "act", status: "ok" };
      pending = kind === "2" ? [`${id}a`, `${id}b`] : kind === "c" ? [`${id}`] : [];
      const toolCalls = pending.map((name) => ({ id: name, name: "act", input: {} }));
      return { id, role: "assistant", content, toolCalls };
    }),
  );
}

describe("windowStart", () => {
  it.each([
    // [history, most messages, slack, start]
    ["suctctct", 6, 0, undefined],
    ["suctctct", 4, 0, 4],
    ["suctctct", 3, 0, 6],
    ["suctctct", 1, 0, 6],
    ["suct2ttct", 5, 0, 4],
    ["suct2ttct", 4, 0, 7],
    ["suctctct", 4, 0.5, 6],
    ["suctua", 3, 0, 4],
    ["su2tt", 1, 0, undefined],
    ["suct2tt", 1, 0, 4],
    ["s", 1, 0, undefined],
  ])("of %s with %i messages and slack %d is %j", (shape, maxMessages, slack, start) => {
    const list = history(shape);
    const task = shape.indexOf("u");
    const isPinned = (id: number, role: string): boolean => role === "system" || id === task;
    expect(windowStart(list, isPinned, { maxMessages, maxTokens: 0, slack })).toBe(start);
  });
});

it("takes the first user message for the task after a swap", async () => {
  const plain = await loadHarness({ name: "t", version: "1" }, { root: folder });
  const processors = [{ id: "window", use: "./.", options: { maxMessages: 2, slack: 0 } }];
  const sliding = await loadHarness({ name: "t", version: "2", processors }, { root: folder });
  const asked: ModelRequest[] = [];
  const model = scriptedModel((request, index) => {
    asked.push(request);
    return index < 4 ? call(index + 1) : { text: "Done." };
  });
  await createAgent({ harness: plain, models: { main: model } }).run("Count.", {
    tools: [act],
    follow: () => (asked.length >= 3 ? sliding : undefined),
  });
  expect(asked.map(shapeOf)).toEqual(["u", "uat", "uatat", "uat", "uat"]);
});

it("does what the README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!);
  const harness = await loadHarness(
    { name: "shown", version: "1", processors: [entry] },
    { root: folder },
  );
  const asked: string[] = [];
  const model = scriptedModel((request, index) => {
    asked.push(shapeOf(request));
    return index < 6 ? call(index) : { text: "Done." };
  });
  await createAgent({ harness, models: { main: model } }).run("Count.", { tools: [act] });
  expect(asked.at(-1)).toBe("uatat");
});
