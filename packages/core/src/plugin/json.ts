/** Any value that survives `JSON.parse(JSON.stringify(value))` unchanged. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json | undefined };

/** A JSON Schema (draft 2020-12) as plain data; checked by ajv when it is first used. */
export type JsonSchema = { readonly [keyword: string]: unknown };
