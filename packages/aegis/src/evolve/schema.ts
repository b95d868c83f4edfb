import { document, listOf, mapOf, number, record, share, text } from "../schema.ts";

const dimension = {
  enum: [
    "model",
    "context",
    "memory",
    "tools",
    "environment",
    "evaluation",
    "control",
    "observability",
    "training",
  ],
};

/** JSON Schema of a catalogue: a list of `CatalogueEntry`. */
export const catalogueSchema = document(
  "Catalogue of published packages",
  listOf(
    record(
      { package: { type: "string", minLength: 1 }, dimension, pathologies: listOf(text) },
      {
        id: { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*$" },
        mode: { enum: ["insert", "replace", "tune"] },
        defaultOptions: { type: "object" },
        group: text,
        hooks: listOf(text),
        limits: mapOf({ type: "number", exclusiveMinimum: 0 }),
        costRatio: { type: "number", exclusiveMinimum: 0 },
      },
    ),
  ),
);

/** JSON Schema of a `Candidate`. */
export const candidateSchema = document(
  "Candidate",
  record({
    v: { const: 1 },
    id: { type: "string", pattern: "^[0-9a-f]{16}$" },
    parent: text,
    operator: text,
    scope: { anyOf: [{ const: "all" }, listOf(text)] },
    // The manifest algebra checks edits when they are applied.
    edits: { type: "array", minItems: 1, items: { type: "object", required: ["op"] } },
    packages: listOf(record({ name: text, version: text, files: mapOf(text) })),
    manifest: record({
      dims: { type: "array", minItems: 1, items: dimension },
      bucket: { enum: ["prompt", "config", "processor", "tools", "control-flow"] },
      intent: { enum: ["gain", "simplify", "revert"] },
      pathology: text,
      evidence: listOf(text),
      mechanism: text,
      touches: listOf(record({ hook: text, slot: text, key: text })),
      predict: record({
        unlock: listOf(text),
        stabilise: listOf(text),
        atRisk: listOf(text),
        delta: number,
        costRatio: number,
      }),
      signature: record({ component: text, minShareOfFlips: share }),
      capability: listOf(record({ claim: text, command: text, output: text })),
      rollback: record({
        to: text,
        sideEffects: { enum: ["none", "declared"] },
        undo: listOf(text),
      }),
    }),
  }),
);
