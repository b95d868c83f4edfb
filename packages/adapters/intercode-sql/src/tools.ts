import { tool } from "@harnessx/core/plugin";
import type { Tool, ToolResult } from "@harnessx/core/plugin";
import type { SqlDatabase } from "./data.ts";
import type { QueryOutcome } from "./outcome.ts";
import { renderOutcome } from "./render.ts";

/** The tools of one episode; `execute` runs a query and remembers it. */
export function createTools(database: SqlDatabase, execute: (sql: string) => QueryOutcome): Tool[] {
  return [
    tool<{ query: string }>({
      name: "execute_sql",
      description:
        "Run one SQL query (SELECT, WITH, SHOW TABLES, SHOW COLUMNS or DESCRIBE) and see its rows. The last query that you run is your answer.",
      inputSchema: {
        type: "object",
        properties: {
          query: { type: "string", maxLength: 20_000, description: "The query." },
        },
        required: ["query"],
        additionalProperties: false,
      },
      execute: ({ query }) => resultOf(execute(query)),
    }),
    tool<Record<string, never>>({
      name: "read_schema",
      description: "Read the tables of the database and their columns.",
      inputSchema: { type: "object", properties: {}, additionalProperties: false },
      tags: ["read-only"],
      execute: () => renderSchema(database),
    }),
  ];
}

function resultOf(outcome: QueryOutcome): ToolResult {
  const content = renderOutcome(outcome);
  if (outcome.kind === "rows") return { status: "ok", content };
  const code = outcome.kind === "error" ? "SQL_ERROR" : "SQL_REFUSED";
  return { status: "error", content, error: { code, message: outcome.message } };
}

/** One line for each table: `people(People_ID int, Name text)`. */
export const renderSchema = ({ tables }: SqlDatabase): string =>
  tables
    .map(
      ({ name, columns }) =>
        `${name}(${columns.map((column) => `${column.name} ${column.type}`).join(", ")})`,
    )
    .join("\n");
