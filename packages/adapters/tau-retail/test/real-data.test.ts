import { describe, expect, test } from "vitest";
import type { SuiteTask } from "@harnessx/core/plugin";
import tauRetail, { callTool, Database, loadData } from "../src/index.ts";
import { toolTexts } from "../src/tools/texts.ts";
import { folder, hasData, recordedTasks, why } from "./real-data.ts";

describe.skipIf(!hasData)(`the data of tau retail${why}`, () => {
  const data = hasData ? loadData(folder) : undefined;
  const make = async () => tauRetail.create({ data: folder }, { root: "." });

  test("every gold call gives what upstream's tools gave, and leaves what they left", () => {
    const counts = { calls: 0, errors: 0, wholeResults: 0 };
    for (const { task_id: id, gold_actions: calls, changed_records: changed } of recordedTasks()) {
      const database = new Database(data!.records);
      for (const { name, arguments: input, ok, result, resultChars, error } of calls) {
        const { status, content, error: failure } = callTool(database, name, input);
        counts.calls += 1;
        if (!ok) {
          counts.errors += 1;
          expect([status, failure?.message, content], id).toEqual([
            "error",
            error,
            `Error: ${error}`,
          ]);
          continue;
        }
        expect(status, `${id} ${name}`).toBe("ok");
        expect((content as string).length, `${id} ${name}`).toBe(resultChars);
        if (result === null || result === undefined) continue;
        counts.wholeResults += 1;
        const text = content as string;
        expect(typeof result === "string" ? text : JSON.parse(text), id).toEqual(result);
      }
      expect(JSON.parse(JSON.stringify(database.changes())), id).toEqual(changed);
    }
    expect(counts).toEqual({ calls: 365, errors: 13, wholeResults: 308 });
  });

  test("74 tasks; doing nothing passes five of them", async () => {
    const suite = await make();
    const tasks = (await suite.tasks()) as readonly SuiteTask[];
    expect(tasks).toHaveLength(74);
    expect(suite.floor).toMatchObject({ name: "no-op", passed: { length: 5 } });
    for (const { id } of tasks) {
      const environment = await suite.open(id, { seed: 1 });
      const { passed, audit } = await environment.score();
      expect(passed).toBe(suite.floor!.passed.includes(id));
      expect(audit).toBe(passed);
      await environment.close();
    }
  });

  test("no customer in two splits, several kinds of requests in each", async () => {
    const tasks = await (await make()).tasks();
    const splits = new Map<string, string>();
    for (const { family, split } of tasks) {
      expect(splits.get(family) ?? split).toBe(split);
      splits.set(family, split);
    }
    expect(splits.size).toBe(44);
    const table: Record<string, Record<string, number>> = {};
    for (const { split, cluster } of tasks) {
      const row = (table[split] ??= {});
      row[cluster] = (row[cluster] ?? 0) + 1;
    }
    expect(table).toMatchInlineSnapshot(`
      {
        "sealed": {
          "address": 2,
          "exchange": 2,
          "return": 2,
          "several": 12,
        },
        "train": {
          "address": 3,
          "cancel": 1,
          "exchange": 5,
          "modify": 4,
          "question": 1,
          "return": 10,
          "several": 13,
        },
        "validation": {
          "address": 1,
          "cancel": 2,
          "exchange": 5,
          "several": 11,
        },
      }
    `);
  });

  test("upstream's tool descriptions name the arguments that this package knows", () => {
    expect([...data!.toolTexts.keys()]).toEqual(toolTexts.map(({ name }) => name));
    for (const { name, inputSchema: own } of toolTexts) {
      const theirs = data!.toolTexts.get(name)!.inputSchema;
      expect(Object.keys(theirs["properties"] as object), name).toEqual(
        Object.keys(own["properties"] as object),
      );
      expect(theirs["required"] ?? [], name).toEqual(own["required"]);
    }
  });

  test("the first words of no customer give away what only a question may bring up", async () => {
    const texts = (await (await make()).tasks()).map(({ text }) => text);
    for (const text of texts) {
      expect(text.length).toBeGreaterThan(10);
      expect(text).not.toMatch(
        /\byour\b|\byou (want|are)\b|do not reveal it|asks for|final confirmation/i,
      );
    }
  });
});
