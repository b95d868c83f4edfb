import { createAgent, defineHarness, inline, loadHarness } from "@harnessx/core";
import {
  defineProcessor,
  intercept,
  replace,
  retry,
  tool,
  type HookName,
  type Message,
  type ModelClient,
  type ModelRequest,
  type ProcessorSetup,
} from "@harnessx/core/plugin";
import {
  assertConformant,
  runProcessor,
  scriptedModel,
  type ScriptedReply,
} from "@harnessx/core/testing";
import { Ajv2020 } from "ajv/dist/2020.js";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const dir = new URL("..", import.meta.url);
const root = fileURLToPath(dir);
const folder = mkdtempSync(join(tmpdir(), "trajectories-"));
afterAll(() => rmSync(folder, { recursive: true }));
const schema = JSON.parse(readFileSync(new URL("trajectory.schema.json", dir), "utf8")) as {
  $defs: Record<string, { properties?: object }>;
};
const isLine = new Ajv2020().compile(schema);

const echo = tool<{ text?: string }>({
  name: "echo",
  description: "Says it back.",
  inputSchema: { type: "object" },
  execute: ({ text = "" }) => {
    if (text === "bad") throw new Error("bad");
    return text;
  },
});
const say = (text: string): ScriptedReply => ({ calls: [{ name: "echo", input: { text } }] });
const done: ScriptedReply = { text: "Done." };

interface Turn {
  readonly step: number;
  readonly attempt: number;
  readonly messages: [number, number][];
  readonly tools: unknown[];
  readonly toolsOf?: number;
  readonly answer?: number;
  readonly dropped?: { content: unknown };
  readonly tokens?: object;
  readonly mask: number;
  readonly masked?: string;
  readonly reward?: number;
  readonly return?: number;
  readonly signals?: unknown[];
}
interface End {
  readonly status: string;
  readonly reward: number | null;
  readonly [field: string]: unknown;
}

/** Reads a trajectory; every line must fit the published schema. */
function read(runId: string, at = folder) {
  const text = readFileSync(join(at, `${runId}.jsonl`), "utf8");
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; id: number });
  for (const line of lines) {
    expect(isLine(line), `${JSON.stringify(line)} ${JSON.stringify(isLine.errors)}`).toBe(true);
  }
  const of = (type: string) => lines.filter((line) => line.type === type);
  const messages = new Map(of("message").map((line) => [line.id, line]));
  expect(messages.size).toBe(of("message").length);
  return {
    text,
    lines,
    start: lines[0] as unknown as Record<string, unknown>,
    messages,
    turns: of("turn") as unknown as Turn[],
    end: lines.at(-1) as unknown as End,
    /** The messages of a turn as the model saw them. */
    seenIn: (turn: Turn) =>
      turn.messages
        .flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i))
        .map((id) => messages.get(id)!),
  };
}

/** The same message, as a trajectory writes it. */
function asLine(message: Message): object {
  const line: Record<string, unknown> = { type: "message", ...message };
  if (message.role === "assistant" && message.toolCalls.length === 0) delete line["toolCalls"];
  return JSON.parse(JSON.stringify(line)) as object;
}

/** Runs with other processors around the recorder. */
async function runWith(
  script: readonly ScriptedReply[] | ModelClient,
  setups: readonly {
    hooks: readonly HookName[];
    stage?: number;
    setup: ProcessorSetup<Record<string, never>>;
  }[] = [],
  options: Record<string, unknown> = {},
  run: object = {},
) {
  const harness = await defineHarness({
    name: "test",
    root,
    processors: [{ id: "recorder", use: "./.", options: { folder, ...options } as never }],
    inline: setups.map(({ hooks, stage = 0, setup }, index) =>
      inline(
        { name: `other-${index}`, dimension: "control", hooks, stage },
        defineProcessor(setup),
      ),
    ),
  });
  const requests: ModelRequest[] = [];
  let calls = 0;
  const client = "generate" in script ? script : scriptedModel(() => script[calls++] ?? done);
  const main: ModelClient = {
    id: "main",
    policy: "scripted",
    generate: (request, context) => {
      requests.push(request);
      return client.generate(request, context);
    },
  };
  const result = await createAgent({ harness, models: { main } }).run("Do it.", {
    tools: [echo],
    ...run,
  });
  return { result, requests, ...read(result.runId) };
}

it.each([
  { folder: join(folder, "conformance") },
  {
    folder: join(folder, "conformance"),
    redact: [{ pattern: "e", flags: "iu" }],
    images: true,
    stepRewards: "",
    signals: "",
    reward: ["judge"],
  },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, { options });
});

it("says what the model saw in each turn, and what it answered", async () => {
  const { lines, turns, requests, seenIn, messages, end, start, result } = await runWith([
    { thinking: "Hm.", ...say("one") },
    { text: "Two.", calls: [...say("two").calls!, ...say("bad").calls!] },
    done,
  ]);
  expect(start).toMatchObject({ type: "start", v: 1, run: result.runId, task: { text: "Do it." } });
  expect(lines.at(-1)!.type).toBe("end");
  expect(turns).toHaveLength(3);
  for (const [index, turn] of turns.entries()) {
    expect(seenIn(turn)).toEqual(requests[index]!.messages.slice().map(asLine));
    expect(messages.get(turn.answer!)).toMatchObject({ role: "assistant" });
    expect(turn.mask).toBe(1);
  }
  expect(messages.get(turns[0]!.answer!)).toMatchObject({
    content: [{ type: "thinking", text: "Hm." }],
    toolCalls: [{ name: "echo", input: { text: "one" } }],
  });
  expect([...messages.values()].at(-2)).toMatchObject({ role: "tool", status: "error" });
  expect(end).toMatchObject({
    exit: "done",
    status: "ok",
    output: "Done.",
    turns: 3,
    reward: null,
  });
  // Each message once: a long run grows linearly.
  expect(turns.map(({ messages: ranges }) => ranges.length)).toEqual([1, 1, 1]);
  expect(turns.map(({ tools, toolsOf }) => [tools.length, toolsOf])).toEqual([
    [1, undefined],
    [0, 0],
    [0, 0],
  ]);
});

it("follows what other processors do to the requests and to the history", async () => {
  let tidied = 0;
  const { turns, requests, seenIn } = await runWith(
    [...Array.from({ length: 8 }, (_, index) => say(`thing ${index}`)), done],
    [
      {
        hooks: ["taskStart", "stepStart", "beforeModel"],
        setup: (run) => {
          run.hooks.taskStart.tap("system", (event) => replace(event.withSystem("Be brief.")));
          run.hooks.stepStart.tap("tidy", (event) => {
            if (event.step === 4) return replace(event.summarize(2, 4, "One was done."));
            if (event.step !== 6) return undefined;
            tidied += 1;
            return replace(event.evict((_message, index) => index < 3 || index > 6));
          });
          run.hooks.beforeModel.tap("write", (event) => {
            const shouting = replace(event.withLastUser((text) => text.toUpperCase()));
            if (event.step === 2) return replace(event.appendUser("Go on."));
            return event.step % 3 === 1 ? shouting : undefined;
          });
        },
      },
    ],
  );
  expect([tidied, turns.length]).toEqual([1, 9]);
  for (const [index, turn] of turns.entries()) {
    const seen = seenIn(turn).map((line) => ({ ...line, ephemeral: undefined }));
    const sent = requests[index]!.messages.slice().map(asLine);
    expect(seen).toEqual(sent.map((line) => ({ ...line, ephemeral: undefined })));
  }
});

describe("tokens and masks", () => {
  const tokens = { prompt: [1, 2, 3], output: [4, 5], logprobs: [-0.1, -0.2] };
  const sampling = (
    reply: Partial<{ finish: "content_filter"; text: string }> = {},
  ): ModelClient => ({
    id: "sampling",
    policy: "model",
    generate: async () => ({
      content: [{ type: "text", text: reply.text ?? "Four." }],
      toolCalls: [],
      finish: reply.finish ?? "stop",
      usage: { input: 3, output: 2, cachedInput: 1 },
      tokens,
    }),
  });

  it("are the model's own", async () => {
    const { turns } = await runWith(sampling());
    expect(turns[0]).toMatchObject({ tokens, mask: 1, usage: { cachedInput: 1 } });
    expect(turns[0]).not.toHaveProperty("masked");
  });

  it.each([
    [
      "edited",
      {
        hooks: ["afterModel" as const],
        setup: (run: Parameters<ProcessorSetup<unknown>>[0]) =>
          run.hooks.afterModel.tap("edit", (event) => replace(event.withContent("Five."))),
      },
    ],
    [
      "intercepted",
      {
        hooks: ["beforeModel" as const],
        setup: (run: Parameters<ProcessorSetup<unknown>>[0]) =>
          run.hooks.beforeModel.tap("answer", () => intercept({ text: "Five." })),
      },
    ],
    [
      "dropped",
      {
        hooks: ["afterModel" as const],
        stage: 200,
        setup: (run: Parameters<ProcessorSetup<unknown>>[0]) =>
          run.hooks.afterModel.tap("again", ({ attempt }) =>
            attempt === 1 ? retry("Again.") : undefined,
          ),
      },
    ],
  ])("are not trained where the response was %s", async (masked, other) => {
    const { turns, messages } = await runWith(sampling(), [other]);
    expect(turns[0]).toMatchObject({ mask: 0, masked });
    if (masked !== "dropped") {
      expect(messages.get(turns[0]!.answer!)).toMatchObject({ content: [{ text: "Five." }] });
      return;
    }
    expect(turns[0]!.dropped!.content).toEqual([{ type: "text", text: "Four." }]);
    expect(turns[1]).toMatchObject({ attempt: 2, mask: 1 });
  });

  it("are not trained where the provider filtered", async () => {
    const { turns, end } = await runWith(sampling({ finish: "content_filter" }));
    expect(turns[0]).toMatchObject({ mask: 0, masked: "filtered" });
    expect(end).toMatchObject({ exit: "model_error", status: "error" });
  });

  it("are left out where a text was redacted, and only there", async () => {
    const redact = [{ pattern: "S3CRET" }];
    const told = await runWith(sampling({ text: "It is S3CRET." }), [], { redact });
    expect(told.turns[0]).toMatchObject({ mask: 0, masked: "redacted" });
    expect(told.turns[0]).not.toHaveProperty("tokens");
    expect((await runWith(sampling(), [], { redact })).turns[0]).toMatchObject({ tokens, mask: 1 });
  });
});

it("redacts wherever a text can be", async () => {
  const { text, end } = await runWith(
    [
      { text: "S3CRET", calls: [{ name: "echo", input: { S3CRET: ["S3CRET"], text: "S3CRET" } }] },
      { calls: [{ name: "S3CRET", input: "S3CRET", malformed: "S3CRET" }] },
      { text: "s3cret is out." },
    ],
    [
      {
        hooks: ["taskStart", "beforeModel", "taskEnd"],
        setup: (run) => {
          run.hooks.taskStart.tap("system", (event) => replace(event.withSystem("Not S3CRET.")));
          run.hooks.beforeModel.tap("add", (event) => replace(event.appendUser("S3CRET?")));
          run.hooks.taskEnd.tap("judge", (event) =>
            replace(event.withEvaluation({ name: "judge", score: 1, reason: "S3CRET" })),
          );
        },
      },
    ],
    { redact: [{ pattern: "s3cret", flags: "iu", with: "$&" }] },
  );
  expect(text).not.toMatch(/s3cret/i);
  expect(text).toContain("Not $&.");
  expect(end["redacted"]).toBeGreaterThan(8);
});

it("takes rewards and signals from the evaluations", async () => {
  const { turns, end } = await runWith(
    [say("a"), done],
    [
      {
        hooks: ["taskEnd"],
        setup: (run) => {
          run.hooks.taskEnd.tap("judge", (event) =>
            replace(
              event
                .withEvaluation({ name: "judge", score: 0.5, passed: false })
                .withEvaluation({ name: "check", score: 1, passed: true })
                .withEvaluation({
                  name: "process-reward",
                  score: 3,
                  details: { steps: [[1, 0.05, 0.8], [2, 0.75, 0.75], [9, 1, 1], "odd"] },
                })
                .withEvaluation({
                  name: "rl-signal",
                  score: 1,
                  details: { signals: [{ step: 2, kind: "recovery" }, { step: 9 }, null] },
                }),
            ),
          );
        },
      },
    ],
  );
  expect(end).toMatchObject({ reward: 0.75, rewardFrom: ["judge", "check"] });
  expect(turns.map((turn) => [turn.reward, turn.return, turn.signals])).toEqual([
    [0.05, 0.8, undefined],
    [0.75, 0.75, [{ step: 2, kind: "recovery" }]],
  ]);
});

it.each([
  ["truncated", { limits: { maxSteps: 1 } }, [say("a")]],
  ["error", {}, [{ error: new Error("It is down.") }]],
])("calls a run %s", async (status, run, script: ScriptedReply[]) => {
  expect((await runWith(script, [], {}, run)).end.status).toBe(status);
});

it("writes what there is when the run is aborted in the middle of a step", async () => {
  const controller = new AbortController();
  const stop = tool({
    name: "stop",
    description: "Ends it all.",
    inputSchema: { type: "object" },
    execute: () => {
      controller.abort(new Error("Enough."));
      return new Promise<string>(() => undefined);
    },
  });
  const { end, turns, messages } = await runWith(
    [{ calls: [{ name: "stop" }] }],
    [],
    {},
    { tools: [stop], signal: controller.signal },
  );
  expect(end).toMatchObject({ exit: "aborted", status: "error" });
  expect(messages.get(turns[0]!.answer!)).toMatchObject({ toolCalls: [{ name: "stop" }] });
});

describe("the file", () => {
  it("is there as a whole, for its owner only, and nothing beside it", async () => {
    const at = join(folder, "new", "folder");
    const { result } = await runProcessor(dir, { options: { folder: at }, script: [done] });
    expect(readdirSync(at)).toEqual([`${result.runId}.jsonl`]);
    expect(statSync(join(at, `${result.runId}.jsonl`)).mode & 0o077).toBe(0);
  });

  it("is not written by a replay", async () => {
    const at = join(folder, "replayed");
    const options = { folder: at, redact: [{ pattern: "x" }] };
    const { result, events } = await runProcessor(dir, {
      options,
      tools: [echo],
      script: [say("a"), done],
    });
    const file = join(at, `${result.runId}.jsonl`);
    expect(existsSync(file)).toBe(true);
    rmSync(file);
    const processors = [{ id: "subject", use: "./trajectory-recorder", options }];
    const harness = await loadHarness(
      { name: "test", version: "1", processors },
      { root: join(root, "..") },
    );
    const agent = createAgent({ harness, models: { main: scriptedModel([]) } });
    const { identical } = await agent.replay(events, { tools: [echo] });
    expect([identical, existsSync(file)]).toEqual([true, false]);
  });

  it("that cannot be written is reported, and no fault of the run", async () => {
    const taken = join(folder, "taken");
    writeFileSync(taken, "");
    const { result, events } = await runProcessor(dir, {
      options: { folder: join(taken, "in") },
      script: [done],
    });
    expect(result.exit).toBe("done");
    const log = events.find((event) => event.type === "log");
    expect(log).toMatchObject({ data: { problem: expect.any(String) as string } });
  });

  it("that would be too long is not written", async () => {
    const at = join(folder, "long");
    const script = [{ text: "x".repeat(2_000) }];
    const options = { folder: at, maxBytes: 1_000 };
    const { events } = await runProcessor(dir, { options, script });
    expect(existsSync(at)).toBe(false);
    expect(JSON.stringify(events.find((event) => event.type === "log"))).toContain("may have 1000");
  });

  it("has the data of images only on demand", async () => {
    const task = { text: "Look.", images: [{ mediaType: "image/png", data: "AAAA" }] };
    for (const images of [true, false]) {
      const run = await runProcessor(dir, { options: { folder, images }, task, script: [done] });
      expect(read(run.result.runId).text.includes("AAAA")).toBe(images);
    }
  });
});

it("goes on behind a swap where it was", async () => {
  const load = (version: string) =>
    loadHarness(
      {
        name: "test",
        version,
        processors: [{ id: `r${version}`, use: "./.", options: { folder } }],
      },
      { root },
    );
  const [first, second] = [await load("1"), await load("2")];
  let calls = 0;
  const main = scriptedModel(() => [say("a"), say("b"), done][calls++]!);
  const { runId } = await createAgent({ harness: first, models: { main } }).run("Go.", {
    tools: [echo],
    follow: () => (calls === 0 ? first : second),
  });
  const { turns, messages } = read(runId);
  expect(turns.map(({ step }) => step)).toEqual([1, 2, 3]);
  expect(turns.every(({ answer }) => messages.has(answer!))).toBe(true);
});

it("runs the example of the README, which names every field of the format", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as {
    id: string;
    use: string;
    options: { folder: string };
  };
  const at = join(folder, entry.options.folder);
  const harness = await loadHarness(
    {
      name: "test",
      version: "1",
      processors: [{ ...entry, options: { ...entry.options, folder: at } }],
    },
    { root },
  );
  const main = scriptedModel([{ text: "The key is sk-abc1." }]);
  const { runId } = await createAgent({ harness, models: { main } }).run("Go.");
  expect(read(runId, at).end).toMatchObject({ output: "The key is [redacted]." });
  for (const name of ["start", "message", "turn", "end"]) {
    for (const field of Object.keys(schema.$defs[name]!.properties!))
      if (field !== "type") expect(readme, `${name}.${field}`).toContain(`\`${field}\``);
  }
});
