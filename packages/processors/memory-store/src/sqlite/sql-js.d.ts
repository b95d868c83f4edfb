/** The part of sql.js that the store uses; `@types/sql.js` adds globals of Emscripten. */
declare module "sql.js" {
  interface Statement {
    bind(values: readonly (string | number | null)[]): boolean;
    step(): boolean;
    getAsObject(): Record<string, unknown>;
    free(): boolean;
  }

  interface Database {
    run(sql: string, values?: readonly (string | number | null)[]): Database;
    prepare(sql: string): Statement;
    export(): Uint8Array;
    close(): void;
  }

  interface SqlJsStatic {
    readonly Database: new (bytes?: Uint8Array) => Database;
  }

  export default function initSqlJs(): Promise<SqlJsStatic>;
}
