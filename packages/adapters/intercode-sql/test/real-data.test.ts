import { describe, expect, test } from "vitest";
import intercode, { createEngine, loadData } from "../src/index.ts";
import { folder, hasData, queriesOf, recorded, referenceOutcomes, why } from "./real-data.ts";

/** Least share of tasks in which a live re-execution agrees with the pass or fail on record. */
const floors: Readonly<Record<string, number>> = {
  "gpt-3.5.single-turn": 0.99,
  "gpt-3.5.single-turn-schema": 0.96,
  "gpt-3.5.try-again-10": 0.96,
  "gpt-3.5.try-again-10-schema": 0.96,
  "gpt-3.5.react-10": 0.95,
  "gpt-3.5.plan-solve": 0.92,
  "gpt-4.single-turn": 1,
  "gpt-4.try-again-10": 0.95,
};

/** Every how many tasks; the slow test plays them all through the runtime. */
const stride = 3;

describe.skipIf(!hasData)(`the data of InterCode-SQL${why}`, () => {
  test("all 553 gold queries run, and those marked empty are", async () => {
    const { tasks, databases } = loadData(folder);
    const engine = await createEngine();
    const sessions = new Map(databases.map((one) => [one.db, engine.build(one).open()]));
    expect(tasks).toHaveLength(553);
    for (const { id, db, goldSql, goldIsEmpty } of tasks) {
      const outcome = sessions.get(db)!.query(goldSql);
      expect(outcome.kind, id).toBe("rows");
      expect(outcome.kind === "rows" && outcome.rows.length === 0, id).toBe(goldIsEmpty);
    }
  });

  test("the suite: 519 tasks, no database in two splits", async () => {
    const suite = await intercode.create({ data: folder }, { root: "." });
    const tasks = await suite.tasks();
    expect(tasks).toHaveLength(519);
    expect(new Map(tasks.map(({ family, split }) => [family, split]))).toMatchInlineSnapshot(`
      Map {
        "poker_player" => "sealed",
        "flight_2" => "sealed",
        "cre_Doc_Template_Mgt" => "train",
        "course_teach" => "train",
        "tvshow" => "train",
        "car_1" => "train",
        "employee_hire_evaluation" => "validation",
        "student_transcripts_tracking" => "validation",
        "concert_singer" => "validation",
        "real_estate_properties" => "train",
      }
    `);
    for (const task of tasks.filter((_, index) => index % stride === 0)) {
      const environment = await suite.open(task.id, { seed: 0 });
      expect(await environment.score()).toMatchObject({ passed: false, score: 0 });
      await environment.tools[0]!.execute(environment.oracle![0]!.input as never, {} as never);
      expect(await environment.score(), task.text).toMatchObject({ passed: true, audit: true });
      await environment.close();
    }
  });

  test("recorded actions, executed again, come to the recorded outcome", async () => {
    const suite = await intercode.create({ data: folder, emptyGold: true }, { root: "." });
    const suiteTasks = await suite.tasks();
    const ids = new Map(loadData(folder).tasks.map(({ id }, i) => [id, suiteTasks[i]!.id]));
    const table: Record<string, object> = {};
    for (const [arm, outcomes] of Object.entries(referenceOutcomes())) {
      const counts = { tasks: 0, recorded: 0, live: 0, agree: 0 };
      for (const episode of recorded(arm).filter((_, index) => index % stride === 0)) {
        const environment = await suite.open(ids.get(episode.task)!, { seed: 0 });
        for (const query of queriesOf(episode))
          await environment.tools[0]!.execute({ query } as never, {} as never);
        const { passed, audit } = await environment.score();
        await environment.close();
        expect(audit, episode.task).toBe(passed);
        const [reward] = outcomes[episode.task]!;
        counts.tasks += 1;
        counts.recorded += Number(reward === 1);
        counts.live += Number(passed);
        counts.agree += Number(passed === (reward === 1));
      }
      const agreement = counts.agree / counts.tasks;
      table[arm] = { ...counts, agreement: `${(100 * agreement).toFixed(1)} %` };
      // A third of the tasks: room for the luck of the draw.
      expect(agreement, arm).toBeGreaterThanOrEqual(floors[arm]! - 0.02);
    }
    console.table(table);
  });
});
