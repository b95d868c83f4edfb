/** A value in a table. */
export type Cell = string | number | null;

/** A column as MySQL declares it. */
export interface Column {
  readonly name: string;
  /** MySQL's name of the type, such as `varchar(255)`. */
  readonly type: string;
  readonly nullable?: boolean;
  readonly autoIncrement?: boolean;
  readonly default?: string | null;
}

/** A table with its rows. */
export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly primaryKey?: readonly string[];
  readonly foreignKeys?: readonly { readonly columns: readonly string[] }[];
  readonly rows: readonly (readonly Cell[])[];
}

/** One database: the JSON form of a file in `databases/`. */
export interface SqlDatabase {
  readonly db: string;
  readonly tables: readonly Table[];
}

/** How hard a question is, by Spider's rules. */
export const hardnesses = ["easy", "medium", "hard", "extra"] as const;

/** How hard a question is, by Spider's rules. */
export type Hardness = (typeof hardnesses)[number];

/** A question with the query that answers it: the part of a line of `tasks.jsonl` that the suite reads. */
export interface SqlTask {
  readonly id: string;
  readonly db: string;
  readonly question: string;
  readonly goldSql: string;
  readonly hardness: Hardness;
  /** The gold query returns no row. */
  readonly goldIsEmpty: boolean;
}

/** Tasks and the databases that they ask about. */
export interface SqlData {
  readonly tasks: readonly SqlTask[];
  readonly databases: readonly SqlDatabase[];
}
