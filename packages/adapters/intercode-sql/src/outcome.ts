/** Integers come as bigint, so that 1 and 1.0 stay apart as they do upstream. */
export type Value = string | number | bigint | null | Uint8Array;

/** A row of a result. */
export type Row = readonly Value[];

/** What a query came to; `refused` when it was not run at all. */
export type QueryOutcome =
  | { readonly kind: "rows"; readonly rows: readonly Row[] }
  | { readonly kind: "error"; readonly message: string }
  | { readonly kind: "refused"; readonly message: string };
