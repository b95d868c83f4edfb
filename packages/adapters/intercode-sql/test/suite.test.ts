import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Environment, Suite, ToolContext, ToolResult } from "@harnessx/core/plugin";
import { assertConformant } from "@harnessx/core/testing";
import { afterAll, describe, expect, test } from "vitest";
import intercode, { generateData } from "../src/index.ts";
import type { IntercodeSqlOptions } from "../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "intercode-sql-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const make = async (options: IntercodeSqlOptions = {}): Promise<Suite> =>
  intercode.create(options, { root: folder });

const context = { signal: new AbortController().signal } as ToolContext;

const call = async (
  environment: Environment,
  name: string,
  input: unknown,
): Promise<ToolResult> => {
  const tool = environment.tools.find((one) => one.name === name)!;
  const result = await tool.execute(input as never, context);
  return typeof result === "string" ? { status: "ok", content: result } : result;
};

const sql = (environment: Environment, query: string): Promise<ToolResult> =>
  call(environment, "execute_sql", { query });

describe("without data", () => {
  test("48 generated tasks on six databases, no database in two splits", async () => {
    const tasks = await (await make()).tasks();
    expect(tasks).toHaveLength(48);
    const splits = new Map<string, Set<string>>();
    for (const { family, split } of tasks)
      splits.set(family, (splits.get(family) ?? new Set()).add(split));
    expect([...splits.values()].every((one) => one.size === 1)).toBe(true);
    const count = (split: string) => tasks.filter((task) => task.split === split).length;
    expect([count("train"), count("validation"), count("sealed")]).toEqual([24, 16, 8]);
    expect(new Set(tasks.map(({ cluster }) => cluster))).toEqual(
      new Set(["easy", "medium", "hard", "extra"]),
    );
  });

  test("the seed decides", async () => {
    const [one, same, other] = [await make(), await make({ seed: 1 }), await make({ seed: 2 })];
    expect(one.verifier).toBe(same.verifier);
    expect(one.verifier).not.toBe(other.verifier);
    expect(generateData(5)).toEqual(generateData(5));
  });

  test.each([1, 2, 77])("every gold query of seed %d finds rows and passes", async (seed) => {
    const suite = await make({ seed });
    for (const { id, text } of await suite.tasks()) {
      const environment = await suite.open(id, { seed: 0 });
      const [gold] = environment.oracle!;
      const result = await call(environment, gold!.name, gold!.input);
      expect(result, text).toMatchObject({ status: "ok" });
      expect(result.content, text).not.toBe("[]");
      expect(await environment.score(), text).toMatchObject({
        passed: true,
        score: 1,
        audit: true,
      });
      await environment.close();
    }
  });

  test("it keeps the laws of a suite", () => assertConformant(new URL("../", import.meta.url)));
});

describe("an episode", () => {
  const open = async (): Promise<Environment> => {
    const suite = await make();
    const tasks = await suite.tasks();
    const task = tasks.find(({ text }) => text.startsWith("List the name and pages"))!;
    return suite.open(task.id, { seed: 0 });
  };

  test("begins with the question and the name of the database", async () => {
    const { observation, tools } = await open();
    expect(observation).toContain('"library"');
    expect(observation).toContain("List the name and pages of each book");
    expect(tools.map(({ name }) => name)).toEqual(["execute_sql", "read_schema"]);
  });

  test("read_schema gives the tables and columns, and is no answer", async () => {
    const environment = await open();
    const { content } = await call(environment, "read_schema", {});
    expect(content).toBe(
      "branch(id int, name varchar(80), district varchar(40))\n" +
        "book(id int, name varchar(80), pages int, branch_id int)",
    );
    expect(await environment.score()).toMatchObject({ passed: false, score: 0, audit: false });
  });

  test("the last query counts; a text that is no query does not", async () => {
    const environment = await open();
    await sql(environment, "SELECT name, pages FROM book ORDER BY pages DESC");
    expect(await environment.score()).toMatchObject({ passed: true, audit: true });
    expect(await sql(environment, "That was it.")).toMatchObject({
      status: "error",
      error: { code: "SQL_REFUSED" },
    });
    expect(await environment.score()).toMatchObject({ passed: true });
    expect(await sql(environment, "SELECT nonsense")).toMatchObject({
      status: "error",
      content: "Error executing query: no such column: nonsense",
      error: { code: "SQL_ERROR" },
    });
    expect(await environment.score()).toMatchObject({ passed: false, audit: false });
    await sql(environment, "SELECT name, pages FROM book ORDER BY pages");
    expect(await environment.score()).toMatchObject({ passed: false, score: 0, audit: false });
    await sql(environment, "SELECT name, pages FROM book ORDER BY pages DESC LIMIT 9");
    expect(await environment.score()).toMatchObject({ passed: false, score: 0.5, audit: false });
  });

  test("what the agent wrote into its copy counts for nothing", async () => {
    const environment = await open();
    await sql(environment, "WITH x AS (SELECT 1) DELETE FROM book WHERE pages < 300");
    await sql(environment, "SELECT name, pages FROM book ORDER BY pages DESC");
    expect(await environment.score()).toMatchObject({ passed: true });
    const fresh = await open();
    expect((await sql(fresh, "SELECT count(*) FROM book")).content).toBe("[(18,)]");
  });

  test("after close nothing runs, and closing again is no error", async () => {
    const environment = await open();
    await environment.close();
    await environment.close();
    expect(await sql(environment, "SELECT 1")).toMatchObject({ status: "error" });
  });

  test("an unknown task is an error", async () => {
    const suite = await make();
    expect(() => suite.open("nothing", { seed: 0 })).toThrow(RangeError);
  });
});

const task = {
  id: "t-1",
  db: "pets",
  question: "How many pets?",
  gold_sql: "SELECT count(*) FROM pet",
  hardness: "easy",
  gold_is_empty: false,
};
const pets = {
  db: "pets",
  tables: [{ name: "pet", columns: [{ name: "id", type: "int" }], rows: [[1], [2]] }],
};

let folders = 0;

function write(tasks: readonly unknown[] | string, databases: Record<string, unknown>): string {
  folders += 1;
  const name = `data-${folders}`;
  mkdirSync(join(folder, name, "databases"), { recursive: true });
  const lines =
    typeof tasks === "string" ? tasks : tasks.map((one) => JSON.stringify(one)).join("\n");
  writeFileSync(join(folder, name, "tasks.jsonl"), lines);
  for (const [db, content] of Object.entries(databases))
    writeFileSync(join(folder, name, "databases", `${db}.json`), JSON.stringify(content));
  return name;
}

describe("with data", () => {
  test("tasks with an empty gold result are left out, or kept on demand; doubles count once", async () => {
    const empty = {
      ...task,
      question: "Which pets have no number?",
      gold_sql: "SELECT id FROM pet WHERE id IS NULL",
      gold_is_empty: true,
    };
    const data = write([task, task, empty], { pets });
    const strict = await make({ data });
    expect(await strict.tasks()).toHaveLength(1);
    expect(strict.data).toBe(
      `${data}: 1 tasks on 1 databases; 1 with an empty gold result left out`,
    );
    const all = await (await make({ data, emptyGold: true })).tasks();
    expect(all).toHaveLength(2);
  });

  test("a split can be given by the name of a database", async () => {
    const data = write([task, { ...task, db: "dogs" }], { pets, dogs: { ...pets, db: "dogs" } });
    const tasks = await (await make({ data, splits: { dogs: "canary" } })).tasks();
    expect(tasks.map(({ family, split }) => [family, split])).toEqual([
      ["pets", "train"],
      ["dogs", "canary"],
    ]);
  });

  test("a gold query that fails is an error when the episode is judged", async () => {
    const suite = await make({ data: write([{ ...task, gold_sql: "SELECT x FROM y" }], { pets }) });
    const [only] = await suite.tasks();
    const environment = await suite.open(only!.id, { seed: 0 });
    expect(() => environment.score()).toThrow(/gold query of task t-1 fails: no such table/);
  });
});

describe("bad data", () => {
  const table = (change: object) => ({
    pets: { db: "pets", tables: [{ ...pets.tables[0], ...change }] },
  });

  test.each<[string, readonly unknown[] | string, Record<string, unknown>, string]>([
    ["no JSON", "{", { pets }, "line 1: not JSON"],
    ["a list", "[]", { pets }, "line 1: the line must be an object"],
    ["a path for a name", [{ ...task, db: "../pets" }], { pets }, 'db has the name "../pets"'],
    ["no question", [{ ...task, question: "" }], { pets }, "question must be a text"],
    ["unknown hardness", [{ ...task, hardness: "odd" }], { pets }, "hardness must be easy, medium"],
    ["another database", [task], { pets: { ...pets, db: "cats" } }, 'db must be "pets"'],
    ["no table", [task], { pets: { db: "pets", tables: [] } }, "tables is empty"],
    ["no column", [task], table({ columns: [] }), "pet has no column"],
    [
      "a short row",
      [task],
      table({ rows: [[1], []] }),
      "row 2 of pet does not have 1 plain values",
    ],
    ["a row of objects", [task], table({ rows: [[{}]] }), "row 1 of pet does not have 1 plain"],
    ["an unknown key", [task], table({ primaryKey: ["no"] }), "primaryKey of pet names a column"],
    [
      "a table twice",
      [task],
      { pets: { db: "pets", tables: [pets.tables[0], { ...pets.tables[0], name: "PET" }] } },
      "the table pet occurs twice",
    ],
  ])("%s", async (_, tasks, databases, message) => {
    await expect(make({ data: write(tasks, databases) })).rejects.toMatchObject({
      code: "HX_SUITE_SQL_DATA_INVALID",
      message: expect.stringContaining(message),
    });
  });

  test("a folder or a database that is missing", async () => {
    await expect(make({ data: "nowhere" })).rejects.toMatchObject({
      code: "HX_SUITE_SQL_DATA_MISSING",
    });
    await expect(make({ data: write([task], {}) })).rejects.toMatchObject({
      code: "HX_SUITE_SQL_DATA_MISSING",
      message: expect.stringContaining("pets.json"),
    });
  });

  test("names with quotes do no harm", async () => {
    const name = `pet"; DROP TABLE x; --`;
    const data = write([{ ...task, gold_sql: "SELECT 1" }], table({ name }));
    await expect(make({ data })).resolves.toBeDefined();
  });
});
