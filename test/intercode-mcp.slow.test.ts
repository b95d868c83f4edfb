import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { connectMcp } from "@harnessx/adapter-mcp";
import intercode, {
  createEngine,
  loadData,
  renderRow,
  scoreRows,
} from "@harnessx/adapter-intercode-sql";
import type { SqlDatabase, Table } from "@harnessx/adapter-intercode-sql";
import { createAgent, loadHarness } from "@harnessx/core";
import type { LoadedHarness } from "@harnessx/core";
import { scriptedModel } from "@harnessx/core/testing";
import { textOf } from "@harnessx/core/plugin";
import { afterAll, describe, expect, test } from "vitest";
import { folder, hasData, root, why } from "./intercode.ts";

/**
 * Databases whose results survive the server's JSON: it writes 1.0 as 1 and keeps one of two columns
 * of a name, which changes a few results of the other databases.
 */
const databases = ["concert_singer", "course_teach", "flight_2"] as const;

/** The server's program; undefined where npm left it out because its SQLite could not be built. */
const server = ((): string | undefined => {
  try {
    const found = createRequire(import.meta.url).resolve("mcp-server-sqlite-npx/package.json");
    const program = join(dirname(found), "dist", "index.js");
    createRequire(program)("sqlite3");
    return program;
  } catch {
    return undefined;
  }
})();
const whyNot = server === undefined ? " (skipped: mcp-server-sqlite-npx is not installed)" : why;
const scratch = mkdtempSync(join(tmpdir(), "harnessx-sqlite-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe.skipIf(!hasData || !server)(
  `InterCode-SQL through a third party's server${whyNot}`,
  () => {
    test.each(databases)("%s: gold and recorded queries score as in process", async (db) => {
      const { tasks, databases: all } = loadData(folder);
      const database = all.find((one) => one.db === db)!;
      const suite = await intercode.create({ data: folder, emptyGold: true }, { root });
      const ids = (await suite.tasks()).map(({ id }) => id);
      const session = (await createEngine()).build(database).open();
      const harness = await harnessWith(join(scratch, `${db}.sqlite`));
      try {
        await fill(harness, database);
        const recorded = lastRecordedQueries();
        const scores = { gold: [0, 0], recorded: [0, 0] };
        for (const [index, task] of tasks.entries()) {
          if (task.db !== db) continue;
          const gold = session.query(task.goldSql);
          if (gold.kind !== "rows") throw new Error(gold.message);
          const goldRows = gold.rows.map(renderRow);
          for (const kind of ["gold", "recorded"] as const) {
            const query = kind === "gold" ? task.goldSql : recorded.get(task.id);
            // The server takes nothing else for reading.
            if (query === undefined || !/^\s*select\b/i.test(query)) continue;
            const environment = await suite.open(ids[index]!, { seed: 1 });
            await environment.tools[0]!.execute({ query } as never, {} as never);
            const { score: inProcess } = await environment.score();
            await environment.close();
            const rows = await queryThroughServer(harness, query);
            const score = rows === undefined ? 0 : Math.max(0, scoreRows(rows, goldRows));
            expect(score, query).toBe(inProcess);
            scores[kind][0]! += score;
            scores[kind][1]! += 1;
          }
        }
        expect(scores.gold[0]).toBe(scores.gold[1]);
        // Not all of what a language model wrote is right: equal scores mean something.
        expect(scores.recorded[0]).toBeGreaterThan(0);
        expect(scores.recorded[0]).toBeLessThan(scores.recorded[1]!);
      } finally {
        session.close();
        await harness.close();
      }
    });
  },
);

const harnessWith = (file: string): Promise<LoadedHarness> =>
  loadHarness(
    {
      name: "sqlite",
      version: "1",
      tools: [{ id: "sqlite", mcp: { command: process.execPath, args: [server!, file] } }],
    },
    { mcp: connectMcp },
  );

/** Makes the calls of an agent and gives what it saw of the last one. */
async function callServer(
  harness: LoadedHarness,
  name: string,
  queries: readonly string[],
): Promise<{ readonly ok: boolean; readonly text: string }> {
  const model = scriptedModel((_request, at) => {
    const query = queries[at];
    return query === undefined
      ? { text: "Done." }
      : { calls: [{ name: `sqlite__${name}`, input: { query } }] };
  });
  const { messages, exit } = await createAgent({ harness, models: { main: model } }).run(
    "Run the query.",
    { limits: { maxSteps: queries.length + 1 } },
  );
  expect(exit).toBe("done");
  const results = [...messages].filter((message) => message.role === "tool");
  const last = results.at(-1)!;
  return { ok: results.every(({ status }) => status === "ok"), text: textOf(last) };
}

/** The rows as texts; undefined when the server refused the query. */
async function queryThroughServer(
  harness: LoadedHarness,
  query: string,
): Promise<string[] | undefined> {
  const { ok, text } = await callServer(harness, "read_query", [query]);
  if (!ok) return undefined;
  const rows = JSON.parse(text) as Record<string, string | number | null>[];
  return rows.map((row) =>
    renderRow(
      Object.values(row).map((value) =>
        Number.isInteger(value) ? BigInt(value as number) : value,
      ),
    ),
  );
}

/** Writes the database through the server's own tools. */
async function fill(harness: LoadedHarness, { tables }: SqlDatabase): Promise<void> {
  const created = await callServer(harness, "create_table", tables.map(createStatement));
  expect(created.ok, created.text).toBe(true);
  const inserts = tables.filter(({ rows }) => rows.length > 0).map(insertStatement);
  const filled = await callServer(harness, "write_query", inserts);
  expect(filled.ok, filled.text).toBe(true);
}

const createStatement = ({ name, columns }: Table): string =>
  `CREATE TABLE ${quote(name)} (${columns.map((one) => `${quote(one.name)} ${affinity(one.type)}`).join(", ")})`;

/** As the suite declares columns: text compares without regard to case. */
const affinity = (type: string): string => {
  if (/int/i.test(type)) return "INTEGER";
  return /double|decimal|float|real|numeric/i.test(type) ? "REAL" : "TEXT COLLATE NOCASE";
};

const insertStatement = ({ name, rows }: Table): string =>
  `INSERT INTO ${quote(name)} VALUES ${rows.map((row) => `(${row.map(literal).join(", ")})`).join(", ")}`;

const literal = (value: string | number | null): string => {
  if (value === null) return "NULL";
  return typeof value === "number" ? String(value) : `'${value.replaceAll("'", "''")}'`;
};

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** What a language model ran last for each task. */
function lastRecordedQueries(): ReadonlyMap<string, string> {
  const lines = readFileSync(join(folder, "recorded", "gpt-3.5.try-again-10.jsonl"), "utf8");
  const episodes = lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Episode);
  return new Map(
    episodes.flatMap(({ task, steps }) => {
      const last = steps.findLast(({ action }) => action !== "submit");
      return last === undefined ? [] : [[task, last.action] as const];
    }),
  );
}

interface Episode {
  readonly task: string;
  readonly steps: readonly { readonly action: string }[];
}
