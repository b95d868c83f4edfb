import type { JsonSchema } from "./json.ts";

/** What a model is shown of a tool. */
export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON Schema (2020-12) of the arguments; its top level is an object. */
  readonly inputSchema: JsonSchema;
}
