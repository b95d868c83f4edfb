import fc from "fast-check";

/** Short, unusual and long texts, so that blobs and escapes come up in every property. */
export const text = fc.oneof(
  { weight: 8, arbitrary: fc.string({ maxLength: 30 }) },
  { weight: 2, arbitrary: fc.string({ maxLength: 30, unit: "binary" }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('"', "\\", "\u2028\n\r", "$blob", '{"$blob":1}', "__proto__"),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.string({ minLength: 1, maxLength: 4, unit: "grapheme" }),
        fc.integer({ min: 600, max: 3000 }),
      )
      .map(([unit, times]) => unit.repeat(times)),
  },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 2000, max: 2100 })
      .map((length) => "x".repeat(length - 1) + "\ud800"),
  },
);

const key = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 8 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "$blob",
      "$$blob",
      "$$$blob",
      "__proto__",
      "constructor",
      "ms",
      "at",
    ),
  },
);

const real = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .map((value) => (Object.is(value, -0) ? 0 : value));

/** Any JSON, with keys that a careless reader would trip over. */
export const json: fc.Arbitrary<any> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    real,
    text,
    fc.array(tie("value"), { maxLength: 4 }),
    tie("object"),
  ),
  object: fc
    .array(fc.tuple(key, tie("value")), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries)),
})).value;

export const object = fc
  .array(fc.tuple(key, json), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries) as Record<string, any>);

export const id = fc.nat(1000);
export const step = fc.nat(1000);
export const ms = fc.double({ min: 0, max: 1e6, noNaN: true });
export const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,11}$/);

const part = fc.oneof(
  fc.record({ type: fc.constant("text" as const), text }),
  fc.record({
    type: fc.constant("image" as const),
    mediaType: fc.constant("image/png"),
    data: text,
  }),
  fc.record(
    { type: fc.constant("thinking" as const), text, signature: text },
    { requiredKeys: ["type", "text"] },
  ),
);
export const parts = fc.array(part, { maxLength: 3 });
export const toolCall = fc.record(
  { id: name, name, input: json, malformed: text },
  { requiredKeys: ["id", "name", "input"] },
);
export const status = fc.constantFrom(
  "ok" as const,
  "error" as const,
  "refused" as const,
  "timeout" as const,
  "cancelled" as const,
);
export const policy = fc.constantFrom(
  "model" as const,
  "tiny-policy" as const,
  "rule" as const,
  "oracle" as const,
  "recorded" as const,
  "scripted" as const,
);
export const exit = fc.constantFrom(
  "done" as const,
  "budget_steps" as const,
  "budget_tokens" as const,
  "budget_cost" as const,
  "budget_time" as const,
  "aborted" as const,
  "interrupted" as const,
  "model_error" as const,
  "harness_fault" as const,
  "loop" as const,
);
export const ranges = fc.array(
  fc.tuple(id, fc.nat(20)).map(([first, more]) => [first, first + more] as const),
  { maxLength: 4 },
);
export const task = fc.record(
  {
    id: name,
    text,
    images: fc.array(fc.record({ mediaType: text, data: text }), { maxLength: 2 }),
    metadata: json,
  },
  { requiredKeys: ["id", "text"] },
);
export const totals = fc.record({
  steps: fc.nat(),
  modelCalls: fc.nat(),
  toolCalls: fc.nat(),
  inputTokens: fc.nat(),
  outputTokens: fc.nat(),
  costUsd: ms,
  skippedFaults: fc.nat(),
});
export const tokens = fc.record(
  {
    prompt: fc.array(fc.nat()),
    output: fc.array(fc.nat(), { maxLength: 1500 }),
    logprobs: fc.array(fc.double({ min: -99, max: -1e-9, noNaN: true })),
  },
  { requiredKeys: ["output", "logprobs"] },
);
export const tap = fc.record(
  {
    processor: name,
    tap: name,
    verdict: fc.constantFrom(
      "pass" as const,
      "replace" as const,
      "split" as const,
      "intercept" as const,
      "abort" as const,
      "retry" as const,
      "approval" as const,
      "skipped-fault" as const,
      "fault" as const,
    ),
    ms,
    edits: fc.array(
      fc.tuple(object, text).map(([fields, op]) => ({ ...fields, op })),
      { maxLength: 2 },
    ),
    reason: text,
    outcome: json,
  },
  { requiredKeys: ["processor", "tap", "verdict", "ms"] },
);
