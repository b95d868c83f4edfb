import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createAgent, defineHarness } from "@harnessx/core";
import type { LoadedHarness } from "@harnessx/core";
import type { Suite } from "@harnessx/core/plugin";
import { createRecordedModel, suiteTaskId } from "@harnessx/adapter-intercode-recorded";
import intercode, { loadData, renderSchema } from "@harnessx/adapter-intercode-sql";

export const root = fileURLToPath(new URL("../", import.meta.url));

/** Where the data of InterCode-SQL are, on machines that have them. */
export const folder = join(
  process.env["HARNESSX_DATA"] ?? join(root, "../shared/data"),
  "intercode-sql",
);

export const hasData = existsSync(join(folder, "tasks.jsonl"));

/** Ends up in the titles of skipped tests. */
export const why = hasData ? "" : " (skipped: no InterCode-SQL data; set HARNESSX_DATA)";

/** What each recorded harness becomes here: the prompt, the steps, and the least agreement. */
export const arms = {
  "gpt-3.5.single-turn": { prompt: "Answer with SQL.", steps: 1, floor: 0.99 },
  "gpt-3.5.single-turn-schema": { prompt: "Answer with SQL.", steps: 1, schema: true, floor: 0.96 },
  "gpt-3.5.try-again-10": { prompt: "Answer with SQL.", steps: 10, floor: 0.96 },
  "gpt-3.5.try-again-10-schema": {
    prompt: "Answer with SQL.",
    steps: 10,
    schema: true,
    floor: 0.96,
  },
  "gpt-3.5.react-10": { prompt: "Think before each query.", steps: 11, floor: 0.95 },
  "gpt-3.5.plan-solve": { prompt: "Make a plan, then follow it.", steps: 12, floor: 0.92 },
  "gpt-4.single-turn": { prompt: "Answer with SQL.", steps: 1, floor: 1 },
  "gpt-4.try-again-10": { prompt: "Answer with SQL.", steps: 10, floor: 0.95 },
} as const;

export interface Tally {
  readonly tasks: number;
  readonly recorded: number;
  readonly live: number;
  readonly agreement: number;
}

/** Plays every `stride`-th recorded task of an arm through the runtime. */
export async function playArm(arm: keyof typeof arms, stride: number): Promise<Tally> {
  const setting = arms[arm];
  const { tasks, databases } = loadData(folder);
  const suite: Suite = await intercode.create({ data: folder, emptyGold: true }, { root });
  const model = createRecordedModel({
    data: folder,
    model: arm.startsWith("gpt-4") ? "gpt-4" : "gpt-3.5",
  });
  const outcomes = (
    JSON.parse(readFileSync(join(folder, "reference-outcomes.json"), "utf8")) as {
      arms: Record<string, Record<string, [number, number]>>;
    }
  ).arms[arm]!;
  const harnesses = new Map<string, LoadedHarness>();
  let [count, recorded, live, agree] = [0, 0, 0, 0];
  for (const { id, db, question, goldSql } of tasks.filter((_, index) => index % stride === 0)) {
    const schema = "schema" in setting ? renderSchema(databases.find((one) => one.db === db)!) : "";
    const harness = harnesses.get(db) ?? (await harnessOf(setting.prompt, schema, setting.steps));
    harnesses.set(db, harness);
    const taskId = suiteTaskId(db, question, goldSql);
    const environment = await suite.open(taskId, { seed: 1 });
    const result = await createAgent({
      harness,
      models: { main: model.bind({ taskId }) },
    }).run(environment.observation, { tools: environment.tools });
    if (result.error) throw result.error;
    const { passed, audit } = await environment.score();
    await environment.close();
    if (audit !== passed) throw new Error(`${arm}, ${id}: the audit disagrees`);
    const wanted = outcomes[id]![0] === 1;
    count += 1;
    recorded += Number(wanted);
    live += Number(passed);
    agree += Number(passed === wanted);
  }
  return { tasks: count, recorded, live, agreement: agree / count };
}

const harnessOf = (prompt: string, schema: string, maxSteps: number): Promise<LoadedHarness> =>
  defineHarness({
    name: "recorded",
    limits: { maxSteps },
    processors: [
      {
        id: "prompt",
        use: "@harnessx/processor-system-prompt",
        options: { text: schema === "" ? prompt : `${prompt}\n${schema}` },
      },
      { id: "budget", use: "@harnessx/processor-environment-context" },
    ],
  });
