import { count, document, listOf, mapOf, number, record, share, text } from "../schema.ts";

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
const boolean = { type: "boolean" };

/** JSON Schema of a `Landscape`. */
export const landscapeSchema = document(
  "Landscape of a round",
  record({
    v: { const: 1 },
    round: count,
    clusters: listOf(record({ id: text, tasks: listOf(text), routeFeatures: listOf(text) })),
    pathologies: listOf(record({ id: text, tasks: listOf(text), expectedGain: number })),
    tried: listOf(
      record({ dimension, pathology: text, n: count, certified: count, refuted: count }),
    ),
    untried: listOf(record({ dimension, pathology: text })),
    entropy: share,
    reputation: mapOf(record({ a: number, b: number })),
    alerts: listOf(text),
    directions: listOf(
      record({
        dimension,
        pathology: text,
        expectedGain: number,
        structural: boolean,
        mandatory: boolean,
      }),
    ),
  }),
);
