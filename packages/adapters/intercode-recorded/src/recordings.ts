import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { recordedError } from "./errors.ts";

/** A task as far as the recorded model needs it. */
export interface RecordedTask {
  /** Upstream's id, such as `spider-0000`. */
  readonly id: string;
  readonly question: string;
  /** Columns of each table of the task's database. */
  readonly tables: Readonly<Record<string, readonly string[]>>;
}

/** One recorded turn. */
export interface RecordedAction {
  readonly query: string;
  readonly thought?: string;
}

/** The recordings in a folder; files are read when they are first asked for. */
export interface Recordings {
  /** The task with this id of the suite. */
  task(taskId: string): RecordedTask | undefined;
  /** What was done on the task; undefined when the recording does not have it. */
  actions(arm: string, task: RecordedTask): readonly RecordedAction[] | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** Opens a folder of recordings; throws HX_RECORDED_DATA when a file is missing or malformed. */
export function openRecordings(folder: string): Recordings {
  const base = resolve(folder);
  const tasks = new Map(readLines(join(base, "tasks.jsonl"), readTask));
  const arms = new Map<string, ReadonlyMap<string, readonly RecordedAction[]>>();
  return {
    task: (taskId) => tasks.get(taskId),
    actions(arm, task) {
      const known =
        arms.get(arm) ?? new Map(readLines(join(base, "recorded", `${arm}.jsonl`), readEpisode));
      arms.set(arm, known);
      return known.get(task.id);
    },
  };
}

/** The id that `@harnessx/adapter-intercode-sql` gives the task. */
export const suiteTaskId = (db: string, question: string, goldSql: string): string =>
  createHash("sha256")
    .update(JSON.stringify(["intercode-sql", db, question, goldSql]))
    .digest("hex");

function readTask(fields: Fields): [string, RecordedTask] {
  const [id, db, question, goldSql] = ["id", "db", "question", "gold_sql"].map((name) =>
    text(fields[name], name),
  ) as [string, string, string, string];
  const tables = Object.fromEntries(
    Object.entries(record(fields["db_tables"], "db_tables")).map(([table, columns]) => [
      table,
      list(columns, "db_tables").map((column) => text(column, "a column")),
    ]),
  );
  return [suiteTaskId(db, question, goldSql), { id, question, tables }];
}

function readEpisode(fields: Fields): [string, RecordedAction[]] {
  const actions = list(fields["steps"], "steps").flatMap((step) => {
    const { action, thought } = record(step, "a step");
    if (typeof action !== "string") throw new TypeError("action must be a text");
    // ReAct ends with a turn that is no query: the last one stands.
    if (action === "submit") return [];
    return [
      { query: unwrapped(action), ...(typeof thought === "string" && thought && { thought }) },
    ];
  });
  return [text(fields["task"], "task"), actions];
}

/** ReAct writes `execute[…]`; a text that was cut off at its longest has no closing bracket. */
const unwrapped = (action: string): string =>
  action.replace(/^execute\[([\s\S]*?)\]?$/, (_, query: string) => query);

function readLines<Item>(file: string, read: (fields: Fields) => Item): Item[] {
  let line = 0;
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .flatMap((one) => {
        line += 1;
        return one.trim() === "" ? [] : [read(record(JSON.parse(one), "the line"))];
      });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const problem = line === 0 ? message : `line ${line}: ${message}`;
    throw recordedError("HX_RECORDED_DATA", { file, problem }, cause);
  }
}

function record(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError(`${what} must be an object`);
  return value as Fields;
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${what} must be an array`);
  return value;
}

function text(value: unknown, what: string): string {
  if (typeof value !== "string" || value === "") throw new TypeError(`${what} must be a text`);
  return value;
}
