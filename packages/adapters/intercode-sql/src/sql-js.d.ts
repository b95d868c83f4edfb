/** The part of sql.js that the engine uses; `@types/sql.js` lacks `useBigInt` and adds globals of Emscripten. */
declare module "sql.js" {
  export type SqlValue = string | number | bigint | null | Uint8Array;

  export interface Statement {
    run(values?: readonly SqlValue[]): void;
    step(): boolean;
    get(values: null, config: { readonly useBigInt: true }): SqlValue[];
    free(): boolean;
  }

  export interface StatementIterator {
    next(): { readonly done?: boolean; readonly value: Statement | undefined };
    getRemainingSQL(): string;
  }

  export interface Database {
    run(sql: string): Database;
    prepare(sql: string): Statement;
    iterateStatements(sql: string): StatementIterator;
    /** Forgets prepared statements. */
    export(): Uint8Array;
    close(): void;
  }

  export interface SqlJsStatic {
    readonly Database: new (bytes?: Uint8Array) => Database;
  }

  export default function initSqlJs(): Promise<SqlJsStatic>;
}
