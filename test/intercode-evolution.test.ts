import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAgent, messageList, scriptedModel } from "@harnessx/core";
import type { LoadedHarness } from "@harnessx/core";
import { textOf, type Message, type ModelRequest } from "@harnessx/core/plugin";
import {
  createRolloutPool,
  digestRollouts,
  plan,
  propose,
  verifyPackage,
  type Candidate,
} from "@harnessx/aegis";
import { armOf, readSetting } from "@harnessx/adapter-intercode-recorded";
import intercode from "@harnessx/adapter-intercode-sql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { catalogue, load, oneTurn, published } from "./intercode-evolution.ts";

describe("published prompts", () => {
  const armFor = (text: string): string => {
    const content = [{ type: "text" as const, text }];
    const system: Message = { id: 0, role: "system", content };
    const task = { id: "t", question: "How many?", tables: {} };
    return armOf(readSetting(messageList([system]), task), "gpt-3.5");
  };

  test("are the recorded harnesses, which the recorded model recognises", () => {
    const found = catalogue.map(({ id, defaultOptions }) => [
      id,
      armFor(defaultOptions!["text"] as string),
    ]);
    expect(Object.fromEntries(found)).toEqual({
      "ten-turns": "gpt-3.5.try-again-10",
      react: "gpt-3.5.react-10",
      "plan-and-solve": "gpt-3.5.plan-solve",
    });
    expect(armFor(oneTurn.processors![0]!.options!["text"] as string)).toBe("gpt-3.5.single-turn");
    expect(published("react").limits).toEqual({ maxSteps: 12 });
  });
});

describe("a prefetch made from traces of failing runs", () => {
  let dir = "";
  let harness: LoadedHarness;
  let candidate: Candidate;
  const openSuite = () => intercode.create({}, { root: dir });
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "prefetch-"));
    harness = await load(oneTurn, dir);
    const suite = await openSuite();
    const tasks = (await suite.tasks()).slice(0, 12);
    const guess = { calls: [{ name: "execute_sql", input: { query: "SELECT name FROM thing" } }] };
    const models = { main: scriptedModel(() => guess) };
    const specs = tasks.map((task) => ({ suite, task, harness, models, seed: 1, repetition: 0 }));
    const records = await createRolloutPool().run(
      specs.map((spec) => ({ ...spec, traceDir: join(dir, "traces") })),
    );
    const digest = await digestRollouts(records, tasks);
    const { manifest, hash: parent } = harness;
    const context = { round: 1, parent, manifest, catalogue: [], options: {} };
    const landscape = plan(digest, manifest, [], 1);
    candidate = propose(digest, landscape, { ...context, exclude: new Set() }).find(
      ({ operator }) => operator === "template:prefetch",
    )!;
    expect((await verifyPackage(candidate.packages[0]!, { dir })).report.ok).toBe(true);
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  /** The last message of every request of a run with some steps. */
  async function lastMessages(maxSteps: number): Promise<string[]> {
    const [edit] = candidate.edits;
    if (edit?.op !== "insert" || !("use" in edit.entry)) throw new Error("it inserts a processor");
    const processors = [...oneTurn.processors!, edit.entry];
    const fetching = await load({ ...oneTurn, limits: { maxSteps }, processors }, dir);
    const suite = await openSuite();
    const [task] = await suite.tasks();
    const { observation, tools, close } = await suite.open(task!.id, { seed: 1 });
    const requests: ModelRequest[] = [];
    const model = scriptedModel((request) => {
      requests.push(request);
      return { calls: [{ name: "execute_sql", input: { query: "SELECT 1" } }] };
    });
    await createAgent({ harness: fetching, models: { main: model } }).run(observation, { tools });
    await close();
    return requests.map(({ messages }) => textOf(messages.at(messages.length - 1)!));
  }

  test("asks for one step more, and says what it costs", () => {
    expect(candidate.edits.at(-1)).toEqual({
      op: "set",
      path: ["limits", "maxSteps"],
      from: 1,
      to: 2,
    });
    expect(candidate.manifest.dims).toEqual(["context", "control"]);
    expect(candidate.packages[0]!.files["README.md"]).toContain("no such table: thing");
  });

  test("puts the schema into every request", async () => {
    const shown = await lastMessages(3);
    expect(shown).toHaveLength(2);
    for (const text of shown) expect(text).toMatch(/^From read_schema:\n\w+\(\w+ \w+/);
  });

  test("leaves the only step to the agent", async () => {
    expect(await lastMessages(1)).toEqual([expect.stringContaining("Question:")]);
  });
});
