import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { hardnesses } from "./data.ts";
import type { Cell, Column, SqlData, SqlDatabase, SqlTask, Table } from "./data.ts";
import { intercodeSqlError } from "./errors.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Thrown by the checks below and turned into a coded error with the file. */
class Problem extends Error {}

/** The database's name is part of a path. */
const databaseName = /^[A-Za-z0-9][\w-]{0,80}$/;

/**
 * Reads `tasks.jsonl` and the databases that its tasks name; `folder` is relative to `root`.
 *
 * Throws HX_SUITE_SQL_DATA_MISSING for a file that cannot be read and HX_SUITE_SQL_DATA_INVALID for
 * one that is not what it should be.
 */
export function loadData(folder: string, root = "."): SqlData {
  const base = resolve(root, folder);
  const tasks = readText(join(base, "tasks.jsonl"))
    .split("\n")
    .flatMap((line, index) =>
      line.trim() === ""
        ? []
        : [checked(`${folder}/tasks.jsonl, line ${index + 1}`, () => readTask(line))],
    );
  const names = [...new Set(tasks.map(({ db }) => db))].toSorted();
  const databases = names.map((name) => {
    const text = readText(join(base, "databases", `${name}.json`));
    return checked(`${folder}/databases/${name}.json`, () => readDatabase(text, name));
  });
  return { tasks, databases };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const code = (cause as { readonly code?: unknown }).code;
    throw intercodeSqlError(
      "HX_SUITE_SQL_DATA_MISSING",
      { file, problem: code ?? "unreadable" },
      cause,
    );
  }
}

function checked<Value>(file: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw intercodeSqlError("HX_SUITE_SQL_DATA_INVALID", { file, problem: error.message }, error);
  }
}

function readTask(line: string): SqlTask {
  const fields = record(parse(line), "the line");
  const db = text(fields["db"], "db");
  if (!databaseName.test(db)) throw new Problem(`db has the name "${db.slice(0, 80)}"`);
  const hardness = hardnesses.find((name) => name === fields["hardness"]);
  if (hardness === undefined) throw new Problem(`hardness must be ${hardnesses.join(", ")}`);
  return {
    id: text(fields["id"], "id"),
    db,
    question: text(fields["question"], "question"),
    goldSql: text(fields["gold_sql"], "gold_sql"),
    hardness,
    goldIsEmpty: fields["gold_is_empty"] === true,
  };
}

function readDatabase(json: string, name: string): SqlDatabase {
  const fields = record(parse(json), "the file");
  if (fields["db"] !== name) throw new Problem(`db must be "${name}"`);
  const tables = list(fields["tables"], "tables").map(readTable);
  if (tables.length === 0) throw new Problem("tables is empty");
  const names = tables.map((table) => table.name.toLowerCase());
  const twice = names.find((one, index) => names.indexOf(one) !== index);
  if (twice !== undefined) throw new Problem(`the table ${twice} occurs twice`);
  return { db: name, tables };
}

function readTable(value: unknown): Table {
  const fields = record(value, "a table");
  const name = text(fields["name"], "name of a table");
  const columns = list(fields["columns"], `columns of ${name}`).map((column) =>
    readColumn(column, name),
  );
  if (columns.length === 0) throw new Problem(`${name} has no column`);
  const known = new Set(columns.map((column) => column.name));
  const columnNames = (names: unknown, what: string): string[] =>
    list(names ?? [], what).map((column) => {
      if (typeof column !== "string" || !known.has(column))
        throw new Problem(`${what} names a column that ${name} does not have`);
      return column;
    });
  const foreignKeys = list(fields["foreignKeys"] ?? [], `foreignKeys of ${name}`).map((key) => ({
    columns: columnNames(record(key, "a foreign key")["columns"], `foreignKeys of ${name}`),
  }));
  const rows = list(fields["rows"], `rows of ${name}`).map((row, index) => {
    const cells = list(row, `row ${index + 1} of ${name}`);
    if (cells.length !== columns.length || !cells.every(isCell))
      throw new Problem(`row ${index + 1} of ${name} does not have ${columns.length} plain values`);
    return cells as readonly Cell[];
  });
  return {
    name,
    columns,
    primaryKey: columnNames(fields["primaryKey"], `primaryKey of ${name}`),
    foreignKeys,
    rows,
  };
}

function readColumn(value: unknown, table: string): Column {
  const fields = record(value, `a column of ${table}`);
  const standard = fields["default"];
  return {
    name: text(fields["name"], `name of a column of ${table}`),
    type: text(fields["type"], `type of a column of ${table}`),
    nullable: fields["nullable"] !== false,
    autoIncrement: fields["autoIncrement"] === true,
    default: typeof standard === "string" && standard !== "NULL" ? standard : null,
  };
}

const isCell = (value: unknown): value is Cell =>
  value === null || typeof value === "string" || Number.isFinite(value);

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new Problem("not JSON");
  }
}

function record(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Problem(`${what} must be an object`);
  return value as Fields;
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Problem(`${what} must be an array`);
  return value;
}

function text(value: unknown, what: string): string {
  if (typeof value !== "string" || value === "" || value.length > 10_000)
    throw new Problem(`${what} must be a text`);
  return value;
}
