const text = { type: "string" } as const;
const name = { type: "string", minLength: 1 } as const;
const count = { type: "integer", minimum: 0 } as const;

const closed = (properties: object, optional: object = {}) =>
  ({
    type: "object",
    additionalProperties: false,
    required: Object.keys(properties),
    properties: { ...properties, ...optional },
  }) as const;

const row = closed({
  index: count,
  promptLen: count,
  tokenIds: { type: "array", items: { type: "integer", minimum: 0, maximum: 2147483647 } },
  lossMask: { type: "array", items: { enum: [0, 1] } },
  logprobs: { type: "array", items: { type: "number", maximum: 0 } },
  turns: {
    type: "array",
    minItems: 1,
    items: closed({ seq: count, start: count, end: count, modelVersion: count }),
  },
});

/**
 * JSON Schema of a trajectory, one line of the canonical export. What a schema cannot say, such as
 * equal lengths, `trajectoryProblem` checks.
 */
export const trajectorySchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "A trajectory with its tokens",
  ...closed(
    {
      v: { const: 1 },
      id: name,
      taskId: name,
      taskSetId: text,
      harness: closed({ lineage: name, version: text, configHash: text }, { variant: text }),
      reward: { type: "number" },
      verifier: name,
      model: text,
      tokenizer: name,
      status: { enum: ["ok", "truncated", "timeout", "error"] },
      minModelVersion: count,
      maxModelVersion: count,
      seed: { type: "integer" },
      rows: { type: "array", minItems: 1, items: row },
    },
    {
      split: text,
      env: text,
      rewardParts: { type: "object", additionalProperties: { type: "number" } },
      /** Only in batches: the advantage of the trajectory, why it is 0, and its group. */
      advantage: { type: "number" },
      flag: { type: ["string", "null"] },
      group: text,
    },
  ),
} as const;
