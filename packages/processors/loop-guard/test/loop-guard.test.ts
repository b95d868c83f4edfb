import { textOf, tool } from "@harnessx/core/plugin";
import { assertConformant, runProcessor, type RunProcessorInput } from "@harnessx/core/testing";
import { createAgent, loadHarness, scriptedModel } from "@harnessx/core";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { cycleAt, hashText, repeatsIn, type Outcome } from "../src/detect.ts";

const dir = new URL("..", import.meta.url);
let clock = 0;
const tools = [
  tool<{ command: string }>({
    name: "act",
    description: "Does something.",
    inputSchema: { type: "object", properties: { command: { type: "string" } } },
    execute: ({ command }) => `You did: ${command}.`,
  }),
  tool({
    name: "poll",
    description: "Tells the time.",
    inputSchema: { type: "object" },
    execute: () => `It is ${(clock += 1)}.`,
  }),
];
const act = (command: string) => ({ calls: [{ name: "act", input: { command } }] });
const done = { text: "Done." };

type Options = RunProcessorInput["options"];
const run = (options: Options, script: RunProcessorInput["script"]) =>
  runProcessor(dir, { options, tools, script });

/** What was appended to each request after the first. */
async function advice(
  options: Options,
  commands: readonly string[],
): Promise<(string | undefined)[]> {
  const { requests } = await run(options, [...commands.map(act), done]);
  return requests.slice(1).map(({ messages }) => {
    const last = messages.at(-1)!;
    return last.role === "user" ? textOf(last) : undefined;
  });
}

it.each([
  undefined,
  {
    adviseRepeats: 2,
    blockRepeats: 3,
    blockCycles: 2,
    abortRepeats: 5,
    abortCycles: 4,
    abortStill: 12,
  },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

describe("advice", () => {
  const repeated = (command: string, count: number) =>
    `You have repeated ${command} ${count} times without progress; choose a different action that you have not tried.`;

  it("names a call that had the same outcome three times", async () => {
    expect(await advice({}, ["knock", "knock", "knock", "knock"])).toEqual([
      undefined,
      undefined,
      repeated("knock", 3),
      repeated("knock", 4),
    ]);
  });

  it("stays while the calls are in the window and goes when they have left it", async () => {
    const said = await advice({ window: 4 }, ["knock", "knock", "knock", "wait", "sit", "stand"]);
    expect(said.map((line) => line !== undefined)).toEqual([
      false,
      false,
      true,
      true,
      false,
      false,
    ]);
  });

  it("names the calls of a cycle", async () => {
    const said = await advice({}, ["go left", "go right", "go left", "go right"]);
    expect(said.at(-2)).toBeUndefined();
    expect(said.at(-1)).toBe(
      "You are going in a circle without progress: go left, go right. Choose a different action that you have not tried.",
    );
  });

  it("says when nothing new has been seen for long", async () => {
    const said = await advice({ adviseRepeats: 0, adviseCycles: 0, adviseStill: 3 }, [
      "a",
      "b",
      "a",
      "b",
      "a",
    ]);
    expect(said.map((line) => line !== undefined)).toEqual([false, false, false, false, true]);
    expect(said.at(-1)).toContain("The last 3 actions showed nothing new.");
  });

  it("is not given for a call whose outcome changes", async () => {
    const { requests } = await run({}, [
      ...Array.from({ length: 5 }, () => ({ calls: [{ name: "poll" }] })),
      done,
    ]);
    expect(
      requests.every(({ messages }) => messages.length === 1 || messages.at(-1)!.role === "tool"),
    ).toBe(true);
  });

  it("takes calls with reordered arguments for the same", async () => {
    const call = (input: object) => ({
      calls: [{ name: "act", input: { ...input, command: "x" } }],
    });
    const { requests } = await run({ adviseRepeats: 2 }, [
      call({ a: 1, b: 2 }),
      call({ b: 2, a: 1 }),
      done,
    ]);
    expect(textOf(requests.at(-1)!.messages.at(-1)!)).toContain("2 times");
  });
});

describe("block", () => {
  const results = async (options: Options, commands: readonly string[]): Promise<string[]> => {
    const { result } = await run(options, [...commands.map(act), done]);
    return result.messages
      .slice()
      .flatMap((message) => (message.role === "tool" ? [message.status] : []));
  };

  it("refuses a call once it has been repeated, and only that call", async () => {
    expect(await results({ blockRepeats: 2 }, ["knock", "knock", "knock", "sit", "knock"])).toEqual(
      ["ok", "ok", "refused", "ok", "refused"],
    );
  });

  it("refuses the call that would go on with a cycle", async () => {
    expect(await results({ blockCycles: 2 }, ["a", "b", "a", "b", "a", "c"])).toEqual([
      "ok",
      "ok",
      "ok",
      "ok",
      "refused",
      "ok",
    ]);
  });

  it("lets the call through again when its repeats have left the window", async () => {
    const commands = ["knock", "knock", "a", "b", "c", "knock"];
    expect(await results({ blockRepeats: 2, window: 4 }, commands)).not.toContain("refused");
  });

  it("is off by default", async () => {
    expect(
      await results(
        {},
        Array.from({ length: 8 }, () => "knock"),
      ),
    ).not.toContain("refused");
  });
});

describe("abort", () => {
  const end = (options: Options, commands: readonly string[]) =>
    run(options, [...commands.map(act), done]);

  it.each([
    [{ abortRepeats: 3 }, "The same call was made 3 times without progress: knock."],
    [
      { abortRepeats: 3, blockRepeats: 2 },
      "The same call was made 3 times without progress: knock.",
    ],
    [{ abortStill: 4 }, "The last 4 calls showed nothing new."],
  ])("with %j ends the task as a loop", async (options, reason) => {
    const { result } = await end(
      options,
      Array.from({ length: 9 }, () => "knock"),
    );
    expect(result).toMatchObject({ exit: "loop", reason });
  });

  it("ends the task on a cycle", async () => {
    const { result } = await end({ abortCycles: 2 }, ["a", "b", "c", "a", "b", "c"]);
    expect(result).toMatchObject({
      exit: "loop",
      reason: "The same calls went round 2 times without progress: a, b, c.",
    });
  });

  it("is off by default", async () => {
    const { result } = await end(
      {},
      Array.from({ length: 20 }, () => "knock"),
    );
    expect(result.exit).toBe("done");
  });
});

it("knows after a swap what happened before", async () => {
  const root = fileURLToPath(dir);
  const processors = [{ id: "loops", use: "./." }];
  const none = await loadHarness({ name: "none", version: "1" }, { root });
  const guarded = await loadHarness({ name: "guarded", version: "1", processors }, { root });
  const requests: string[] = [];
  const model = scriptedModel((request, call) => {
    requests.push(textOf(request.messages.at(-1)!));
    return call < 4 ? act("knock") : done;
  });
  const agent = createAgent({ harness: none, models: { main: model } });
  const result = await agent.run("Knock.", {
    tools,
    follow: () => (requests.length >= 3 ? guarded : undefined),
  });
  expect(result.exit).toBe("done");
  expect(requests.map((text) => text.includes("You have repeated knock"))).toEqual([
    false,
    false,
    false,
    true,
    true,
  ]);
});

describe("detection", () => {
  const calls = (text: string): Outcome[] =>
    text.split("").map((key) => ({ key, action: key, reply: 0 }));
  const cycle = (text: string, rounds = 2, period = 4): string | undefined =>
    cycleAt(calls(text), rounds, period)
      ?.map(({ key }) => key)
      .join("");

  it.each([
    ["abab", "ab"],
    ["xabab", "ab"],
    ["abcabc", "abc"],
    ["aaaa", undefined],
    ["abba", undefined],
    ["ababc", undefined],
    ["abcdeabcde", undefined],
    ["aabaab", "aab"],
  ])("of a cycle in %s finds %s", (text, found) => {
    expect(cycle(text)).toBe(found);
  });

  it("is off at 0", () => {
    expect(cycle("abab", 0)).toBeUndefined();
    expect(repeatsIn(calls("aaaa"), 0)).toEqual([]);
  });

  it("counts repeats by call and reply", () => {
    const mixed = [...calls("aab"), { key: "a", action: "a", reply: 1 }];
    expect(repeatsIn(mixed, 2)).toEqual([{ key: "a", action: "a", count: 2 }]);
  });

  it("tells texts apart", () => {
    const texts = Array.from({ length: 5_000 }, (_, index) => `reply ${index}`);
    expect(new Set(texts.map(hashText)).size).toBe(texts.length);
  });
});
