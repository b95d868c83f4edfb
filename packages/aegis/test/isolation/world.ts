import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  createAgent,
  createMemorySink,
  loadHarness,
  scriptedModel,
  tool,
  type LoadedHarness,
  type Manifest,
  type RunResult,
  type ScriptedReply,
  type Tool,
  type TraceEvent,
} from "@harnessx/core";
import { openIsolated, type Isolation } from "../../src/isolation/index.ts";

export const repository = fileURLToPath(new URL("../../../../", import.meta.url));

const WORLD: Readonly<Record<string, string>> = {
  "go to shelf 1": "You arrive at shelf 1. On the shelf 1, you see a vase 1, and a mug 2.",
  "open drawer 1": "You open the drawer 1. The drawer 1 is open. In it, you see nothing.",
  "take mug 2": "You pick up the mug 2 from the shelf 1.",
};

export const tools: readonly Tool[] = [
  tool<{ command: string }>({
    name: "act",
    description: "Does something in the world. Say what.",
    inputSchema: {
      type: "object",
      properties: { command: { type: "string" } },
      required: ["command"],
      additionalProperties: true,
    },
    tags: ["write"],
    execute: ({ command }) => WORLD[command] ?? `Nothing happens: ${command} \ud83d $& "ü" \u2028.`,
  }),
  tool<{ size: number }>({
    name: "large",
    description: "Returns much text.",
    inputSchema: { type: "object", additionalProperties: true },
    execute: () => "A line of a long document.\n".repeat(500),
  }),
];

const act = (command: string): ScriptedReply => ({
  text: `I ${command}.`,
  calls: [{ name: "act", input: { command } }],
});

/** What models say in the scripted episodes. */
export const episodes: Readonly<Record<string, readonly ScriptedReply[]>> = {
  answer: [{ text: "Paris." }],
  places: [act("go to shelf 1"), act("open drawer 1"), act("take mug 2"), { text: "Done." }],
  circles: Array.from({ length: 14 }, () => act("open drawer 1")),
  "odd calls": [
    { calls: [{ name: "unknown", input: {} }] },
    { calls: [{ name: "act", input: JSON.parse('{"__proto__": {"a": 1}, "command": "x"}') }] },
    { thinking: "Hm.", calls: [act("a").calls![0]!, { name: "large", input: {} }] },
    { text: "" },
  ],
  long: Array.from({ length: 25 }, (_, step) =>
    step % 8 === 7 ? { calls: [{ name: "large", input: {} }] } : act(`entry ${step}`),
  ),
};

export interface Recording {
  readonly result: RunResult;
  readonly events: readonly TraceEvent[];
}

/** Records one episode with a harness. */
export async function record(
  harness: LoadedHarness,
  replies: readonly ScriptedReply[],
): Promise<Recording> {
  const sink = createMemorySink();
  const agent = createAgent({
    harness,
    models: {
      main: scriptedModel((_request, call) => replies[call] ?? { text: "Done." }),
      summarizer: scriptedModel(() => ({ text: "They walked about." }), { id: "summarizer" }),
    },
  });
  const task = { text: "Your task is to: put a mug on the table.", metadata: { kind: "put" } };
  const result = await agent.run(task, { seed: 7, tools, trace: () => sink });
  return { result, events: sink.events };
}

export const load = (
  processors: NonNullable<Manifest["processors"]>,
  root = repository,
): Promise<LoadedHarness> =>
  loadHarness(
    {
      name: "isolation",
      version: "1",
      processors,
      slots: { workspace: { root: "." } },
      limits: { maxSteps: 30, maxTokens: 5_000_000 },
    },
    { root, lock: false },
  );

/** The same harness with all of its packages in the tier. */
export const isolated = (isolation: Isolation, harness: LoadedHarness): Promise<LoadedHarness> =>
  loadHarness(harness.manifest, {
    root: harness.root,
    lock: false,
    open: openIsolated(isolation),
  });

/** Records every episode in one tier and replays it in the other, both ways round. */
export async function compare(
  isolation: Isolation,
  harness: LoadedHarness,
): Promise<Record<string, unknown>> {
  const walled = await isolated(isolation, harness);
  const differences: Record<string, unknown> = {};
  if (walled.hash !== harness.hash) differences["hash"] = walled.hash;
  for (const [name, replies] of Object.entries(episodes)) {
    for (const [from, to] of [
      [harness, walled],
      [walled, harness],
    ] as const) {
      const { events } = await record(from, replies);
      const agent = createAgent({ harness: to, models: { main: scriptedModel([]) } });
      const { identical, divergence } = await agent.replay(events, { tools });
      if (!identical)
        differences[`${name}, recorded ${from === harness ? "trusted" : "isolated"}`] = divergence;
    }
  }
  return differences;
}

/** Writes a processor package whose setup has the given body; returns its folder. */
export async function packageWith(
  body: string,
  facts: {
    readonly hooks?: readonly string[];
    readonly state?: readonly string[];
    readonly head?: string;
    /** Tap the hook that the metadata declares by a tap that does nothing. */
    readonly idle?: boolean;
  } = {},
): Promise<string> {
  const { head = "", hooks, idle: needsTap = !hooks, ...metadata } = facts;
  const idle = !needsTap ? "" : 'run.hooks.beforeTool.tap("idle", () => {});';
  const dir = await mkdtemp(join(tmpdir(), "harnessx-isolation-"));
  await mkdir(join(dir, "subject", "dist"), { recursive: true });
  await writeFile(
    join(dir, "subject", "package.json"),
    JSON.stringify({
      name: "subject",
      version: "1.0.0",
      type: "module",
      exports: "./dist/index.js",
      harnessx: {
        api: 1,
        kind: "processor",
        dimension: "control",
        hooks: hooks ?? ["beforeTool"],
        ...metadata,
      },
    }),
  );
  const contract = `import { defineProcessor, replace, split, intercept, abort, retry } from "./contract.js";`;
  const { CONTRACT } = await import("../../src/verify/build.ts");
  await writeFile(join(dir, "subject", "dist", "contract.js"), CONTRACT);
  await writeFile(
    join(dir, "subject", "dist", "index.js"),
    `${head}\n${contract}\nexport default defineProcessor((run, options) => {\n${idle}\n${body}\n});\n`,
  );
  return dir;
}

/** A harness of one package made by `packageWith`, none of whose code runs outside the tier. */
export const alone = (
  isolation: Isolation,
  root: string,
  onError: "fail" | "skip" = "fail",
): Promise<LoadedHarness> =>
  loadHarness(
    {
      name: "isolation",
      version: "1",
      processors: [{ id: "subject", use: "./subject", onError }],
    },
    { root, lock: false, open: openIsolated(isolation) },
  );

/** Runs a package made by `packageWith` in the tier. */
export async function attack(
  isolation: Isolation,
  body: string,
  facts: Parameters<typeof packageWith>[1] = {},
  replies: readonly ScriptedReply[] = [act("go to shelf 1"), { text: "Done." }],
): Promise<Recording> {
  const root = await packageWith(body, facts);
  return record(await alone(isolation, root), replies);
}
