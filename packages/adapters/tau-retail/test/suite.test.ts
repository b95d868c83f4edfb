import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createAgent, defineHarness } from "@harnessx/core";
import { assertConformant, scriptedModel } from "@harnessx/core/testing";
import type { Suite, SuiteTask } from "@harnessx/core/plugin";
import { describe, expect, test } from "vitest";
import tauRetail, { generateData, hasStandardData, standardFolder } from "../src/index.ts";
import type { TauRetailOptions } from "../src/index.ts";
import { call, solve } from "./episode.ts";

const make = async (options: TauRetailOptions = { generate: {} }): Promise<Suite> =>
  tauRetail.create(options, { root: "." });
const suite = await make();
const tasks = (await suite.tasks()) as readonly SuiteTask[];
const open = async (task: SuiteTask, seed = 1) => suite.open(task.id, { seed });
const of = (words: RegExp): SuiteTask => tasks.find(({ text }) => words.test(text))!;

test("keeps the laws of a suite", async () => {
  const dir = fileURLToPath(new URL("../", import.meta.url));
  await assertConformant(dir, { options: { generate: { seed: 3, tasks: 24 } } });
});

describe("tasks", () => {
  test("24 tasks of eight kinds, every customer in one split", () => {
    expect(tasks).toHaveLength(24);
    const splits = new Map<string, string>();
    for (const { family, split } of tasks) {
      expect(splits.get(family) ?? split).toBe(split);
      splits.set(family, split);
    }
    expect(splits.size).toBe(16);
    expect(new Set(splits.values())).toEqual(new Set(["train", "validation", "sealed"]));
    expect(new Set(tasks.map(({ cluster }) => cluster))).toEqual(
      new Set(["cancel", "return", "exchange", "modify", "address", "several", "question"]),
    );
  });

  test("repeat with the seed, and the verifier changes with it", async () => {
    const [same, other] = [await make(), await make({ generate: { seed: 2 } })];
    expect(await same.tasks()).toEqual(tasks);
    expect(same.verifier).toBe(suite.verifier);
    expect(other.verifier).not.toBe(suite.verifier);
  });

  test("a task that does not exist does not open", () => {
    expect(() => suite.open("nope", { seed: 0 })).toThrow(RangeError);
  });

  test("the options schema states the defaults that the code uses", async () => {
    const { properties } = JSON.parse(
      readFileSync(new URL("../options.schema.json", import.meta.url), "utf8"),
    ) as { properties: { generate: { properties: Record<string, { default: number }> } } };
    const { seed, tasks: count } = properties.generate.properties;
    const stated = await make({ generate: { seed: seed!.default, tasks: count!.default } });
    expect(stated.verifier).toBe(suite.verifier);
  });
});

describe("scoring", () => {
  test("the solution passes every task, and doing nothing only those of the floor", async () => {
    for (const task of tasks) {
      const idle = await open(task);
      expect((await idle.score()).passed, task.text).toBe(suite.floor!.passed.includes(task.id));
      const solved = await open(task);
      for (const { status } of await solve(solved)) expect(status, task.text).toBe("ok");
      expect(await solved.score(), task.text).toMatchObject({ passed: true, score: 1 });
    }
    expect(suite.floor).toMatchObject({ name: "no-op", passed: { length: 3 } });
  });

  test("any path to the same database passes; one record more or less does not", async () => {
    const task = of(/^I want to cancel your|^I want to cancel my order/);
    const { oracle } = await open(task);
    const gold = oracle!.find(({ name }) => name === "cancel_pending_order")!;
    const input = gold.input as { order_id: string; reason: string };
    const wrongReason = await open(task);
    await call(wrongReason, "cancel_pending_order", { ...input, reason: "ordered by mistake" });
    expect(await wrongReason.score()).toMatchObject({ passed: false });
    const direct = await open(task);
    expect((await call(direct, "cancel_pending_order", input)).status).toBe("ok");
    // Refused the second time, and nothing changes.
    expect((await call(direct, "cancel_pending_order", input)).status).toBe("error");
    expect(await direct.score()).toMatchObject({ passed: true });
    await call(direct, "modify_user_address", {
      user_id: task.family,
      address1: "1 X",
      address2: "",
      city: "Y",
      state: "CA",
      country: "USA",
      zip: "1",
    });
    expect(await direct.score()).toMatchObject({ passed: false });
  });

  test("a required string counts only when the customer has heard it; commas do not matter", async () => {
    const task = of(/how much I get back in total/);
    const mute = await open(task);
    for (const { name, input } of mute.oracle!.filter(({ name: one }) => one !== "respond"))
      await call(mute, name, input);
    expect(await mute.score()).toMatchObject({
      passed: false,
      reason: expect.stringMatching(/not said: [\d.]+/),
    });
    const { content } = mute.oracle!.at(-1)!.input as { content: string };
    const withComma = content.length > 5 ? `${content[0]},${content.slice(1)}` : content;
    await mute.user!(`It is $${withComma}.`);
    expect(await mute.score()).toMatchObject({ passed: true });
  });

  test("episodes share nothing", async () => {
    const task = tasks[0]!;
    const [first, second] = [await open(task), await open(task)];
    await solve(first);
    expect(await first.score()).toMatchObject({ passed: true });
    expect(await second.score()).toMatchObject({ passed: false });
  });
});

describe("the conversation", () => {
  test("goes through the runtime: the customer introduces itself, confirms and ends", async () => {
    const task = of(/how much I get back in total/);
    const environment = await open(task);
    const gold = environment.oracle!;
    const total = (gold.at(-1)!.input as { content: string }).content;
    const calls = gold.slice(0, -1).map((one) => ({ calls: [one] }));
    const turns = [
      { text: "What is your email address?" },
      ...calls.slice(0, 2),
      { text: "I would cancel the order. Do you confirm?" },
      ...calls.slice(2),
      { text: `You get back ${total}.` },
    ];
    const agent = createAgent({
      harness: await defineHarness({ name: "test" }),
      models: { main: scriptedModel((_request, at) => turns[at] ?? { text: "?" }) },
    });
    const { messages, exit } = await agent.run(environment.observation, {
      tools: environment.tools,
      user: ({ output }) => environment.user!(output),
    });
    const said = [...messages].filter(({ role }) => role === "user").map(({ content }) => content);
    expect(exit).toBe("done");
    expect(said).toHaveLength(3);
    expect(JSON.stringify(said[1])).toMatch(/I am \w+ \w+/);
    expect(JSON.stringify(said[2])).toMatch(/"Yes, /);
    expect(await environment.score()).toMatchObject({ passed: true });
  });

  test("the same seed gives the same words, another one other words", async () => {
    const words = async (seed: number): Promise<string> =>
      (await open(tasks[0]!, seed)).observation;
    expect(await words(5)).toBe(await words(5));
    const many = await Promise.all(Array.from({ length: 12 }, (_, seed) => words(seed)));
    expect(new Set(many).size).toBeGreaterThan(1);
  });
});

describe("where the data come from", () => {
  const folder = mkdtempSync(join(tmpdir(), "harnessx-retail-"));

  test("the folder of HARNESSX_DATA, or ../shared/data", () => {
    expect(standardFolder("/a/b", "/data")).toBe(join("/data", "tau-retail"));
    expect(standardFolder("/a/b", "")).toBe(join("/a", "shared", "data", "tau-retail"));
    expect(hasStandardData("/a/b", folder)).toBe(false);
  });

  test("a folder without data is a coded error with a hint", async () => {
    await expect(make({ data: folder })).rejects.toMatchObject({
      code: "HX_SUITE_RETAIL_DATA_MISSING",
      hint: expect.stringContaining("HARNESSX_DATA"),
    });
  });

  test("a broken file is a coded error that names what is wrong", async () => {
    const { records, policy } = generateData(1, 8);
    const db = Object.fromEntries(
      Object.entries(records).map(([name, rows]) => [name, Object.fromEntries(rows)]),
    );
    const write = (name: string, value: unknown): void =>
      writeFileSync(join(folder, name), JSON.stringify(value));
    writeFileSync(join(folder, "policy.md"), policy);
    const task = {
      id: "0",
      user_scenario: { instructions: { reason_for_call: "You want tea." } },
      evaluation_criteria: { actions: [], communicate_info: [] },
    };
    write("tasks.train.json", [task]);
    write("db.json", db);
    const good = await make({ data: folder });
    expect(await good.tasks()).toMatchObject([{ text: "I want tea.", cluster: "question" }]);
    const rejects = async (problem: string): Promise<void> =>
      expect(make({ data: folder })).rejects.toMatchObject({
        code: "HX_SUITE_RETAIL_DATA_INVALID",
        message: expect.stringContaining(problem),
      });
    write("tasks.train.json", [task, task]);
    await rejects("the task 0 occurs twice");
    write("tasks.train.json", [{ ...task, initial_state: {} }]);
    await rejects("changes the database before it starts");
    write("tasks.train.json", [task]);
    const [user] = Object.values(db["users"]!) as { user_id: string }[];
    write("db.json", { ...db, users: { [user!.user_id]: { ...user, orders: 7 } } });
    await rejects(`orders of ${user!.user_id} must be an array`);
    write("db.json", { ...db, users: { other: user } });
    await rejects("names itself");
    writeFileSync(join(folder, "db.json"), "{");
    await rejects("it is not JSON");
  });
});

test("tools and tasks hold neither solutions nor scores", async () => {
  const seen = new Set<unknown>();
  const reach = (value: unknown): void => {
    if (seen.has(value)) return;
    seen.add(value);
    if ((typeof value === "object" && value !== null) || typeof value === "function")
      for (const key of Reflect.ownKeys(value)) reach((value as Record<PropertyKey, unknown>)[key]);
  };
  const task = of(/how much I get back in total/);
  const environment = await open(task);
  reach(environment.tools);
  reach(task);
  const total = (environment.oracle!.at(-1)!.input as { content: string }).content;
  expect([...seen]).not.toContain(total);
  expect(environment.observation).not.toContain(total);
});
