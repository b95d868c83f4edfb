import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createAgent, loadHarness } from "@harnessx/core";
import { textOf, tool, type Tool } from "@harnessx/core/plugin";
import {
  assertConformant,
  runProcessor,
  scriptedModel,
  type RunProcessorInput,
} from "@harnessx/core/testing";
import { describe, expect, it } from "vitest";
import { outcomeOf } from "../src/failures.ts";

const dir = new URL("..", import.meta.url);
const schema = { type: "object" } as const;
/** Does as it is told. */
const make = (name: string): Tool =>
  tool<{ status?: "ok" | "error" | "timeout" | "refused" | "cancelled"; text?: string }>({
    name,
    description: "Does as it is told.",
    inputSchema: schema,
    execute: ({ status = "ok", text = "Fine." }) => ({ status, content: text }),
  });
const tools = [make("a"), make("b"), make("run_tests")];
/** "a!" fails, "a?" times out, "a-" is refused, "a" works. */
const call = (sign: string) => {
  const status = { "!": "error", "?": "timeout", "-": "refused" }[sign.at(-1)!];
  const name = sign.replace(/[!?-]$/, "");
  return { name, input: status ? { status } : {} };
};
const step = (...signs: string[]) => ({ calls: signs.map(call) });
type Options = RunProcessorInput["options"];

const run = (options: Options, steps: readonly (readonly string[])[]) =>
  runProcessor(dir, {
    options,
    tools,
    script: [...steps.map((signs) => step(...signs)), { text: "Done." }],
  });
const one = (signs: string): string[][] => signs.split(" ").map((sign) => [sign]);
/** What was added to each request after the first. */
async function advice(options: Options, signs: string): Promise<(string | undefined)[]> {
  const { requests } = await run(options, one(signs));
  return requests.slice(1).map(({ messages }) => {
    const last = messages.at(-1)!;
    return last.role === "user" ? textOf(last) : undefined;
  });
}
async function statuses(
  options: Options,
  steps: readonly (readonly string[])[],
): Promise<string[]> {
  const { result } = await run(options, steps);
  expect(result.exit).toBe("done");
  return [...result.messages].flatMap((message) =>
    message.role === "tool" ? [message.status] : [],
  );
}

it.each([
  undefined,
  { adviseTool: 1, blockTool: 1, blockSteps: 1, adviseRow: 1, abortRow: 3, exempt: ["act"] },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

describe("advice", () => {
  it("names a tool that has failed three times since it worked", async () => {
    expect(await advice({}, "a! a a! b a? a! b")).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      expect.stringContaining("The tool a has failed 3 times since it last worked."),
      undefined,
    ]);
  });

  it("is about the row when no single tool is to blame", async () => {
    expect(await advice({ adviseRow: 3 }, "a! b! a! b")).toEqual([
      undefined,
      undefined,
      expect.stringContaining("The last 3 tool calls have all failed."),
      undefined,
    ]);
  });

  it("is off at 0", async () => {
    const options = { adviseTool: 0, adviseRow: 0, blockTool: 0 };
    expect(await advice(options, "a! a! a! a! a! a!")).toEqual(Array(6).fill(undefined));
  });

  it("counts errors of the runtime, too: unknown tools and throws", async () => {
    expect((await advice({ adviseTool: 2 }, "no no")).at(-1)).toContain("The tool no has failed 2");
  });
});

describe("a failure", () => {
  it("is known by its status, never by its text", async () => {
    const script = Array.from({ length: 6 }, () => ({
      calls: [{ name: "a", input: { text: "Error: file not found (exit code 1)" } }],
    }));
    const { requests } = await runProcessor(dir, {
      options: { blockTool: 2, adviseRow: 2 },
      tools,
      script: [...script, { text: "Done." }],
    });
    expect(requests.slice(1).every(({ messages }) => messages.at(-1)!.role === "tool")).toBe(true);
    // The same status with a friendly text is one.
    const friendly = await runProcessor(dir, {
      options: { adviseTool: 1 },
      tools,
      script: [
        { calls: [{ name: "a", input: { status: "error", text: "All good!" } }] },
        { text: "Done." },
      ],
    });
    expect(textOf(friendly.requests[1]!.messages.at(-1)!)).toContain("has failed 1 times");
  });

  it.each([
    ["ok", "worked"],
    ["error", "failed"],
    ["timeout", "failed"],
    ["refused", "not run"],
    ["cancelled", "not run"],
  ] as const)("of status %s is %s", (status, outcome) => {
    expect(outcomeOf(status)).toBe(outcome);
  });

  it("of an exempt tool is none", async () => {
    const options = { adviseTool: 1, blockTool: 1, adviseRow: 1, exempt: ["run_tests"] };
    expect(await advice(options, "run_tests! run_tests!")).toEqual([undefined, undefined]);
  });

  it("is neither added to nor taken back by a refused call", async () => {
    expect((await advice({ adviseTool: 2 }, "a! a- a!")).map(Boolean)).toEqual([
      false,
      false,
      true,
    ]);
  });
});

describe("block", () => {
  const options = { blockTool: 2, blockSteps: 2 };

  it("lasts for its steps, and one more failure renews it", async () => {
    expect(await statuses(options, one("a! a! a a a! a a a"))).toEqual([
      "error",
      "error",
      "refused",
      "refused",
      "error",
      "refused",
      "refused",
      "ok",
    ]);
  });

  it("ends for good when the tool works again", async () => {
    expect((await statuses(options, one("a! a! b b a a! a"))).slice(4)).toEqual([
      "ok",
      "error",
      "ok",
    ]);
  });

  it("is of that tool alone", async () => {
    expect(await statuses(options, one("a! a! b"))).toEqual(["error", "error", "ok"]);
  });

  it("is announced", async () => {
    const said = await advice(options, "a! a! a b b");
    expect(said[1]).toContain("The tool a has failed 2 times since it last worked and is blocked");
    expect(said[1]).toContain("for 2 steps");
    expect(said[3]).toBeUndefined();
  });

  it("reaches later calls of the same step", async () => {
    const { result } = await runProcessor(dir, {
      options,
      tools,
      limits: { parallelTools: 1 },
      script: [step("a!", "a!", "a", "b"), { text: "Done." }],
    });
    expect([...result.messages].slice(2, 6)).toMatchObject([
      { status: "error" },
      { status: "error" },
      { status: "refused" },
      { status: "ok" },
    ]);
  });

  it("is off at 0", async () => {
    expect(await statuses({ blockTool: 0 }, one("a! a! a! a! a! a! a"))).not.toContain("refused");
  });
});

describe("abort", () => {
  it("ends the task after so many failures in a row", async () => {
    const { result } = await run({ abortRow: 3 }, one("a! b! a! b a"));
    expect(result).toMatchObject({
      exit: "aborted",
      reason: "The last 3 tool calls in a row failed.",
    });
  });

  it("does not when a call between them worked, and is off by default", async () => {
    expect((await run({ abortRow: 3 }, one("a! b! a a! b! a"))).result.exit).toBe("done");
    expect((await run({ blockTool: 0 }, one("a! a! a! a! a! a! a! a!"))).result.exit).toBe("done");
  });
});

it("keeps its counts over a swap", async () => {
  const root = fileURLToPath(dir);
  const processors = [{ id: "failures", use: "./.", options: { adviseTool: 2 } }];
  const first = await loadHarness({ name: "t", version: "1", processors }, { root });
  const second = await loadHarness({ name: "t", version: "2", processors }, { root });
  const requests: string[] = [];
  const model = scriptedModel(({ messages }, number) => {
    requests.push(textOf(messages.at(-1)!));
    return number < 2 ? step("a!") : { text: "Done." };
  });
  const agent = createAgent({ harness: first, models: { main: model } });
  await agent.run("Go.", { tools, follow: () => (requests.length === 1 ? second : undefined) });
  expect(requests[2]).toContain("has failed 2 times");
});

it("does what the README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!);
  const harness = await loadHarness(
    { name: "shown", version: "1", processors: [entry] },
    { root: fileURLToPath(dir) },
  );
  const script = one("a! a! a! a run_tests! run_tests! run_tests!").map((signs) => step(...signs));
  const model = scriptedModel([...script, { text: "Done." }]);
  const result = await createAgent({ harness, models: { main: model } }).run("Go.", { tools });
  expect([...result.messages].flatMap((m) => (m.role === "tool" ? [m.status] : []))).toEqual([
    "error",
    "error",
    "error",
    "refused",
    "error",
    "error",
    "error",
  ]);
});
