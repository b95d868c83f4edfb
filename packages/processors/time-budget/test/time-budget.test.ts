import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createAgent, loadHarness } from "@harnessx/core";
import { textOf, tool, type ModelRequest } from "@harnessx/core/plugin";
import {
  assertConformant,
  runProcessor,
  scriptedModel,
  type RunProcessorInput,
} from "@harnessx/core/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { inWords } from "../src/progress.ts";

const dir = new URL("..", import.meta.url);
const start = Date.UTC(2030, 0, 1);
/** Only the date is made up: the runtime's own timers stay real and never fire. */
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: start }));
afterEach(() => void vi.useRealTimers());

const later = (ms: number): void => void vi.setSystemTime(Date.now() + ms);
const wait = tool<{ ms: number }>({
  name: "wait",
  description: "Takes a while.",
  inputSchema: { type: "object" },
  execute: ({ ms }) => {
    later(ms);
    return "Waited.";
  },
});
const submit = tool({
  name: "submit",
  description: "Hands in.",
  inputSchema: { type: "object" },
  execute: () => ({ status: "ok", content: "Thanks.", end: true }),
});
const waits = (...ms: number[]) => [
  ...ms.map((each) => ({ calls: [{ name: "wait", input: { ms: each } }] })),
  { text: "Done." },
];
/** What was added to each request after the first. */
const said = (requests: readonly ModelRequest[]): (string | undefined)[] =>
  requests.slice(1).map(({ messages }) => {
    const last = messages.at(-1)!;
    return last.role === "user" ? textOf(last) : undefined;
  });
const run = (
  options: RunProcessorInput["options"],
  script: RunProcessorInput["script"],
  limits: RunProcessorInput["limits"] = {},
) => runProcessor(dir, { options, script, limits, tools: [wait, submit] });

it.each([undefined, { maxMs: 60_000, remindAt: [], finalAt: 0.0001, finalTools: [] }])(
  "keeps the plugin contract with %j",
  async (options) => {
    vi.useRealTimers();
    await assertConformant(dir, options ? { options } : {});
  },
);

describe("reminders", () => {
  it("come once at each share of the run's own time", async () => {
    const { result, requests } = await run({}, waits(40_000, 36_000, 1_000, 14_000), {
      maxTimeMs: 100_000,
    });
    expect(result.exit).toBe("done");
    expect(said(requests)).toEqual([
      undefined,
      "76 % of the time for this task is used, 24 s are left. Plan what you can still finish.",
      undefined,
      "91 % of the time for this task is used, 9 s are left. Plan what you can still finish.",
    ]);
  });

  it("of several shares at once are one", async () => {
    const { requests } = await run({ finalAt: 1 }, waits(92_000, 1), { maxTimeMs: 100_000 });
    expect(said(requests)).toEqual([expect.stringContaining("92 %"), undefined]);
  });

  it("follow the limit that ends first", async () => {
    const script = waits(80_000);
    const own = await run({ maxMs: 100_000 }, script, { maxTimeMs: 1_000_000 });
    expect(said(own.requests)).toEqual([expect.stringContaining("80 %")]);
    const hard = await run({ maxMs: 1_000_000 }, script, { maxTimeMs: 100_000 });
    expect(said(hard.requests)).toEqual([expect.stringContaining("20 s are left")]);
  });

  it("do not come without any limit, and not before their share", async () => {
    expect(said((await run({}, waits(9e9, 9e9))).requests)).toEqual([undefined, undefined]);
    const early = await run({}, waits(74_000), { maxTimeMs: 100_000 });
    expect(said(early.requests)).toEqual([undefined]);
  });

  it("use the words of the options", async () => {
    const options = { remindAt: [0.5], wording: { reminder: "{percent}|{left}|{other}" } };
    const { requests } = await run({ maxMs: 7_200_000, ...options }, waits(3_700_000));
    expect(said(requests)).toEqual(["51|58 min 20 s|{other}"]);
  });
});

describe("the last share", () => {
  const final = expect.stringContaining("give your final answer now");

  it("asks for the answer in every request", async () => {
    const { requests } = await run({ maxMs: 100_000 }, waits(96_000, 1_000, 1_000));
    expect(said(requests)).toEqual([final, final, final]);
    expect(requests.at(-1)!.tools).toHaveLength(2);
  });

  it("can leave only some tools", async () => {
    const options = { maxMs: 100_000, finalTools: ["submit"] };
    const { result, requests } = await run(options, [
      waits(96_000)[0]!,
      { calls: [{ name: "submit" }] },
    ]);
    expect(requests.map(({ tools }) => tools.map(({ name }) => name))).toEqual([
      ["wait", "submit"],
      ["submit"],
    ]);
    expect(result.exit).toBe("done");
  });

  it("is off at 1", async () => {
    const options = { maxMs: 100_000, finalAt: 1, remindAt: [], atLimit: "continue" };
    expect(said((await run(options, waits(99_000, 50_000))).requests)).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe("the end of maxMs", () => {
  it("ends the task", async () => {
    const { result } = await run({ maxMs: 90_000 }, waits(89_000, 1_000, 1_000));
    expect(result).toMatchObject({
      exit: "aborted",
      reason: "The time of 1 min 30 s for the task is used up.",
      totals: { steps: 3, modelCalls: 2 },
    });
  });

  it("can be left to the model", async () => {
    const options = { maxMs: 90_000, atLimit: "continue" };
    const { result, requests } = await run(options, waits(200_000));
    expect(result.exit).toBe("done");
    expect(said(requests)).toEqual([expect.stringContaining("0 s are left")]);
  });
});

it("goes on over a swap, and counts from its insertion", async () => {
  const root = fileURLToPath(dir);
  const processors = [{ id: "time", use: "./.", options: { maxMs: 100_000 } }];
  const none = await loadHarness({ name: "t", version: "1" }, { root });
  const first = await loadHarness({ name: "t", version: "2", processors }, { root });
  const second = await loadHarness({ name: "t", version: "3", processors }, { root });
  const requests: ModelRequest[] = [];
  const script = waits(500_000, 80_000, 1_000, 15_000);
  const model = scriptedModel((request, call) => {
    requests.push(request);
    return script[call]!;
  });
  const agent = createAgent({ harness: none, models: { main: model } });
  const harnesses = [none, first, first, second];
  const result = await agent.run("Wait.", {
    tools: [wait],
    follow: () => harnesses[Math.min(requests.length, 3)],
  });
  expect(result.exit).toBe("done");
  expect(said(requests)).toEqual([
    undefined,
    expect.stringContaining("80 %"),
    undefined,
    expect.stringContaining("4 s are left. Start nothing new"),
  ]);
});

it.each([
  [0, "0 s"],
  [59_999, "59 s"],
  [60_000, "1 min"],
  [150_000, "2 min 30 s"],
  [3_600_000, "1 h"],
  [3_900_000, "1 h 5 min"],
])("says %i ms as %s", (ms, words) => {
  expect(inWords(ms)).toBe(words);
});

it("does what the README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!);
  const harness = await loadHarness(
    { name: "shown", version: "1", processors: [entry] },
    { root: fileURLToPath(dir) },
  );
  const requests: ModelRequest[] = [];
  const model = scriptedModel((request, call) => {
    requests.push(request);
    return call === 0 ? waits(580_000)[0]! : { calls: [{ name: "submit" }] };
  });
  const agent = createAgent({ harness, models: { main: model } });
  const result = await agent.run("Hand it in.", { tools: [wait, submit] });
  expect(result.exit).toBe("done");
  expect(requests[1]!.tools.map(({ name }) => name)).toEqual(["submit"]);
});
