import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createAgent, defineHarness, inline, loadHarness } from "@harnessx/core";
import { defineProcessor, replace, textOf, tool } from "@harnessx/core/plugin";
import {
  assertConformant,
  runProcessor,
  scriptedModel,
  type RunProcessorInput,
} from "@harnessx/core/testing";
import { describe, expect, it } from "vitest";
import subject, { type TaskReminderOptions } from "../src/index.ts";

const dir = new URL("..", import.meta.url);
const folder = fileURLToPath(dir);
const say = tool<{ chars?: number }>({
  name: "say",
  description: "Says something.",
  inputSchema: { type: "object", properties: { chars: { type: "integer" } } },
  execute: ({ chars = 4 }) => "x".repeat(chars),
});
const off = { everySteps: 0, everyTokens: 0, afterCompaction: false, reminder: "R: {task}" };
const step = (chars = 4) => ({ calls: [{ name: "say", input: { chars } }] });

/** In which requests the reminder stands, from 1. */
async function reminded(
  options: RunProcessorInput["options"],
  steps: readonly { calls: { name: string; input: { chars: number } }[] }[],
): Promise<number[]> {
  const { requests, result, events } = await runProcessor(dir, {
    options: { ...off, ...options },
    task: "Go.",
    tools: [say],
    script: [...steps, { text: "Done." }],
  });
  expect(result.exit).toBe("done");
  const kept = events.filter((event) => event.type === "message" && !event.ephemeral);
  expect(JSON.stringify(kept)).not.toContain("R: ");
  return requests.flatMap(({ messages }, index) =>
    textOf(messages.at(-1)!) === "R: Go." ? [index + 1] : [],
  );
}
const steps = (count: number) => Array.from({ length: count }, () => step());

it.each([undefined, { everySteps: 1, maxChars: 5 }, { everySteps: 0, everyTokens: 10 }])(
  "keeps the plugin contract with %j",
  async (options) => {
    await assertConformant(dir, options ? { options } : {});
  },
);

describe("the reminder", () => {
  it("comes every so many steps", async () => {
    expect(await reminded({ everySteps: 3 }, steps(9))).toEqual([4, 7, 10]);
  });

  it("comes once the history has grown enough, and not before", async () => {
    // 20 + 2 tokens for each call and its result.
    const long = Array.from({ length: 6 }, () => step(80));
    const at = await reminded({ everyTokens: 50 }, long);
    expect(at).toEqual([4, 7]);
    expect(await reminded({ everyTokens: 5000 }, long)).toEqual([]);
  });

  it("does not come when every reason is off", async () => {
    expect(await reminded({}, steps(12))).toEqual([]);
  });

  it("quotes the head of a long task", async () => {
    const { requests } = await runProcessor(dir, {
      options: { ...off, everySteps: 1, maxChars: 3, reminder: "{task}|{task}" },
      task: "ab😀cd",
      tools: [say],
      script: [step(), { text: "Done." }],
    });
    // The cut does not go through the middle of a character.
    expect(textOf(requests[1]!.messages.at(-1)!)).toBe("ab…|ab…");
  });

  it("stands in every attempt of its step", async () => {
    const again = defineProcessor((run) => {
      run.hooks.afterModel.tap("again", (event) =>
        event.step === 2 && event.attempt === 1
          ? { verdict: "retry", feedback: "Again." }
          : undefined,
      );
    });
    const options: TaskReminderOptions = { ...off, everySteps: 1, maxChars: 99 };
    const asked = await inlineRun(options, "afterModel", again, 2);
    expect(asked).toEqual(["Go.", "R: Go.", "Again.\n\nR: Go."]);
  });
});

/** What the model is sent last in every request, with another processor beside this one. */
async function inlineRun(
  options: TaskReminderOptions,
  hook: "stepStart" | "afterModel",
  other: ReturnType<typeof defineProcessor>,
  calls: number,
): Promise<string[]> {
  const harness = await defineHarness({
    name: "t",
    version: "1",
    inline: [
      inline({ name: "other", dimension: "memory", hooks: [hook] }, other),
      inline(
        {
          name: "remind",
          dimension: "context",
          hooks: ["beforeModel"],
          state: ["reminded"],
          options,
        },
        subject,
      ),
    ],
  });
  const asked: string[] = [];
  const model = scriptedModel(({ messages }, call) => {
    asked.push(textOf(messages.at(-1)!));
    return call < calls - 1 ? step() : { text: "Done." };
  });
  await createAgent({ harness, models: { main: model } }).run("Go.", { tools: [say] });
  return asked;
}

describe("after a cut", () => {
  const options: TaskReminderOptions = { ...off, afterCompaction: true, maxChars: 99 };
  const cutAt = (when: (step: number) => boolean) =>
    defineProcessor((run) => {
      run.hooks.stepStart.tap("cut", (event) =>
        when(event.step)
          ? replace(event.summarize(1, event.step === 4 ? 3 : 4, "A summary."))
          : undefined,
      );
    });

  it("comes in the step in which messages were taken out", async () => {
    const asked = await inlineRun(
      options,
      "stepStart",
      cutAt((at) => at === 4),
      6,
    );
    expect(asked.map((text) => text.startsWith("R: "))).toEqual([
      false,
      false,
      false,
      true,
      false,
      false,
    ]);
  });

  it("does not come in two steps running", async () => {
    const asked = await inlineRun(
      options,
      "stepStart",
      cutAt((at) => at >= 4),
      6,
    );
    expect(asked.map((text) => text.startsWith("R: "))).toEqual([
      false,
      false,
      false,
      true,
      false,
      true,
    ]);
  });
});

it("goes on counting after a swap", async () => {
  const entry = { id: "remind", use: "./.", options: { ...off, everySteps: 3 } };
  const harness = (version: string) =>
    loadHarness({ name: "t", version, processors: [entry] }, { root: folder });
  const [first, second] = await Promise.all([harness("1"), harness("2")]);
  const asked: string[] = [];
  const model = scriptedModel(({ messages }, call) => {
    asked.push(textOf(messages.at(-1)!));
    return call < 3 ? step() : { text: "Done." };
  });
  await createAgent({ harness: first!, models: { main: model } }).run("Go.", {
    tools: [say],
    follow: () => (asked.length >= 2 ? second : undefined),
  });
  expect(asked[3]).toBe("R: Go.");
});

it("does what the README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!);
  const harness = await loadHarness(
    { name: "shown", version: "1", processors: [entry] },
    { root: folder },
  );
  const asked: string[] = [];
  const model = scriptedModel(({ messages }, call) => {
    asked.push(textOf(messages.at(-1)!));
    return call < 2 ? step() : { text: "Done." };
  });
  await createAgent({ harness, models: { main: model } }).run("Go.", { tools: [say] });
  expect(asked).toEqual(["Go.", "xxxx", "You were asked: Go."]);
});
