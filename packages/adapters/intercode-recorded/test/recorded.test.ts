import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageList } from "@harnessx/core";
import type { Message, ModelRequest, ModelResponse, ToolSpec } from "@harnessx/core/plugin";
import { afterAll, describe, expect, test } from "vitest";
import recordedModel, {
  armOf,
  createRecordedModel,
  readSetting,
  recordedArms,
  suiteTaskId,
} from "../src/index.ts";
import type { RecordedModelName, RecordedTask } from "../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "intercode-recorded-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const question = "Make a plan: how many cats react in at most 10 steps?";
const goldSql = "SELECT count(*) FROM cat";
const taskId = suiteTaskId("pets", question, goldSql);
const task: RecordedTask = {
  id: "t-1",
  question,
  tables: { cat: ["cat_id", "Name"], owner: ["owner_id", "cat_id"] },
};
const schemaText = "cat: cat_id, name\nOwner(owner_id int, cat_id int)";

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
const episode = (arm: string, ...actions: (string | { action: string; thought: string })[]) =>
  writeFileSync(
    join(folder, "recorded", `${arm}.jsonl`),
    line({
      task: "t-1",
      steps: actions.map((one) => (typeof one === "string" ? { action: one } : one)),
    }),
  );

mkdirSync(join(folder, "recorded"));
writeFileSync(
  join(folder, "tasks.jsonl"),
  line({ id: "t-1", db: "pets", question, gold_sql: goldSql, db_tables: task.tables }) +
    line({ id: "t-2", db: "pets", question: "Any?", gold_sql: "SELECT 1", db_tables: {} }),
);
episode("gpt-3.5.single-turn", "SELECT 1");
episode("gpt-3.5.single-turn-schema", "SELECT 2");
episode("gpt-3.5.try-again-10", "SHOW TABLES", "I am sorry.", "SELECT 3");
episode(
  "gpt-3.5.react-10",
  { action: "execute[SELECT 4]", thought: "Look first." },
  "execute[SELECT [a] FROM cat]",
  "execute[SELECT 5 FR",
  "submit",
);
episode("gpt-3.5.plan-solve");
writeFileSync(join(folder, "recorded", "gpt-4.single-turn.jsonl"), "no json");

type Draft = {
  role: Message["role"];
  text: string;
  calls?: readonly { id: string; input: unknown }[];
};

const listOf = (drafts: readonly Draft[]) =>
  messageList(
    drafts.map(({ role, text, calls = [] }, id): Message => {
      const content = [{ type: "text" as const, text }];
      if (role === "assistant")
        return {
          id,
          role,
          content,
          toolCalls: calls.map((call) => ({ ...call, name: "execute_sql" })),
        };
      if (role === "tool")
        return { id, role, content, callId: "c", name: "execute_sql", status: "ok" };
      return { id, role, content };
    }),
  );

const executeSql: ToolSpec = { name: "execute_sql", description: "Runs it.", inputSchema: {} };
const signal = new AbortController().signal;

const requestOf = (drafts: readonly Draft[], tools = [executeSql]): ModelRequest => ({
  messages: listOf(drafts),
  tools,
  sampling: {},
  role: "main",
  seed: 1,
});

const client = (model?: RecordedModelName, id = taskId) =>
  createRecordedModel({ data: folder, ...(model && { model }) }).bind({ taskId: id });

/** Plays a run to its end: what the model sent, turn by turn. */
async function play(system: string): Promise<ModelResponse[]> {
  const drafts: Draft[] = [
    { role: "system", text: system },
    { role: "user", text: `Question: ${question}` },
  ];
  const model = client();
  const responses: ModelResponse[] = [];
  while (responses.length < 20) {
    const response = await model.generate(requestOf(drafts), { signal });
    expect(await model.generate(requestOf(drafts), { signal })).toEqual(response);
    responses.push(response);
    if (response.finish === "stop") break;
    drafts.push({ role: "assistant", text: "", calls: response.toolCalls });
    drafts.push({ role: "tool", text: "Plan: think before each query. [(1,)]" });
  }
  return responses;
}

const queries = (responses: readonly ModelResponse[]): unknown[] =>
  responses.flatMap(({ toolCalls }) =>
    toolCalls.map(({ input }) => (input as { query: string }).query),
  );

const settingOf = (...texts: string[]) =>
  readSetting(
    listOf([
      { role: "system", text: texts[0] ?? "" },
      { role: "user", text: `Question: ${question}` },
      { role: "assistant", text: "" },
      ...texts.slice(1).map((text) => ({ role: "user" as const, text })),
    ]),
    task,
  );

describe("the setting, as the request shows it", () => {
  test.each<[string, ReturnType<typeof readSetting>]>([
    ["", { schema: false, strategies: [] }],
    ["You have one turn.", { turns: 1, schema: false, strategies: [] }],
    ["You have at most 10 steps for this task.", { turns: 10, schema: false, strategies: [] }],
    ["Answer within ten turns.", { turns: 10, schema: false, strategies: [] }],
    ["You have only a single guess, up to 3 tries.", { turns: 3, schema: false, strategies: [] }],
    [`Tables:\n${schemaText}`, { schema: true, strategies: [] }],
    ["Tables: cat (cat_id, name)", { schema: false, strategies: [] }],
    ["Work as in ReAct.", { schema: false, strategies: ["react"] }],
    ["Think before each query.", { schema: false, strategies: ["react"] }],
    ["Write down your reasoning, then act.", { schema: false, strategies: ["react"] }],
    ["React to errors.", { schema: false, strategies: [] }],
    ["First make a short plan, then follow it.", { schema: false, strategies: ["plan"] }],
    ["Plan and solve.", { schema: false, strategies: ["plan"] }],
    ["Use plan-and-solve and ReAct.", { schema: false, strategies: ["react", "plan"] }],
  ])("%j", (system, wanted) => {
    expect(settingOf(system)).toEqual(wanted);
  });

  test("after the first answer only the schema is looked for", () => {
    expect(settingOf("", "Make a plan. You have at most 10 steps.", schemaText)).toEqual({
      schema: true,
      strategies: [],
    });
  });

  test.each<[ReturnType<typeof readSetting>, RecordedModelName, string]>([
    [{ schema: false, strategies: [] }, "gpt-3.5", "gpt-3.5.single-turn"],
    [{ schema: true, strategies: [], turns: 1 }, "gpt-3.5", "gpt-3.5.single-turn-schema"],
    [{ schema: false, strategies: [], turns: 10 }, "gpt-4", "gpt-4.try-again-10"],
    [{ schema: true, strategies: [], turns: 12 }, "gpt-3.5", "gpt-3.5.try-again-10-schema"],
    [{ schema: false, strategies: ["react"] }, "gpt-3.5", "gpt-3.5.react-10"],
    [{ schema: false, strategies: ["plan"], turns: 11 }, "gpt-3.5", "gpt-3.5.plan-solve"],
  ])("%j of %s is %s", (setting, model, arm) => {
    expect(armOf(setting, model)).toBe(arm);
  });

  test.each<[ReturnType<typeof readSetting>, RecordedModelName]>([
    [{ schema: false, strategies: [], turns: 5 }, "gpt-3.5"],
    [{ schema: false, strategies: [], turns: 50 }, "gpt-3.5"],
    [{ schema: false, strategies: [], turns: 0 }, "gpt-3.5"],
    [{ schema: true, strategies: ["react"] }, "gpt-3.5"],
    [{ schema: false, strategies: ["plan"], turns: 1 }, "gpt-3.5"],
    [{ schema: false, strategies: ["react", "plan"] }, "gpt-3.5"],
    [{ schema: true, strategies: [] }, "gpt-4"],
    [{ schema: false, strategies: ["react"] }, "gpt-4"],
  ])("%j of %s is not recorded", (setting, model) => {
    expect(() => armOf(setting, model)).toThrow(
      expect.objectContaining({ code: "HX_RECORDED_NO_ARM" }),
    );
  });

  test("eight runs are recorded", () => {
    expect(Object.values(recordedArms).flat()).toHaveLength(8);
  });
});

describe("the model", () => {
  test("repeats the recorded queries, one a turn, and says that it is done", async () => {
    const responses = await play("You have at most 10 steps for this task.");
    expect(queries(responses)).toEqual(["SHOW TABLES", "I am sorry.", "SELECT 3"]);
    expect(responses.at(-1)).toMatchObject({ finish: "stop", toolCalls: [] });
    expect(responses[0]!.warnings).toHaveLength(1);
    expect(responses[0]!.usage.input).toBeGreaterThan(0);
  });

  test("without a word about turns it asks once", async () => {
    expect(queries(await play("Answer with SQL."))).toEqual(["SELECT 1"]);
    expect(queries(await play(schemaText))).toEqual(["SELECT 2"]);
  });

  test("unwraps what ReAct wrote and tells its thoughts", async () => {
    const responses = await play("Think before each query.");
    expect(queries(responses)).toEqual(["SELECT 4", "SELECT [a] FROM cat", "SELECT 5 FR"]);
    expect(responses[0]!.content).toEqual([{ type: "text", text: "Look first." }]);
    expect(responses[0]!.warnings).toBeUndefined();
  });

  test("a recording without a turn asks nothing", async () => {
    expect(queries(await play("Make a plan."))).toEqual([]);
  });

  test.each<[string, () => Promise<unknown>]>([
    [
      "HX_RECORDED_UNBOUND",
      () => createRecordedModel({ data: folder }).generate(requestOf([]), { signal }),
    ],
    ["HX_RECORDED_NO_TASK", () => client("gpt-3.5", "unknown").generate(requestOf([]), { signal })],
    [
      "HX_RECORDED_NO_TASK",
      () =>
        client("gpt-3.5", suiteTaskId("pets", "Any?", "SELECT 1")).generate(requestOf([]), {
          signal,
        }),
    ],
    [
      "HX_RECORDED_NO_ARM",
      () =>
        client().generate(requestOf([{ role: "system", text: "You have 4 turns." }]), { signal }),
    ],
    ["HX_RECORDED_NO_TOOL", () => client().generate(requestOf([], []), { signal })],
    ["HX_RECORDED_DATA", () => client("gpt-4").generate(requestOf([]), { signal })],
    [
      "HX_RECORDED_ARM_CHANGED",
      () => {
        const calls = [{ id: "recorded.gpt-3.5.single-turn.0", input: {} }];
        const drafts: Draft[] = [
          { role: "assistant", text: "", calls },
          { role: "user", text: schemaText },
        ];
        return client().generate(requestOf(drafts), { signal });
      },
    ],
  ])("fails with %s", async (code, ask) => {
    await expect(ask()).rejects.toMatchObject({ code });
  });

  test("fails without recordings", () => {
    expect(() => createRecordedModel({ data: join(folder, "nowhere") })).toThrow(
      expect.objectContaining({ code: "HX_RECORDED_DATA" }),
    );
  });

  test("stops when it is aborted", async () => {
    const aborted = AbortSignal.abort(new Error("enough"));
    await expect(client().generate(requestOf([]), { signal: aborted })).rejects.toThrow("enough");
  });

  test("is a model plugin that says what it is", async () => {
    const model = await recordedModel.create({ data: folder, model: "gpt-4" });
    expect(model).toMatchObject({ id: "recorded-gpt-4", policy: "recorded" });
  });
});
