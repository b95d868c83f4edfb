import { entryDefs, idSchema } from "./schema.ts";

const section = { enum: ["processors", "tools"] } as const;
const anchor = {
  description: "the id of the entry before it, or null for the front",
  type: ["string", "null"],
} as const;
const ids = { type: "array", items: { type: "string" } } as const;

/** An entry of either list; which of the two it must fit follows from `section`. */
const entryIn = (...fields: readonly string[]) => ({
  if: { properties: { section: { const: "tools" } } },
  then: { properties: refs(fields, "#/$defs/toolsEntry") },
  else: { properties: refs(fields, "#/$defs/processorEntry") },
});
const refs = (fields: readonly string[], $ref: string) =>
  Object.fromEntries(fields.map((field) => [field, { $ref }]));

const edit = (op: string, properties: object, required: readonly string[], entry?: object) => ({
  if: { properties: { op: { const: op } }, required: ["op"] },
  then: {
    properties: { op: true, ...properties },
    required,
    additionalProperties: false,
    ...(entry && { allOf: [entry] }),
  },
});

const placed = { section, after: anchor, entry: true };
const placedKeys = ["section", "after", "entry"];

/**
 * The JSON Schema (draft 2020-12) of a list of edits, as `diff` makes and `apply` takes them.
 *
 * @example
 * ```ts
 * import { editsSchema } from "@harnessx/core";
 * editsSchema.type; // "array"
 * ```
 */
export const editsSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $id: "urn:harnessx:edits.schema.json",
  title: "HarnessX manifest edits",
  type: "array",
  items: {
    type: "object",
    properties: { op: { enum: ["insert", "remove", "replace", "configure", "reorder", "set"] } },
    required: ["op"],
    allOf: [
      edit("insert", placed, placedKeys, entryIn("entry")),
      edit("remove", placed, placedKeys, entryIn("entry")),
      edit(
        "replace",
        { section, from: true, to: true },
        ["section", "from", "to"],
        entryIn("from", "to"),
      ),
      edit("configure", { id: idSchema, from: { type: "object" }, to: { type: "object" } }, ["id"]),
      edit("reorder", { section, from: ids, to: ids }, ["section", "from", "to"]),
      edit(
        "set",
        {
          path: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 2 },
          from: true,
          to: true,
        },
        ["path"],
      ),
    ],
  },
  $defs: entryDefs,
} as const;
