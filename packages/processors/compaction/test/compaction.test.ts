import { textOf, tool, type Message, type ModelRequest } from "@harnessx/core/plugin";
import {
  assertConformant,
  runProcessor,
  scriptedModel,
  type RunProcessorInput,
} from "@harnessx/core/testing";
import { messageList } from "@harnessx/core";
import { describe, expect, it } from "vitest";
import { middleOf } from "../src/middle.ts";
import { mechanicalSummary, titled } from "../src/summary.ts";

const dir = new URL("..", import.meta.url);
const act = tool<{ command: string }>({
  name: "act",
  description: "Does something.",
  inputSchema: { type: "object", properties: { command: { type: "string" } } },
  execute: ({ command }) =>
    command === "fail" ? { status: "error", content: "It broke." } : `You did ${command}.`,
});

it.each([
  undefined,
  { maxMessages: 6, keepLast: 2 },
  { maxMessages: 6, keepLast: 2, strategy: "evict" },
  { maxMessages: 6, keepLast: 2, strategy: "model" },
  { maxTokens: 50, keepLast: 1, maxSummaryChars: 100 },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

describe("in a run", () => {
  const run = (
    options: RunProcessorInput["options"],
    steps: number,
    models?: RunProcessorInput["models"],
  ) =>
    runProcessor(dir, {
      options,
      tools: [act],
      task: "Count.",
      script: (_request, call) =>
        call < steps
          ? {
              text: `Now ${call + 1}.`,
              calls: [{ name: "act", input: { command: `${call + 1}` } }],
            }
          : { text: "Done." },
      ...(models ? { models } : {}),
    });
  const roles = (request: ModelRequest): string =>
    [...request.messages].map(({ role }) => role[0]).join("");

  it("leaves a short conversation alone", async () => {
    const { events } = await run({}, 10);
    expect(events.some((event) => event.type === "history")).toBe(false);
  });

  it("keeps the task and the newest messages, and puts a summary between them", async () => {
    const { requests } = await run({ maxMessages: 6, keepLast: 2 }, 4);
    expect(requests.map(roles)).toEqual(["u", "uat", "uatat", "uuat", "uuatat"]);
    const [task, summary, call, reply] = requests[3]!.messages;
    expect(textOf(task!)).toBe("Count.");
    expect(textOf(summary!)).toBe(
      [
        "Summary of 4 earlier messages, which were taken out to save space:",
        "- agent: Now 1.",
        "- 1 → You did 1.",
        "- agent: Now 2.",
        "- 2 → You did 2.",
      ].join("\n"),
    );
    expect([textOf(call!), textOf(reply!)]).toEqual(["Now 3.", "You did 3."]);
  });

  it("carries the lines of one summary over to the next", async () => {
    const { requests } = await run({ maxMessages: 6, keepLast: 2 }, 8);
    const summary = textOf(requests.at(-1)!.messages.at(1)!);
    expect(summary).toMatch(/^Summary of 12 earlier messages/);
    expect(summary).toContain("- 1 → You did 1.");
    expect(summary).toContain("- 6 → You did 6.");
    expect(summary.match(/Summary of/g)).toHaveLength(1);
  });

  it("counts tokens as well", async () => {
    const { requests } = await run({ maxTokens: 30, keepLast: 2 }, 6);
    expect(Math.max(...requests.map(({ messages }) => messages.length))).toBeLessThan(10);
  });

  it("can drop the middle without a trace", async () => {
    const { requests } = await run({ maxMessages: 6, keepLast: 2, strategy: "evict" }, 4);
    expect(requests.map(roles)).toEqual(["u", "uat", "uatat", "uat", "uatat"]);
  });

  it("can ask a model for the summary", async () => {
    const prompts: string[] = [];
    const summarizer = scriptedModel((request) => {
      prompts.push(textOf(request.messages.at(-1)!));
      return { text: "Counted to two." };
    });
    const { requests, result } = await run({ maxMessages: 6, keepLast: 2, strategy: "model" }, 4, {
      summarizer,
    });
    expect(result.exit).toBe("done");
    expect(prompts).toHaveLength(1);
    expect(prompts[0]).toContain("Agent: Now 1.\nAgent calls: 1\n\nResult (ok) of act: You did 1.");
    expect(textOf(requests[3]!.messages.at(1)!)).toBe(
      "Summary of 4 earlier messages, which were taken out to save space:\nCounted to two.",
    );
  });

  it("stays small and whole over a long task", async () => {
    const { requests, result } = await run(
      { maxMessages: 12, keepLast: 4, maxSummaryChars: 300 },
      45,
    );
    expect(result.exit).toBe("done");
    expect(Math.max(...requests.map(({ messages }) => messages.length))).toBeLessThanOrEqual(13);
    const summary = textOf(requests.at(-1)!.messages.at(1)!);
    expect(summary.length).toBeLessThan(450);
    expect(summary).toContain("older entries are left out");
  });
});

/** "s" system, "u" user, "a" text, "c" a call, "2" two calls, "t" a result. */
function history(shape: string) {
  let pending: string[] = [];
  return messageList(
    shape.split("").map((kind, id): Message => {
      const content = [{ type: "text" as const, text: `${kind}${id}` }];
      const call = (name: string) => ({ id: name, name: "act", input: {} });
      if (kind === "s") return { id, role: "system", content };
      if (kind === "u") return { id, role: "user", content };
      if (kind === "t")
        return { id, role: "tool", content, callId: pending.shift()!, name: "act", status: "ok" };
      pending = kind === "2" ? [`${id}a`, `${id}b`] : kind === "c" ? [`${id}`] : [];
      return { id, role: "assistant", content, toolCalls: pending.map(call) };
    }),
  );
}

describe("middleOf", () => {
  it.each([
    ["suctctct", 2, { start: 2, end: 6 }],
    ["uctctct", 2, { start: 1, end: 5 }],
    // The border would fall between a call and its result: both are kept.
    ["suctctct", 1, { start: 2, end: 6 }],
    ["suct2ttct", 4, { start: 2, end: 4 }],
    ["suct2ttct", 3, { start: 2, end: 4 }],
    ["su", 1, undefined],
    ["suct", 5, undefined],
    ["suctct", 4, undefined],
    ["s", 1, undefined],
  ])("of %s with the last %i kept is %j", (shape, keepLast, range) => {
    expect(middleOf(history(shape), keepLast)).toEqual(range);
  });
});

describe("mechanicalSummary", () => {
  it("has a line for each text and each call, with statuses that are not ok", () => {
    const messages: Message[] = [
      { id: 1, role: "user", content: [{ type: "text", text: "Go\n\non." }] },
      {
        id: 2,
        role: "assistant",
        content: [],
        toolCalls: [{ id: "x", name: "read", input: { path: "a.txt" } }],
      },
      {
        id: 3,
        role: "tool",
        content: [{ type: "text", text: "No such file." }],
        callId: "x",
        name: "read",
        status: "error",
      },
    ];
    expect(mechanicalSummary(messages, 1000).split("\n")).toEqual([
      "- user: Go on.",
      "- read a.txt → error: No such file.",
    ]);
  });

  it("counts the messages that earlier summaries stand for", () => {
    const first = titled(history("ctct").slice(), "- one");
    const message: Message = { id: 9, role: "user", content: [{ type: "text", text: first }] };
    expect(titled([message, ...history("ct")], "- two")).toMatch(/^Summary of 6 /);
  });
});
