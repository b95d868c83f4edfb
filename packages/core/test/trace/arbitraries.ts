import fc from "fast-check";
import type { TraceEvent } from "../../src/trace/index.ts";

type Kind = TraceEvent["type"];
type EventOf<K extends Kind> = Extract<TraceEvent, { type: K }>;

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

const object = fc
  .array(fc.tuple(key, json), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries) as Record<string, any>);

const id = fc.nat(1000);
const step = fc.nat(1000);
const ms = fc.double({ min: 0, max: 1e6, noNaN: true });
const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,11}$/);

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
const parts = fc.array(part, { maxLength: 3 });
export const toolCall = fc.record(
  { id: name, name, input: json, malformed: text },
  { requiredKeys: ["id", "name", "input"] },
);
const status = fc.constantFrom(
  "ok" as const,
  "error" as const,
  "refused" as const,
  "timeout" as const,
  "cancelled" as const,
);
const policy = fc.constantFrom(
  "model" as const,
  "tiny-policy" as const,
  "rule" as const,
  "oracle" as const,
  "recorded" as const,
  "scripted" as const,
);
const exit = fc.constantFrom(
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
const ranges = fc.array(
  fc.tuple(id, fc.nat(20)).map(([first, more]) => [first, first + more] as const),
  { maxLength: 4 },
);
const task = fc.record(
  {
    id: name,
    text,
    images: fc.array(fc.record({ mediaType: text, data: text }), { maxLength: 2 }),
    metadata: json,
  },
  { requiredKeys: ["id", "text"] },
);
const totals = fc.record({
  steps: fc.nat(),
  modelCalls: fc.nat(),
  toolCalls: fc.nat(),
  inputTokens: fc.nat(),
  outputTokens: fc.nat(),
  costUsd: ms,
  skippedFaults: fc.nat(),
});
const tokens = fc.record(
  {
    prompt: fc.array(fc.nat()),
    output: fc.array(fc.nat(), { maxLength: 1500 }),
    logprobs: fc.array(fc.double({ min: -99, max: -1e-9, noNaN: true })),
  },
  { requiredKeys: ["output", "logprobs"] },
);
const tap = fc.record(
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

type Fields<K extends Kind> = {
  [F in Exclude<keyof EventOf<K>, "type" | "seq" | "at">]-?: fc.Arbitrary<EventOf<K>[F]>;
};

/** An event of one kind with every optional field there or not; `seq` is set later. */
function event<K extends Kind>(
  type: K,
  fields: Fields<K>,
  ...optional: Exclude<keyof EventOf<K>, "type" | "seq" | "at">[]
) {
  const model = { type: fc.constant(type), seq: fc.constant(0), at: fc.nat(), ...fields } as Record<
    string,
    fc.Arbitrary<unknown>
  >;
  const required = Object.keys(model).filter((field) => !optional.includes(field as never));
  return fc.record(model, { requiredKeys: required }) as unknown as fc.Arbitrary<EventOf<K>>;
}

/** Every kind of event, with arbitrary content and seq 0. */
export const events: { readonly [K in Kind]: fc.Arbitrary<EventOf<K>> } = {
  "run.start": event(
    "run.start",
    {
      v: fc.constant(1),
      run: name,
      parent: fc.record({ run: name, call: name }, { requiredKeys: ["run"] }),
      task,
      harness: fc.record({ proposed: name, deployed: name, executed: name }),
      manifest: object,
      models: fc.dictionary(name, fc.record({ id: name, policy }), { maxKeys: 3 }),
      seed: fc.nat(),
      tools: fc.array(fc.record({ name, description: text, inputSchema: object }), {
        maxLength: 3,
      }),
      environment: fc.record(
        { node: name, core: name, suite: name, rollout: name },
        { requiredKeys: ["node", "core"] },
      ),
    },
    "parent",
  ),
  hook: event(
    "hook",
    {
      hook: fc.constantFrom(
        "taskStart",
        "stepStart",
        "beforeModel",
        "afterModel",
        "beforeTool",
        "afterTool",
        "stepEnd",
        "taskEnd",
      ),
      step,
      call: name,
      taps: fc.array(tap, { maxLength: 4 }),
    },
    "call",
  ),
  message: event(
    "message",
    {
      id,
      role: fc.constantFrom("system", "user", "assistant", "tool"),
      of: id,
      content: parts,
      toolCalls: fc.array(toolCall, { maxLength: 3 }),
      callId: name,
      name,
      status,
      ephemeral: fc.constant(true as const),
    },
    "of",
    "content",
    "toolCalls",
    "callId",
    "name",
    "status",
    "ephemeral",
  ),
  history: event("history", { step, messages: ranges }),
  "step.start": event("step.start", { step, tokens: fc.nat() }),
  "model.request": event(
    "model.request",
    {
      step,
      call: step,
      role: name,
      messages: ranges,
      tools: fc.array(name, { maxLength: 3 }),
      sampling: fc.record(
        { temperature: ms, topP: ms, maxTokens: fc.nat(), stop: fc.array(text, { maxLength: 2 }) },
        { requiredKeys: [] },
      ),
      seed: fc.nat(),
      by: name,
      prompt: fc.record({ system: text, user: fc.oneof(text, parts) }, { requiredKeys: ["user"] }),
    },
    "tools",
    "sampling",
    "by",
    "prompt",
  ),
  "model.response": event(
    "model.response",
    {
      step,
      call: step,
      model: name,
      policy,
      content: parts,
      toolCalls: fc.array(toolCall, { maxLength: 3 }),
      finish: fc.constantFrom("stop", "tool_calls", "length", "content_filter"),
      usage: fc.record(
        { input: fc.nat(), output: fc.nat(), cachedInput: fc.nat() },
        { requiredKeys: ["input", "output"] },
      ),
      costUsd: ms,
      tokens,
      warnings: fc.array(text, { maxLength: 2 }),
      ms,
      intercepted: name,
    },
    "tokens",
    "warnings",
    "intercepted",
  ),
  "model.error": event("model.error", {
    step,
    call: step,
    model: name,
    code: name,
    message: text,
    attempt: step,
  }),
  "tool.call": event("tool.call", { step, call: toolCall, from: name }, "from"),
  "tool.result": event(
    "tool.result",
    {
      step,
      call: name,
      name,
      status,
      content: fc.oneof(text, parts),
      structured: json,
      error: fc.record({ code: name, message: text }),
      end: fc.constant(true as const),
      ms,
      intercepted: name,
    },
    "structured",
    "error",
    "end",
    "intercepted",
  ),
  "step.end": event("step.end", { step, totals }),
  swap: event("swap", { step, from: name, to: name, manifest: object }),
  spawn: event("spawn", { step, run: name, by: name, task }),
  "spawn.end": event("spawn.end", { step, run: name, exit, output: text, totals }),
  decision: event(
    "decision",
    { call: name, decision: fc.constantFrom("approve", "refuse"), reason: text },
    "reason",
  ),
  interrupt: event("interrupt", { step, call: toolCall, processor: name, reason: text }),
  log: event("log", { by: name, message: text, data: json }, "data"),
  error: event("error", { step, code: name, message: text, hint: text, details: json }),
  "run.end": event(
    "run.end",
    {
      exit,
      output: text,
      reason: text,
      stopped: fc.constant(true as const),
      totals,
      evaluations: fc.array(
        fc.record(
          { name, score: ms, passed: fc.boolean(), reason: text, details: json },
          { requiredKeys: ["name", "score"] },
        ),
        { maxLength: 2 },
      ),
    },
    "reason",
    "stopped",
  ),
};

/** Any event. */
export const anyEvent: fc.Arbitrary<TraceEvent> = fc.oneof(
  ...(Object.values(events) as fc.Arbitrary<TraceEvent>[]),
);

const { "run.start": start, ...later } = events;

/** A file's worth of events: a `run.start`, then anything, numbered; what they say need not make sense. */
export const anyTrace: fc.Arbitrary<TraceEvent[]> = fc
  .tuple(
    start,
    fc.array(fc.oneof(...(Object.values(later) as fc.Arbitrary<TraceEvent>[])), { maxLength: 12 }),
  )
  .map(([first, rest]) => [first, ...rest].map((item, seq) => ({ ...item, seq })));
