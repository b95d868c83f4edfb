import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import tauRetail from "@harnessx/adapter-tau-retail";
import { testPlugin } from "@harnessx/core/testing";
import { messageList } from "@harnessx/core";
import type { Message, SuiteTask } from "@harnessx/core/plugin";
import { describe, expect, test } from "vitest";
import { isAdvised } from "../src/advice.ts";
import policy, { createTauRetailPolicy, faultNames } from "../src/index.ts";
import type { FaultName } from "../src/index.ts";
import { placebo, repairs } from "./aids.ts";
import { callsOf, passedOf, play } from "./play.ts";

const suite = await tauRetail.create({ generate: { tasks: 16 } }, { root: "." });
const tasks = (await suite.tasks()) as readonly SuiteTask[];
const dir = fileURLToPath(new URL("../", import.meta.url));

test("keeps the laws of a model, but that it answers without a solution", async () => {
  const { checks } = await testPlugin(dir, { options: { faults: { earlyStop: 0.5 }, seed: 2 } });
  const failed = checks.filter(({ ok }) => !ok);
  expect(failed).toMatchObject([{ name: "answers", detail: expect.stringMatching("no solution") }]);
  expect(checks.length).toBeGreaterThan(3);
});

test("the README's models file is valid for the options schema, and names what it makes", async () => {
  const readme = readFileSync(`${dir}README.md`, "utf8");
  const [, json] = /```json\n([\s\S]*?)```/.exec(readme)!;
  const { main } = JSON.parse(json!) as { main: { use: string; options: object } };
  expect(main.use).toBe("@harnessx/adapter-tau-retail-policy");
  const model = await policy.create(main.options);
  expect(model).toMatchObject({ policy: "oracle", id: expect.stringContaining("injected(") });
});

describe("without faults", () => {
  test("plays every task to its end: asks who it is, asks before each change, ends", async () => {
    const played = await play(suite, tasks);
    for (const [index, one] of played.entries()) {
      expect(one, tasks[index]!.text).toMatchObject({ passed: true, score: 1 });
      expect(one.result.exit).toBe("done");
      const messages = [...one.result.messages];
      for (const [at, message] of messages.entries()) {
        if (message.role !== "assistant") continue;
        const [call] = message.toolCalls;
        if (call === undefined || !/^(cancel|exchange|modify|return)_/.test(call.name)) continue;
        expect(JSON.stringify(messages[at - 2]!.content)).toContain("Do you confirm");
        expect(JSON.stringify(messages[at - 1]!.content)).toContain("Yes, ");
      }
    }
    expect(createTauRetailPolicy().id).toBe("tau-retail-gold");
  });

  test("unbound, it says what it lacks", async () => {
    const request = { messages: [], tools: [], sampling: {}, role: "main", seed: 1 };
    const { signal } = new AbortController();
    await expect(
      createTauRetailPolicy().generate(request as never, { signal }),
    ).rejects.toMatchObject({ code: "HX_MODEL_RETAIL_UNBOUND" });
  });
});

describe.each(faultNames)("the fault %s", (fault: FaultName) => {
  const certain = { faults: { [fault]: 1 } };

  test("costs tasks, and the part of a harness that repairs it brings them all back", async () => {
    const bare = passedOf(await play(suite, tasks, certain));
    expect(bare).toBeLessThan(tasks.length);
    expect(passedOf(await play(suite, tasks, certain, [placebo]))).toBe(bare);
    expect(passedOf(await play(suite, tasks, certain, [repairs[fault]]))).toBe(tasks.length);
  });

  test("occurs about as often as asked, by seed, and repeats", async () => {
    const half = { faults: { [fault]: 0.5 } };
    const outcomes = async (seed: number) =>
      (await play(suite, tasks, half, [], seed)).map(({ passed }) => passed);
    const [once, again, other] = [await outcomes(1), await outcomes(1), await outcomes(2)];
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
    const most = tasks.length - passedOf(await play(suite, tasks, certain));
    const few = once.filter((passed) => !passed).length + other.filter((passed) => !passed).length;
    expect(few).toBeGreaterThan(0);
    expect(few).toBeLessThan(2 * most);
  });

  test("is named in the model's id", () => {
    expect(createTauRetailPolicy(certain).id).toBe(`tau-retail-gold+injected(${fault}=1)`);
  });
});

describe("what counts as advice", () => {
  const text = (value: string) => [{ type: "text" as const, text: value }];
  const task = { id: 0, role: "user" as const, content: text("Order #1: all requests, please.") };
  const answer = { id: 1, role: "assistant" as const, content: text("Well?"), toolCalls: [] };
  const user = (id: number, words: string) => ({ id, role: "user" as const, content: text(words) });
  const advised = (...messages: readonly Message[]): boolean =>
    isAdvised(messageList(messages), "droppedRequest");
  const words = "Go through every request.";

  test("the harness's words do, the task's and the customer's do not", () => {
    expect(advised(task)).toBe(false);
    expect(advised(task, answer, user(2, words))).toBe(false);
    expect(advised(task, answer, user(2, "Yes."), user(3, words))).toBe(true);
    expect(advised({ id: 4, role: "system", content: text(words) }, task)).toBe(true);
    const call = { ...answer, toolCalls: [{ id: "c", name: "x", input: {} }] };
    expect(advised(task, call, user(2, words))).toBe(true);
  });
});

describe("what the faults look like", () => {
  const of = (words: RegExp): SuiteTask[] => [tasks.find(({ text }) => words.test(text))!];
  const both = of(/how much I get back in total/);

  test("malformedId loses the number sign, and the shop finds nothing", async () => {
    const [played] = await play(suite, both, { faults: { malformedId: 1 } });
    const calls = callsOf(played!).filter(({ name }) => name.includes("order"));
    expect(calls).toHaveLength(4);
    for (const { input, status } of calls) {
      expect((input as { order_id: string }).order_id).toMatch(/^W\d/);
      expect(status).toBe("error");
    }
  });

  test("duplicatedWrite sends a change twice and gives up when the copy is refused", async () => {
    const [played] = await play(suite, both, { faults: { duplicatedWrite: 1 } });
    expect(callsOf(played!).map(({ name, status }) => `${name} ${status}`)).toEqual([
      expect.stringMatching(/^find_user/),
      "get_order_details ok",
      "cancel_pending_order ok",
      "cancel_pending_order error",
    ]);
  });

  test("earlyStop changes nothing, droppedRequest only the first thing", async () => {
    const writes = async (fault: FaultName): Promise<number> => {
      const [played] = await play(suite, both, { faults: { [fault]: 1 } });
      return callsOf(played!).filter(({ name }) => /^(cancel|return)_/.test(name)).length;
    };
    expect([await writes("earlyStop"), await writes("droppedRequest")]).toEqual([0, 1]);
  });

  test("ignoredPolicy sends the items of an order one after another", async () => {
    const [played] = await play(suite, of(/^I want to exchange/), { faults: { ignoredPolicy: 1 } });
    const sent = callsOf(played!).filter(({ name }) => name.startsWith("exchange"));
    expect(sent.map(({ input }) => (input as { item_ids: string[] }).item_ids.length)).toEqual([
      1, 1,
    ]);
    expect(sent.map(({ status }) => status)).toEqual(["ok", "error"]);
  });
});
