import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createAgent, inspectPlugin, loadHarness, resolveOptions } from "@harnessx/core";
import { textOf, tool, type ToolResult } from "@harnessx/core/plugin";
import {
  assertConformant,
  runProcessor,
  scriptedModel,
  type RunProcessorInput,
} from "@harnessx/core/testing";
import { describe, expect, it } from "vitest";
import { kindOf } from "../src/classify.ts";
import { fingerprint } from "../src/fingerprint.ts";
import type { RetryPolicyOptions } from "../src/index.ts";

const dir = new URL("..", import.meta.url);
const folder = fileURLToPath(dir);
const defaults = resolveOptions(
  await inspectPlugin(folder),
  "retries",
) as unknown as RetryPolicyOptions;

let runs = 0;
/** Fails with the code that it is given, until it is given none. */
const fetchTool = tool<{ code?: string; status?: ToolResult["status"]; url?: string }>({
  name: "fetch",
  description: "Fetches.",
  inputSchema: { type: "object" },
  execute: ({ code, status = "error" }) => {
    runs += 1;
    if (code === undefined) return "Fetched.";
    return { status, content: "It did not work.", error: { code, message: "No." } };
  },
});
const change = tool<{ n?: number }>({
  name: "change",
  description: "Does something else.",
  inputSchema: { type: "object" },
  execute: () => {
    runs += 1;
    return "Changed.";
  },
});
const tools = [fetchTool, change];
const calls = {
  net: { name: "fetch", input: { code: "ECONNRESET" } },
  slow: { name: "fetch", input: { code: "X", status: "timeout" } },
  gone: { name: "fetch", input: { code: "ENOENT", url: "a" } },
  gone2: { name: "fetch", input: { url: "a", code: "ENOENT" } },
  other: { name: "fetch", input: { code: "ENOENT", url: "b" } },
  odd: { name: "fetch", input: { code: "ODD" } },
  no: { name: "fetch", input: { code: "ENOENT", status: "refused" } },
  else: { name: "change", input: {} },
} as const;
type Name = keyof typeof calls;
type Options = RunProcessorInput["options"];

/** The results of these calls, one a step: "status text". */
async function results(options: Options, names: string): Promise<string[]> {
  const { result } = await runProcessor(dir, {
    options,
    tools,
    script: [
      ...names.split(" ").map((name) => ({ calls: [calls[name as Name]] })),
      { text: "Done." },
    ],
  });
  expect(result.exit).toBe("done");
  return [...result.messages].flatMap((message) =>
    message.role === "tool" ? [`${message.status} ${textOf(message)}`] : [],
  );
}
const statuses = async (options: Options, names: string): Promise<string> =>
  (await results(options, names)).map((line) => line.split(" ", 1)[0]).join(" ");

it.each([
  undefined,
  { retryable: ["ENOENT"], permanent: [], maxRetries: 1, enforceBackoff: true, backoffSteps: 2 },
  { retryTimeouts: false, assumePermanentAfter: 1, maxBackoffSteps: 0 },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

describe("a failure that may pass", () => {
  it("comes with a number of steps, twice as many every time, until the retries are used up", async () => {
    const lines = await results({}, "net else net else net else net");
    const waits = lines.map((line) => /retry (\d of \d); steps .*: (\d)\./.exec(line)?.slice(1));
    expect(waits).toEqual([
      ["1 of 3", "1"],
      undefined,
      ["2 of 3", "2"],
      undefined,
      ["3 of 3", "4"],
      undefined,
      undefined,
    ]);
    expect(lines.at(-1)).toContain("The same call has failed 4 times. Do not repeat it");
  });

  it("waits no longer than the longest wait", async () => {
    const lines = await results({ backoffSteps: 5, maxBackoffSteps: 6 }, "net net");
    expect(lines[0]).toContain("before it: 5.");
    expect(lines[1]).toContain("before it: 6.");
  });

  it("may be repeated at once, but not more often than worth while", async () => {
    expect(await statuses({ maxRetries: 2 }, "net net net net else net")).toBe(
      "error error error refused ok error",
    );
  });

  it("can be held to its time", async () => {
    const options = { enforceBackoff: true, backoffSteps: 2 };
    const lines = await results(options, "net no net net");
    expect(lines.map((line) => line.split(" ")[0])).toEqual([
      "error",
      "refused",
      "refused",
      "error",
    ]);
    expect(lines[2]).toContain("failed in step 1, and it is too early to repeat it.");
    expect(lines[2]).toContain("first: 1.");
  });

  it("of a timeout is one, unless timeouts are not", async () => {
    expect((await results({}, "slow"))[0]).toContain("may pass");
    expect(await statuses({}, "slow slow")).toBe("timeout timeout");
    expect((await results({ retryTimeouts: false }, "slow"))[0]).toContain("would fail again");
  });
});

describe("a failure for good", () => {
  it("is said to be one, and the same call is not run again", async () => {
    runs = 0;
    const lines = await results({}, "gone gone");
    expect(lines[0]).toBe(
      "error It did not work.\n[The same call would fail again. Change its arguments, or first change what it depends on.]",
    );
    expect(lines[1]).toBe(
      "refused Not run: the same call (fetch ENOENT a) failed in step 1, and nothing has worked since that could make it work. Change its arguments, or do something else first.",
    );
    expect(runs).toBe(1);
  });

  it("is that of the same arguments in another order, and of no other", async () => {
    expect(await statuses({}, "gone gone2 other")).toBe("error refused error");
  });

  it("is forgiven when another call has worked in a later step", async () => {
    expect(await statuses({}, "gone else gone gone")).toBe("error ok error refused");
    expect(await statuses({}, "gone net other gone")).toBe("error error error refused");
  });

  it("is not forgiven for a call that ran beside it", async () => {
    const { result } = await runProcessor(dir, {
      tools,
      script: [{ calls: [calls.gone, calls.else] }, { calls: [calls.gone] }, { text: "Done." }],
    });
    expect(result.messages.at(5)).toMatchObject({ role: "tool", status: "refused" });
  });

  it("is assumed from identical failures of an unknown code", async () => {
    const lines = await results({}, "odd odd odd");
    expect(lines[0]).toBe("error It did not work.");
    expect(lines[1]).toContain("would fail again");
    expect(lines[2]).toMatch(/^refused/);
    expect(await statuses({ assumePermanentAfter: 0 }, "odd odd odd odd")).not.toContain("refused");
  });

  it("is not assumed when the failures differ", async () => {
    let tries = 0;
    const flaky = tool({
      name: "flaky",
      description: "Fails in another way every time.",
      inputSchema: { type: "object" },
      execute: () => ({ status: "error", content: `Failure ${(tries += 1)}.` }),
    });
    const { result } = await runProcessor(dir, {
      tools: [flaky],
      script: (_request, call) => (call < 4 ? { calls: [{ name: "flaky" }] } : { text: "Done." }),
    });
    expect(tries).toBe(4);
    expect(textOf(result.messages.at(2)!)).toBe("Failure 1.");
  });
});

it("judges by status and code alone, permanent codes first", () => {
  const kind = (status: ToolResult["status"], code?: string, rules = {}) =>
    kindOf(
      { status, ...(code === undefined ? {} : { error: { code, message: "ENOENT" } }) },
      { ...defaults, ...rules },
    );
  expect(kind("ok", "ENOENT")).toBeUndefined();
  expect(kind("refused", "ENOENT")).toBeUndefined();
  expect(kind("cancelled")).toBeUndefined();
  expect(kind("error")).toBe("unknown");
  expect(kind("error", "ENOENT")).toBe("permanent");
  expect(kind("error", "HTTP_503")).toBe("retryable");
  expect(kind("error", "HTTP_404")).toBe("permanent");
  expect(kind("error", "503")).toBe("retryable");
  expect(kind("error", "XHTTP_503")).toBe("unknown");
  expect(kind("error", "HTTP_503", { permanent: ["HTTP_*"] })).toBe("permanent");
  expect(kind("timeout", "ENOENT")).toBe("permanent");
  expect(kind("error", "", { retryable: ["*"] })).toBe("retryable");
});

it("leaves results alone that are no failures, and a success clears the record", async () => {
  const lines = await results({}, "else no");
  expect(lines).toEqual(["ok Changed.", "refused It did not work."]);
  let tries = 0;
  const once = tool({
    name: "once",
    description: "Works every other time.",
    inputSchema: { type: "object" },
    execute: () =>
      (tries += 1) % 2 === 0
        ? "Worked."
        : { status: "error", content: "", error: { code: "EBUSY", message: "Busy." } },
  });
  const { result } = await runProcessor(dir, {
    tools: [once],
    script: (_request, call) => (call < 4 ? { calls: [{ name: "once" }] } : { text: "Done." }),
  });
  const texts = [...result.messages].filter(({ role }) => role === "tool").map(textOf);
  expect(texts[0]).toMatch(/^\[This kind/);
  expect(texts[2]).toContain("retry 1 of 3");
});

it("adds its advice to results with images", async () => {
  const picture = tool({
    name: "picture",
    description: "Half a picture.",
    inputSchema: { type: "object" },
    execute: () => ({
      status: "error",
      content: [{ type: "image", mediaType: "image/png", data: "AAAA" }],
      error: { code: "EPIPE", message: "Cut off." },
    }),
  });
  const { result } = await runProcessor(dir, {
    tools: [picture],
    script: [{ calls: [{ name: "picture" }] }, { text: "Done." }],
  });
  expect(result.messages.at(2)!.content.map(({ type }) => type)).toEqual(["image", "text"]);
});

it("tells texts apart", () => {
  const texts = Array.from({ length: 5_000 }, (_, index) => `call ${index} {"a":${index % 7}}`);
  expect(new Set([...texts, "ab", "ba", "", " "].map(fingerprint)).size).toBe(5_004);
  expect(Number.isSafeInteger(fingerprint("any"))).toBe(true);
});

it("remembers failures over a swap", async () => {
  const processors = [{ id: "retries", use: "./." }];
  const first = await loadHarness({ name: "t", version: "1", processors }, { root: folder });
  const second = await loadHarness({ name: "t", version: "2", processors }, { root: folder });
  let asked = 0;
  const model = scriptedModel(() =>
    (asked += 1) < 3 ? { calls: [calls.gone] } : { text: "Done." },
  );
  const result = await createAgent({ harness: first, models: { main: model } }).run("Go.", {
    tools,
    follow: () => (asked === 1 ? second : undefined),
  });
  expect(result.messages.at(4)).toMatchObject({ role: "tool", status: "refused" });
});

it("does what the README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!);
  const harness = await loadHarness(
    { name: "shown", version: "1", processors: [entry] },
    { root: folder },
  );
  const busy = { calls: [{ name: "fetch", input: { code: "HTTP_503" } }] };
  const model = scriptedModel([busy, busy, { text: "Done." }]);
  const agent = createAgent({ harness, models: { main: model } });
  const { messages } = await agent.run("Go.", { tools });
  expect(textOf(messages.at(2)!)).toContain("retry 1 of 2");
  expect(messages.at(4)).toMatchObject({ status: "refused" });
});
