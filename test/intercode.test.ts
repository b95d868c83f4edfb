import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRecordedModel } from "@harnessx/adapter-intercode-recorded";
import intercode, { generateData } from "@harnessx/adapter-intercode-sql";
import { createAgent, defineHarness } from "@harnessx/core";
import { describe, expect, test } from "vitest";
import { arms, hasData, playArm, why } from "./intercode.ts";

test("suite and recorded model know the same tasks", async () => {
  const folder = mkdtempSync(join(tmpdir(), "intercode-"));
  try {
    const { tasks, databases } = generateData(3);
    for (const name of ["databases", "recorded"]) mkdirSync(join(folder, name));
    for (const database of databases)
      writeFileSync(join(folder, "databases", `${database.db}.json`), JSON.stringify(database));
    const lines = (values: readonly object[]): string =>
      values.map((value) => JSON.stringify(value)).join("\n");
    const records = tasks.map(({ goldSql, goldIsEmpty, ...task }) => ({
      ...task,
      gold_sql: goldSql,
      gold_is_empty: goldIsEmpty,
      db_tables: {},
    }));
    writeFileSync(join(folder, "tasks.jsonl"), lines(records));
    // Half of the recorded queries are right.
    const steps = tasks.map(({ id, goldSql }, index) => ({
      task: id,
      steps: [{ action: index % 2 === 0 ? goldSql : "SELECT 0" }],
    }));
    writeFileSync(join(folder, "recorded", "gpt-3.5.single-turn.jsonl"), lines(steps));
    const suite = await intercode.create({ data: folder }, { root: "." });
    const model = createRecordedModel({ data: folder });
    const harness = await defineHarness({ name: "plain", limits: { maxSteps: 2 } });
    const passed: boolean[] = [];
    for (const { id } of await suite.tasks()) {
      const environment = await suite.open(id, { seed: 1 });
      const agent = createAgent({ harness, models: { main: model.bind({ taskId: id }) } });
      const result = await agent.run(environment.observation, { tools: environment.tools });
      expect(result).toMatchObject({ exit: "done", output: "Done." });
      passed.push((await environment.score()).passed);
      await environment.close();
    }
    expect(passed).toEqual(tasks.map((_, index) => index % 2 === 0));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe.skipIf(!hasData)(`recorded runs of InterCode-SQL, live, a sample${why}`, () => {
  test.each(Object.keys(arms) as (keyof typeof arms)[])("%s", async (arm) => {
    const { tasks, agreement } = await playArm(arm, 20);
    expect(tasks).toBe(28);
    // A sample of 28: one flip is 3.6 points.
    expect(agreement).toBeGreaterThanOrEqual(arms[arm].floor - 0.12);
  });
});
