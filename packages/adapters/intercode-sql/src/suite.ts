import { createHash } from "node:crypto";
import type { Environment, Score, Suite, SuiteTask, TaskSplit } from "@harnessx/core/plugin";
import { auditRows } from "./audit.ts";
import type { SqlData, SqlDatabase, SqlTask } from "./data.ts";
import { loadData } from "./data-files.ts";
import { createEngine, type Image } from "./engine.ts";
import { intercodeSqlError } from "./errors.ts";
import { generateData } from "./generate.ts";
import type { QueryOutcome } from "./outcome.ts";
import { renderRow } from "./render.ts";
import { scoreRows } from "./score.ts";
import { dealSplits } from "./splits.ts";
import { createTools } from "./tools.ts";

/** Changes with every change of the rules by which an episode is played or judged. */
const scoringVersion = 1;

/** Options of the suite; `options.schema.json` says the same to the manifest. */
export interface IntercodeSqlOptions {
  /** Folder with `tasks.jsonl` and `databases/`, relative to the manifest's folder; none means generated tasks. */
  readonly data?: string;
  /** Keep tasks whose gold query returns no row: any query without rows passes them. */
  readonly emptyGold?: boolean;
  /** Split of a database by its name; the others are dealt out by size. */
  readonly splits?: Readonly<Record<string, TaskSplit>>;
  /** Seed of the generated set. */
  readonly seed?: number;
}

interface Entry {
  readonly task: SuiteTask;
  readonly source: SqlTask;
  readonly database: SqlDatabase;
  readonly image: Image;
}

/** Makes the suite; reads or generates the tasks and builds every database once. */
export async function createSuite(options: IntercodeSqlOptions, root: string): Promise<Suite> {
  const { seed = 1, emptyGold = false, splits = {} } = options;
  const given = options.data === undefined ? generateData(seed) : loadData(options.data, root);
  const origin = options.data ?? `generated with seed ${seed}`;
  const { kept, leftOut } = select(given, emptyGold);
  const entries = await entriesOf({ tasks: kept, databases: given.databases }, splits);
  const tasks = entries.map(({ task }) => task);
  const byId = new Map(entries.map((entry) => [entry.task.id, entry]));
  const golds = new Map<string, readonly string[]>();
  const goldRows = (entry: Entry): readonly string[] => {
    const known = golds.get(entry.task.id) ?? runGold(entry);
    golds.set(entry.task.id, known);
    return known;
  };
  return {
    name: "intercode-sql",
    verifier: sha256([
      scoringVersion,
      tasks.map(({ id, split }) => `${id} ${split}`).toSorted(),
      given.databases,
    ]),
    data: `${origin}: ${tasks.length} tasks on ${given.databases.length} databases${leftOut}`,
    tasks: () => tasks,
    open(taskId) {
      const entry = byId.get(taskId);
      if (entry === undefined) throw new RangeError(`no task ${taskId}`);
      return openEnvironment(entry, () => goldRows(entry));
    },
  };
}

function openEnvironment(entry: Entry, goldRows: () => readonly string[]): Environment {
  const { source, database, image } = entry;
  const session = image.open();
  let last: string | undefined;
  let closed = false;
  const execute = (sql: string): QueryOutcome => {
    if (closed) return { kind: "refused", message: "The episode is over" };
    const outcome = session.query(sql);
    if (outcome.kind !== "refused") last = sql;
    return outcome;
  };
  return {
    tools: createTools(database, execute),
    observation: `Answer the question with one SQL query on the database "${source.db}". The last query that you run is your answer.\nQuestion: ${source.question}`,
    oracle: [{ name: "execute_sql", input: { query: source.goldSql } }],
    score: () => judge(image, last, goldRows()),
    close() {
      if (!closed) session.close();
      closed = true;
    },
  };
}

/** Runs the last query once more on a clean copy: nothing that the agent did before may count. */
function judge(image: Image, last: string | undefined, gold: readonly string[]): Score {
  const fail = (reason: string): Score => ({ passed: false, score: 0, reason, audit: false });
  if (last === undefined) return fail("no query was executed");
  const outcome = runClean(image, last);
  if (outcome.kind !== "rows") return fail(`the last query failed: ${outcome.message}`);
  const rows = outcome.rows.map(renderRow);
  const value = scoreRows(rows, gold);
  return {
    passed: value === 1,
    score: Math.max(0, value),
    reason: `${rows.length} rows against ${gold.length} gold rows: ${value}`,
    // 0.995 is a little less than its name says and goes down.
    audit: auditRows(rows, gold) > 0.995,
  };
}

function runClean(image: Image, sql: string): QueryOutcome {
  const session = image.open();
  try {
    return session.query(sql);
  } finally {
    session.close();
  }
}

function runGold({ image, source }: Entry): readonly string[] {
  const outcome = runClean(image, source.goldSql);
  if (outcome.kind === "rows") return outcome.rows.map(renderRow);
  throw intercodeSqlError("HX_SUITE_SQL_GOLD", { task: source.id, problem: outcome.message });
}

function select({ tasks }: SqlData, emptyGold: boolean): { kept: SqlTask[]; leftOut: string } {
  const seen = new Set<string>();
  const kept = tasks.filter((task) => {
    const id = idOf(task);
    const isNew = !seen.has(id);
    seen.add(id);
    return isNew && (emptyGold || !task.goldIsEmpty);
  });
  const empty = emptyGold ? 0 : tasks.filter(({ goldIsEmpty }) => goldIsEmpty).length;
  return { kept, leftOut: empty === 0 ? "" : `; ${empty} with an empty gold result left out` };
}

async function entriesOf(
  { tasks, databases }: SqlData,
  fixed: Readonly<Record<string, TaskSplit>>,
): Promise<Entry[]> {
  const engine = await createEngine();
  const split = dealSplits(tasks, fixed);
  const built = new Map(
    databases.map((database) => [database.db, { database, image: engine.build(database) }]),
  );
  return tasks.map((source) => ({
    task: {
      id: idOf(source),
      text: source.question,
      family: source.db,
      cluster: source.hardness,
      split: split.get(source.db) ?? "train",
    },
    source,
    ...built.get(source.db)!,
  }));
}

/** The id that the suite gives a task; `@harnessx/adapter-intercode-recorded` computes the same. */
const idOf = ({ db, question, goldSql }: SqlTask): string =>
  sha256(["intercode-sql", db, question, goldSql]);

const sha256 = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex");
