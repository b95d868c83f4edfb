import initSqlJs from "sql.js";
import type { Database, SqlJsStatic, StatementIterator } from "sql.js";
import type { Column, SqlDatabase } from "./data.ts";
import { shimOf } from "./dialect.ts";
import type { QueryOutcome, Row, Value } from "./outcome.ts";

/** An open copy of a database; what is done to it shows in no other copy. */
export interface Session {
  /** Runs one query; never throws for what the text says. */
  query(sql: string): QueryOutcome;
  close(): void;
}

/** A database that was built once and is copied for each session. */
export interface Image {
  open(): Session;
}

/** Makes images of databases. */
export interface Engine {
  build(database: SqlDatabase): Image;
}

/** Most rows of a result; the largest gold result has a few hundred. */
const mostRows = 100_000;
/** Most characters and bytes of a result's values together. */
const mostContent = 10_000_000;

/** Upstream takes an answer for SQL only when it begins with one of these. */
const readable = /^(?:select|with|show|desc|describe)\b/i;

const noSql =
  "No SQL query was found: it must begin with SELECT, WITH, SHOW TABLES, SHOW COLUMNS or DESCRIBE";

/** Loads SQLite once per process; its binary lies inside the sql.js package. */
let loading: Promise<SqlJsStatic> | undefined;

/** Makes an engine. */
export async function createEngine(): Promise<Engine> {
  const sqlite = await (loading ??= initSqlJs());
  return {
    build(database) {
      const source = new sqlite.Database();
      let bytes: Uint8Array;
      try {
        fill(source, database);
        bytes = source.export();
      } finally {
        source.close();
      }
      return { open: () => openSession(new sqlite.Database(bytes), database) };
    },
  };
}

function openSession(db: Database, database: SqlDatabase): Session {
  return {
    query(sql) {
      const text = sql.trim().replace(/;\s*$/, "");
      const shim = shimOf(text, database);
      if (shim !== undefined) return shim;
      if (!readable.test(text)) return { kind: "refused", message: noSql };
      return run(db, text);
    },
    close: () => db.close(),
  };
}

function run(db: Database, sql: string): QueryOutcome {
  const statements = db.iterateStatements(sql);
  try {
    return first(statements);
  } catch (thrown) {
    return { kind: "error", message: thrown instanceof Error ? thrown.message : String(thrown) };
  } finally {
    release(statements);
  }
}

function first(statements: StatementIterator): QueryOutcome {
  const statement = statements.next().value;
  if (statement === undefined) return { kind: "refused", message: noSql };
  if (statements.getRemainingSQL().trim() !== "")
    return { kind: "error", message: "only one statement can be executed at a time" };
  const rows: Row[] = [];
  let size = 0;
  while (statement.step()) {
    if (rows.length === mostRows)
      return { kind: "error", message: `the result has more than ${mostRows} rows` };
    const row = statement.get(null, { useBigInt: true });
    size += row.reduce<number>((sum, value) => sum + sizeOf(value), 0);
    if (size > mostContent)
      return { kind: "error", message: `the result has more than ${mostContent} characters` };
    rows.push(row);
  }
  return { kind: "rows", rows };
}

const sizeOf = (value: Value): number =>
  typeof value === "string" || value instanceof Uint8Array ? value.length : 8;

/** Going to the end, which runs nothing, is the only way to free the statement and the text. */
function release(statements: StatementIterator): void {
  try {
    while (statements.next().done !== true);
  } catch {
    // A statement that cannot be prepared ends the iteration and frees all the same.
  }
}

function fill(db: Database, database: SqlDatabase): void {
  db.run("BEGIN");
  for (const { name, columns, rows } of database.tables) {
    const declared = columns.map((column) => `${quote(column.name)} ${affinity(column)}`);
    db.run(`CREATE TABLE ${quote(name)} (${declared.join(", ")})`);
    const places = columns.map(() => "?").join(", ");
    const insert = db.prepare(`INSERT INTO ${quote(name)} VALUES (${places})`);
    for (const row of rows) insert.run(row);
    insert.free();
  }
  db.run("COMMIT");
}

/** Text compares without regard to case, as MySQL's default collation does. */
function affinity({ type }: Column): string {
  if (/int/i.test(type)) return "INTEGER";
  return /double|decimal|float|real|numeric/i.test(type) ? "REAL" : "TEXT COLLATE NOCASE";
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
