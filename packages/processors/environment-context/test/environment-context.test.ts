import { textOf, tool } from "@harnessx/core/plugin";
import { assertConformant, runProcessor, type RunProcessorInput } from "@harnessx/core/testing";
import { describe, expect, it } from "vitest";

const dir = new URL("..", import.meta.url);
const look = tool({
  name: "look",
  description: "Looks around. Costs\nnothing.",
  inputSchema: { type: "object" },
  execute: () => "Nothing new.",
});

async function systemPrompt(input: Partial<RunProcessorInput>): Promise<string> {
  const { requests } = await runProcessor(dir, {
    script: [{ text: "Done." }],
    tools: [look],
    ...input,
  });
  const first = requests[0]!.messages.at(0)!;
  return first.role === "system" ? textOf(first) : "";
}

it.each([undefined, { tools: true, date: true, facts: ["a"], rules: ["b"], remindAt: 3 }])(
  "keeps the plugin contract with %j",
  async (options) => {
    await assertConformant(dir, options ? { options } : {});
  },
);

describe("the section", () => {
  it("tells the budget where limits are set", async () => {
    const limits = { maxSteps: 30, maxTimeMs: 600_000, maxTokens: 9000 };
    expect(await systemPrompt({ limits })).toBe(
      "Environment:\nYou have at most 30 steps and 10 minutes and 9000 tokens for this task.",
    );
  });

  it("puts folder, facts, tools and rules in order", async () => {
    const prompt = await systemPrompt({
      slots: { workspace: { root: "/srv/books" } },
      options: {
        heading: "",
        budget: false,
        tools: true,
        facts: ["It is dark."],
        rules: ["Be honest."],
      },
    });
    expect(prompt.split("\n")).toEqual([
      "Your working folder is /srv/books.",
      "It is dark.",
      "Tools:",
      "- look: Looks around.",
      "Rules:",
      "- Be honest.",
    ]);
  });

  it("says the date of the run's clock", async () => {
    const day = new Date().toISOString().slice(0, 10);
    expect(await systemPrompt({ options: { budget: false, date: true } })).toContain(
      `Today is ${day}.`,
    );
  });

  it("is left out when there is nothing to say", async () => {
    expect(await systemPrompt({ options: { budget: false } })).toBe("");
  });
});

describe("the reminder", () => {
  const steps = async (options: RunProcessorInput["options"]): Promise<(string | undefined)[]> => {
    const { requests } = await runProcessor(dir, {
      options,
      tools: [look],
      limits: { maxSteps: 4 },
      script: [1, 2, 3, 4].map(() => ({ calls: [{ name: "look" }] })),
    });
    return requests.map(({ messages }) => {
      const last = messages.at(-1)!;
      return last.role === "user" && messages.length > 2 ? textOf(last) : undefined;
    });
  };

  it("comes in the last steps only, with the number that is left", async () => {
    expect(await steps({ remindAt: 2, reminder: "{steps} left" })).toEqual([
      undefined,
      undefined,
      "2 left",
      "1 left",
    ]);
  });

  it("is off by default", async () => {
    expect(await steps({})).toEqual([undefined, undefined, undefined, undefined]);
  });
});
