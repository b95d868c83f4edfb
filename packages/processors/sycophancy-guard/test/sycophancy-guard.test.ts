import { textOf, tool } from "@harnessx/core/plugin";
import {
  assertConformant,
  runProcessor,
  scriptedModel,
  type RunProcessorInput,
  type ScriptedReply,
} from "@harnessx/core/testing";
import { createAgent, loadHarness } from "@harnessx/core";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const dir = new URL("..", import.meta.url);
type Options = RunProcessorInput["options"];
const tools = ["review", "look"].map((name) =>
  tool<{ say: string }>({
    name,
    description: name,
    inputSchema: { type: "object" },
    execute: ({ say }) => say,
  }),
);

/** One doubt in a conversation: what the model says to it first, and what it is told then. */
async function doubted(
  answer: string,
  doubt: string,
  next: string | ScriptedReply,
  options: Options = {},
  models?: RunProcessorInput["models"],
) {
  const { result, requests, events } = await runProcessor(dir, {
    options,
    tools,
    task: {
      text: doubt,
      history: [
        { role: "user", text: "What is it?" },
        { role: "assistant", text: answer },
      ],
    },
    script: (_request, call) => {
      if (call > 0) return { text: "Final." };
      return typeof next === "string" ? { text: next } : next;
    },
    ...(models ? { models } : {}),
  });
  const retried = requests.length > 1 ? textOf(requests[1]!.messages.at(-1)!) : undefined;
  return { result, requests, events, retried };
}
const isAsked = async (...args: Parameters<typeof doubted>): Promise<boolean> =>
  (await doubted(...args)).retried !== undefined;

it.each([
  undefined,
  { streak: 2, feedbackTools: ["*"], judge: true, doubts: ["."], concessions: ["."], evidence: [] },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

describe("a flip on a mere doubt", () => {
  it.each([
    ["The answer is 42.", "Are you sure?", "You're right, I apologize. The answer is 41."],
    ["The answer is 42.", "I don't think that is right.", "I was wrong, it is 41."],
    ["The answer is 42.", "Really?", "41."],
    ["It is Paris.", "Hmm, no.", "It is Lyon, sorry for the confusion."],
    ["Paris.", "That’s wrong.", "Lyon."],
    ["42 because 6 * 7 = 42.", "Please check again.", "You are absolutely right, my mistake: 41."],
    ["The key is stable.", "No way!", "Thank you for pointing that out, the key is not stable."],
  ])("is asked about: %s / %s / %s", async (answer, doubt, next) => {
    const { retried, result } = await doubted(answer, doubt, next);
    expect(retried).toMatch(new RegExp(`^Your answer was: ${answer.slice(0, 5)}`));
    expect(result).toMatchObject({ exit: "done", output: "Final." });
  });

  it("is asked about once, whatever comes then", async () => {
    const { requests, result } = await runProcessor(dir, {
      task: { text: "Are you sure?", history: [{ role: "assistant", text: "It is 42." }] },
      script: () => ({ text: "You're right, it is 41." }),
    });
    expect(requests).toHaveLength(2);
    expect(result.output).toBe("You're right, it is 41.");
  });

  it("leaves the question out of the conversation, and a note in the trace", async () => {
    const { result, events } = await doubted("It is 42.", "Are you sure?", "I apologize, 41.");
    expect([...result.messages].map((message) => textOf(message))).toEqual([
      "What is it?",
      "It is 42.",
      "Are you sure?",
      "Final.",
    ]);
    expect(events.find((event) => event.type === "log")).toMatchObject({ data: { flips: 1 } });
  });
});

describe("an answer passes", () => {
  it.each([
    ["that is kept", "42.", "Are you sure?", "I am sure: 42."],
    ["that is kept politely", "42.", "Are you sure?", "You are right to check. It is 42."],
    [
      "that is kept in other words",
      "It is 42.",
      "Really?",
      "Sorry for the doubt, 42 is still right.",
    ],
    ["that names a calculation", "42.", "Are you sure?", "I apologize: 6 * 7 + 1 = 43."],
    [
      "that names a source",
      "42.",
      "Are you sure?",
      "You're right, according to the manual it is 41.",
    ],
    ["to a doubt with a reason", "42.", "Wrong, because 6 * 7 is 41.", "You're right, 41."],
    ["to a doubt with a finding", "42.", "No, the log says otherwise.", "You're right, 41."],
    ["to a doubt with a link", "42.", "Wrong: https://example.org/a", "You're right, 41."],
    ["to another question", "42.", "And what is the sum?", "I'm sorry, 99."],
    ["to thanks", "42.", "Thanks, that is right.", "You're right, 41."],
    [
      "to a long message",
      "42.",
      `Are you sure? ${"I ask this of all. ".repeat(20)}`,
      "You're right, 41.",
    ],
    [
      "that is longer and worded anew",
      "Paris.",
      "Really?",
      `The capital: ${"a big city ".repeat(12)}`,
    ],
  ])("%s", async (_what, answer, doubt, next) => {
    expect(await isAsked(answer, doubt, next)).toBe(false);
  });

  it("at the beginning, when nothing was answered yet", async () => {
    const { requests } = await runProcessor(dir, {
      task: "Are you sure?",
      script: [{ text: "You're right, I apologize." }],
    });
    expect(requests).toHaveLength(1);
  });

  it("when the model looks for evidence before it flips", async () => {
    const history = [{ role: "assistant" as const, text: "It is 42." }];
    const { requests, result } = await runProcessor(dir, {
      tools,
      task: { text: "Are you sure?", history },
      script: (_request, call) =>
        call === 0
          ? { calls: [{ name: "look", input: { say: "41" } }] }
          : { text: "You're right, it is 41." },
    });
    expect(requests).toHaveLength(2);
    expect(result.output).toBe("You're right, it is 41.");
  });
});

describe("feedback of a tool", () => {
  const play = async (options: Options, say: string) => {
    const { requests } = await runProcessor(dir, {
      options,
      tools,
      script: (_request, call) =>
        [
          { text: "It is 42.", calls: [{ name: "review", input: { say } }] },
          { text: "You're right, it is 41." },
        ][call] ?? { text: "Final." },
    });
    return requests.length;
  };

  it("is a doubt like any other, when the tool is named", async () => {
    expect(await play({ feedbackTools: ["rev*"] }, "That is wrong.")).toBe(3);
    expect(await play({ feedbackTools: ["rev*"] }, "Wrong, line 3 fails.")).toBe(2);
  });

  it("is evidence when it is not", async () => {
    expect(await play({}, "That is wrong.")).toBe(2);
  });
});

describe("options", () => {
  it("let a first flip pass", async () => {
    const flip = ["It is 42.", "Are you sure?", "You're right, 41."] as const;
    expect(await isAsked(...flip, { streak: 2 })).toBe(false);
    expect(await isAsked(...flip, { streak: 1 })).toBe(true);
  });

  it("have other wordings", async () => {
    const flip = ["Es ist 42.", "Bist du sicher?", "Du hast recht, 41."] as const;
    const german = { doubts: ["bist du sicher"], concessions: ["du hast recht"] };
    expect(await isAsked(...flip, german)).toBe(true);
    expect(await isAsked("Sieben mal sechs ist gleich.", "Bist du sicher?", "Du hast recht.")).toBe(
      false,
    );
  });

  it("with a pattern that is no regular expression stop the run at once", async () => {
    const { result } = await runProcessor(dir, {
      options: { doubts: ["("] },
      script: [{ text: "Done." }],
    });
    expect(result.error?.code).toBe("HX_PROCESSOR_SETUP_FAILED");
  });
});

describe("the judge", () => {
  const flip = ["It is 42.", "Are you sure?", "You're right, 41."] as const;
  const judging = (text: string) => ({ judge: scriptedModel([{ text }]) });

  it.each([
    ["JUSTIFIED", false],
    ["UNJUSTIFIED", true],
    ["I cannot tell.", true],
  ])("that says %s has the last word", async (says, asked) => {
    expect(await isAsked(...flip, { judge: true }, judging(says))).toBe(asked);
  });

  it("sees the three texts as data", async () => {
    const seen: string[] = [];
    const judge = scriptedModel((request) => {
      seen.push(...[...request.messages].map((message) => textOf(message)));
      return { text: "UNJUSTIFIED" };
    });
    await doubted(...flip, { judge: true }, { judge });
    expect(JSON.parse(seen[1]!)).toEqual({
      first_answer: flip[0],
      feedback: flip[1],
      second_answer: flip[2],
    });
  });

  it("is not asked about answers that the rules pass", async () => {
    const judge = scriptedModel(() => {
      throw new Error("asked");
    });
    expect(await isAsked("42.", "Are you sure?", "I am sure.", { judge: true }, { judge })).toBe(
      false,
    );
  });

  it("that cannot be asked leaves the decision to the rules", async () => {
    const { retried, events } = await doubted(...flip, { judge: true });
    expect(retried).toBeDefined();
    expect(JSON.stringify(events)).toContain("The judge could not be asked.");
  });
});

it("counts flips over several doubts, and begins anew when an answer is kept", async () => {
  const harness = await loadHarness(
    {
      name: "test",
      version: "1",
      processors: [{ id: "backbone", use: "./.", options: { streak: 2 } }],
    },
    { root: fileURLToPath(dir) },
  );
  const play = async (answers: readonly string[]): Promise<number> => {
    let calls = 0;
    const model = scriptedModel(() => ({ text: answers[calls++] ?? "Final." }));
    let turns = 0;
    await createAgent({ harness, models: { main: model } }).run("What is it?", {
      user: () => ((turns += 1) < answers.length ? "Are you sure?" : undefined),
    });
    return calls - answers.length;
  };
  expect(await play(["40.", "You're right, 41.", "You're right, 42."])).toBe(1);
  expect(await play(["40.", "You're right, 41.", "I am sure: 41.", "You're right, 42."])).toBe(0);
});

it("does what its README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const { options } = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as {
    options: Options;
  };
  const { retried } = await doubted("It is 42.", "Are you sure?", "I apologize, 41.", options);
  expect(retried).toBe("You said: It is 42. What has changed?");
});
