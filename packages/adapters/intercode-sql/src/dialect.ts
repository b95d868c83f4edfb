import type { Column, SqlDatabase, Table } from "./data.ts";
import type { QueryOutcome, Row } from "./outcome.ts";

/** A table's name, in backticks or quotes or bare, with the database's name before it or not. */
const nameOf = (text: string): string =>
  text
    .trim()
    .replaceAll(/[`"']/g, "")
    .replace(/^\w+\./, "");

const showTables = /^show\s+(?:full\s+)?tables(?:\s+(?:from|in)\s+\S+)?(?:\s+like\s+'([^']*)')?$/i;
const describe = /^(?:desc|describe)\s+(?!table\s)(\S+)$/i;
const showColumns = /^show\s+(?:full\s+)?(?:columns|fields)\s+(?:from|in)\s+(\S+)$/i;

/**
 * Answers the statements of MySQL that agents ask for the schema with and SQLite does not have.
 *
 * Undefined for anything else.
 */
export function shimOf(sql: string, database: SqlDatabase): QueryOutcome | undefined {
  const tables = showTables.exec(sql);
  if (tables) return { kind: "rows", rows: listTables(database, tables[1]) };
  const named = describe.exec(sql) ?? showColumns.exec(sql);
  if (!named) return undefined;
  const name = nameOf(named[1] ?? "");
  const table = database.tables.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (table === undefined)
    return { kind: "error", message: `Table '${database.db}.${name}' doesn't exist` };
  return { kind: "rows", rows: table.columns.map((column) => describeColumn(column, table)) };
}

function listTables({ tables }: SqlDatabase, like: string | undefined): Row[] {
  const names = tables.map(({ name }) => name);
  const wanted = like === undefined ? names : names.filter(likeTest(like));
  const key = (name: string): string => name.toLowerCase();
  return wanted.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)).map((name) => [name]);
}

/** SQL's LIKE, without regard to case. */
function likeTest(like: string): (name: string) => boolean {
  const escaped = like.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = new RegExp(`^${escaped.replaceAll("%", ".*").replaceAll("_", ".")}$`, "i");
  return (name) => pattern.test(name);
}

/** Field, type, null, key, default, extra: the columns of MySQL's answer. */
function describeColumn(column: Column, { primaryKey = [], foreignKeys = [] }: Table): Row {
  const isForeign = foreignKeys.some(({ columns }) => columns[0] === column.name);
  const key = primaryKey.includes(column.name) ? "PRI" : isForeign ? "MUL" : "";
  return [
    column.name,
    column.type,
    column.nullable === false ? "NO" : "YES",
    key,
    column.default ?? null,
    column.autoIncrement === true ? "auto_increment" : "",
  ];
}
