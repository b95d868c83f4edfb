import { createAgent, loadHarness } from "@harnessx/core";
import { textOf, tool } from "@harnessx/core/plugin";
import {
  assertConformant,
  runProcessor,
  scriptedModel,
  type RunProcessorInput,
} from "@harnessx/core/testing";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const dir = new URL("..", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "self-check-"));
writeFileSync(join(folder, "a.ts"), "");
symlinkSync(fileURLToPath(new URL("package.json", dir)), join(folder, "outside.ts"));
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  undefined,
  {
    schema: { type: "object" },
    mustMatch: [{ pattern: "^[A-Z]" }],
    mustNotMatch: [{ pattern: "todo", flags: "iu" }],
    files: { atLeast: 1 },
    maxChars: 100,
    retries: 2,
  },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

/** Lets the model answer with these texts, one after the other. */
async function answers(
  texts: readonly string[],
  options: RunProcessorInput["options"] = {},
  more: Partial<RunProcessorInput> = {},
) {
  const script = (_request: unknown, call: number) => ({
    text: texts[Math.min(call, texts.length - 1)]!,
  });
  const run = await runProcessor(dir, { options, script, ...more });
  const [evaluation] = run.result.evaluations;
  return { ...run, evaluation };
}

describe("an answer", () => {
  it("that passes is left alone", async () => {
    const { result, evaluation, requests } = await answers(["4."]);
    expect([result.output, requests.length]).toEqual(["4.", 1]);
    expect(evaluation).toEqual({
      name: "self-check",
      score: 1,
      passed: true,
      details: { checks: [{ check: "minChars", ok: true }], retries: 0 },
    });
  });

  it("that fails is asked for once more, and told what is wrong with which answer", async () => {
    const { result, evaluation, requests } = await answers(["Maybe blue.", "Blue."], {
      mustNotMatch: [{ pattern: "maybe", flags: "iu", message: "It must commit itself." }],
    });
    expect(result.output).toBe("Blue.");
    expect(evaluation).toMatchObject({ passed: true, details: { retries: 1 } });
    const told = textOf(requests[1]!.messages.at(-1)!);
    expect(told).toContain("Maybe blue.");
    expect(told).toContain("It must commit itself.");
  });

  it("that does not get better stands, and fails", async () => {
    const { result, evaluation, requests } = await answers([""], { retries: 2 });
    expect([result.exit, requests.length]).toEqual(["done", 3]);
    expect(evaluation).toMatchObject({ score: 0, passed: false, reason: "It is empty." });
  });

  it("is only judged where no retry is allowed", async () => {
    const { requests, evaluation } = await answers([""], { retries: 0 });
    expect([requests.length, evaluation!.passed]).toEqual([1, false]);
  });
});

const number = {
  type: "object",
  properties: { answer: { type: "number" } },
  required: ["answer"],
  additionalProperties: false,
};

describe("each check rejects what it is for, and nothing else", () => {
  it.each([
    ["minChars", { minChars: 5 }, "  abc   ", "abcde"],
    ["maxChars", { maxChars: 5 }, "abcdef", "abcde"],
    ["schema", { schema: number }, "four", '{"answer": 4}'],
    ["schema", { schema: number }, '{"answer": "4"}', '```json\n{"answer": 4}\n```'],
    ["mustMatch", { mustMatch: [{ pattern: "\\d" }] }, "four", "4"],
    ["mustNotMatch", { mustNotMatch: [{ pattern: "TODO" }] }, "TODO", "todo"],
    ["files", { files: { root: folder } }, "I changed `b.ts`.", "I changed `a.ts`."],
    ["files", { files: { root: folder } }, "See `../package.json`.", "See `./a.ts`."],
    ["files", { files: { root: folder } }, "See `outside.ts`.", "See `a.ts`, as it is."],
    ["files", { files: { root: folder, atLeast: 1 } }, "All done.", "See `a.ts` and `a.ts`."],
    ["files", { files: { root: join(folder, "no") } }, "See `a.ts`.", "All done."],
  ])("%s", async (check, options, bad, good) => {
    const rejected = (await answers([bad], { ...options, retries: 0 })).evaluation!;
    const { checks } = rejected.details as { checks: { check: string; ok: boolean }[] };
    expect(checks.filter(({ ok }) => !ok).map((one) => one.check)).toEqual([check]);
    expect(rejected.passed).toBe(false);
    expect((await answers([good], { ...options, retries: 0 })).evaluation!.passed).toBe(true);
  });
});

it("gives the share of checks as the score", async () => {
  const { evaluation } = await answers(["abcdef"], {
    maxChars: 5,
    mustMatch: [{ pattern: "a" }, { pattern: "z" }],
    retries: 0,
  });
  expect(evaluation!.score).toBe(0.5);
});

it("looks for files in the run's workspace, and a replay does not look", async () => {
  const root = fileURLToPath(dir);
  const slots = { workspace: { root: folder } };
  const { evaluation, events } = await answers(["See `a.ts`."], { files: {} }, { slots });
  expect(evaluation!.passed).toBe(true);
  const options = { files: {} };
  const harness = await loadHarness(
    {
      name: "test",
      version: "1",
      processors: [{ id: "subject", use: "./self-check", options }],
      slots,
    },
    { root: join(root, "..") },
  );
  rmSync(join(folder, "a.ts"));
  const agent = createAgent({ harness, models: { main: scriptedModel([]) } });
  const { identical, divergence } = await agent.replay(events);
  writeFileSync(join(folder, "a.ts"), "");
  expect(divergence).toBeUndefined();
  expect(identical).toBe(true);
});

it("looks for at most so many files", async () => {
  const names = Array.from({ length: 9 }, (_, index) => `\`no${index}.ts\``).join(" ");
  const files = { root: folder, maxFiles: 3 };
  const { evaluation } = await answers([names], { files, retries: 0 });
  expect(evaluation!.reason).toBe("It names files that do not exist: no0.ts, no1.ts, no2.ts.");
});

it("does not judge a task that a tool has ended without an answer", async () => {
  const finish = tool({
    name: "finish",
    description: "Ends the task.",
    inputSchema: { type: "object" },
    execute: () => ({ status: "ok", content: "That was all.", end: true }),
  });
  const { result, events } = await runProcessor(dir, {
    tools: [finish],
    script: [{ calls: [{ name: "finish" }] }],
  });
  expect([result.exit, result.evaluations.length]).toEqual(["done", 0]);
  expect(events.some((event) => event.type === "log" && event.message.includes("no answer"))).toBe(
    true,
  );
});

it("leaves text beside tool calls alone", async () => {
  const { requests } = await runProcessor(dir, {
    options: { minChars: 10 },
    script: [{ text: "Hm.", calls: [{ name: "none" }] }, { text: "A long answer." }],
  });
  expect(requests).toHaveLength(2);
});

it.each([{ mustMatch: [{ pattern: "(" }] }, { schema: { type: "nothing" } }])(
  "rejects %j",
  async (options) => {
    const { result } = await answers(["a"], options);
    expect(result.error?.code).toBe("HX_PROCESSOR_SETUP_FAILED");
  },
);

it("runs the example of the README", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as {
    id: string;
    use: string;
  };
  const harness = await loadHarness(
    { name: "test", version: "1", processors: [entry] },
    { root: fileURLToPath(dir) },
  );
  const main = scriptedModel((_request, call) => ({ text: ["Four.", '{"answer": 4}'][call]! }));
  const result = await createAgent({ harness, models: { main } }).run("What is 2 + 2?");
  expect(result.output).toBe('{"answer": 4}');
  expect(result.evaluations[0]).toMatchObject({ passed: true, details: { retries: 1 } });
});
