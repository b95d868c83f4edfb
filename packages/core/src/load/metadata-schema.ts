import { hookNames } from "../hooks/catalog.ts";

const names = {
  type: "array",
  items: { type: "string", minLength: 1 },
  uniqueItems: true,
} as const;

/** JSON Schema of the `harnessx` field of a plugin's package.json. */
export const metadataSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "The harnessx field of a plugin's package.json",
  type: "object",
  required: ["api", "kind"],
  additionalProperties: false,
  properties: {
    api: { type: "integer", minimum: 1 },
    kind: { enum: ["processor", "tools", "suite", "model", "bundle"] },
    dimension: {
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
    },
    hooks: { type: "array", items: { enum: [...hookNames] }, uniqueItems: true },
    group: { type: "string", minLength: 1 },
    stage: { type: "integer", minimum: -1_000_000, maximum: 1_000_000 },
    before: names,
    after: names,
    options: { type: "string", minLength: 1 },
    state: names,
    capabilities: {
      type: "object",
      additionalProperties: false,
      properties: {
        net: names,
        fs: {
          type: "object",
          additionalProperties: false,
          properties: { read: names, write: names },
        },
        env: names,
        model: names,
        spawn: { type: "boolean" },
        processes: { type: "boolean" },
      },
    },
  },
  // A processor must say what it does; the others tap nothing.
  if: { properties: { kind: { const: "processor" } } },
  then: { required: ["dimension", "hooks"], properties: { hooks: { minItems: 1 } } },
  else: { properties: { hooks: { maxItems: 0 }, group: false, state: false } },
} as const;
