import { TRACE_VERSION } from "./schema.ts";

type Schema = Readonly<Record<string, unknown>>;

const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });
const list = (items: Schema): Schema => ({ type: "array", items });
const words = (...values: readonly string[]): Schema => ({ enum: values });
const struct = (
  required: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
): Schema => ({
  type: "object",
  properties: { ...required, ...optional },
  required: Object.keys(required),
  additionalProperties: false,
});

const text = ref("text");
const count = ref("count");
const number: Schema = { type: "number" };
const anything: Schema = {};
const someObject: Schema = { type: "object" };
const yes: Schema = { const: true };
const parts = list(ref("part"));
const ranges = list(ref("range"));
const textOrParts: Schema = { anyOf: [text, parts] };

const event = (
  type: string,
  required: Readonly<Record<string, Schema>>,
  optional?: Readonly<Record<string, Schema>>,
): Schema => struct({ seq: count, at: number, type: { const: type }, ...required }, optional);

const definitions: Readonly<Record<string, Schema>> = {
  text: { anyOf: [{ type: "string" }, ref("blob")] },
  blob: {
    description:
      "Stands for a string above 2,048 bytes: the file blobs/<$blob> beside the trace holds its UTF-8 bytes. In payloads, a key of the shape $…$blob has one $ more than the original.",
    ...struct({
      $blob: { type: "string", pattern: "^sha256-[0-9a-f]{64}$" },
      bytes: count,
      head: { type: "string" },
    }),
  },
  count: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  range: {
    description: "Inclusive: first and last id, first ≤ last.",
    type: "array",
    prefixItems: [count, count],
    items: false,
    minItems: 2,
  },
  part: {
    oneOf: [
      struct({ type: { const: "text" }, text }),
      struct({ type: { const: "image" }, mediaType: text, data: text }),
      struct({ type: { const: "thinking" }, text }, { signature: text }),
    ],
  },
  call: struct({ id: text, name: text }, { input: anything, malformed: text }),
  task: struct(
    { id: text, text },
    {
      images: list(struct({ mediaType: text, data: text })),
      history: list(struct({ role: words("user", "assistant"), text })),
      metadata: anything,
    },
  ),
  totals: struct({
    steps: count,
    modelCalls: count,
    toolCalls: count,
    inputTokens: number,
    outputTokens: number,
    costUsd: number,
    skippedFaults: count,
  }),
  exit: words(
    "done",
    "budget_steps",
    "budget_tokens",
    "budget_cost",
    "budget_time",
    "aborted",
    "interrupted",
    "model_error",
    "harness_fault",
    "loop",
  ),
  status: words("ok", "error", "refused", "timeout", "cancelled"),
  policy: words("model", "tiny-policy", "rule", "oracle", "recorded", "scripted"),
  tap: struct(
    {
      processor: text,
      tap: text,
      verdict: words(
        "pass",
        "replace",
        "split",
        "intercept",
        "abort",
        "retry",
        "approval",
        "skipped-fault",
        "fault",
      ),
      ms: number,
    },
    {
      edits: list({ type: "object", properties: { op: text }, required: ["op"] }),
      reason: text,
      outcome: anything,
    },
  ),
};

const totals = ref("totals");
const events: readonly Schema[] = [
  event(
    "run.start",
    {
      v: { const: TRACE_VERSION },
      run: text,
      task: ref("task"),
      harness: struct({ proposed: text, deployed: text, executed: text }),
      manifest: someObject,
      models: { type: "object", additionalProperties: struct({ id: text, policy: ref("policy") }) },
      seed: number,
      tools: list(struct({ name: text, description: text, inputSchema: someObject })),
      environment: struct({ node: text, core: text }, { suite: text, rollout: text }),
    },
    { parent: struct({ run: text }, { call: text }), limits: someObject, interruptOn: list(text) },
  ),
  event(
    "hook",
    {
      hook: words(
        "taskStart",
        "stepStart",
        "beforeModel",
        "afterModel",
        "beforeTool",
        "afterTool",
        "stepEnd",
        "taskEnd",
      ),
      step: count,
      taps: list(ref("tap")),
    },
    { call: text },
  ),
  event(
    "message",
    { id: count, role: words("system", "user", "assistant", "tool") },
    {
      of: count,
      content: parts,
      toolCalls: list(ref("call")),
      callId: text,
      name: text,
      status: ref("status"),
      ephemeral: yes,
    },
  ),
  event("history", { step: count, messages: ranges }),
  event("step.start", { step: count, tokens: number }),
  event(
    "model.request",
    { step: count, call: count, role: text, messages: ranges, seed: number },
    {
      tools: list(text),
      sampling: struct(
        {},
        { temperature: number, topP: number, maxTokens: number, stop: list(text) },
      ),
      by: text,
      prompt: struct({ user: textOrParts }, { system: text }),
    },
  ),
  event(
    "model.response",
    {
      step: count,
      call: count,
      model: text,
      policy: ref("policy"),
      content: parts,
      toolCalls: list(ref("call")),
      finish: words("stop", "tool_calls", "length", "content_filter"),
      usage: struct({ input: number, output: number }, { cachedInput: number }),
      costUsd: number,
      ms: number,
    },
    {
      tokens: struct({ output: list(number), logprobs: list(number) }, { prompt: list(number) }),
      warnings: list(text),
      intercepted: text,
    },
  ),
  event("model.error", {
    step: count,
    call: count,
    model: text,
    code: text,
    message: text,
    attempt: count,
  }),
  event("tool.call", { step: count, call: ref("call") }, { from: text }),
  event(
    "tool.result",
    {
      step: count,
      call: text,
      name: text,
      status: ref("status"),
      content: textOrParts,
      ms: number,
    },
    {
      structured: anything,
      error: struct({ code: text, message: text }),
      end: yes,
      intercepted: text,
    },
  ),
  event("step.end", { step: count, totals }),
  event("swap", { step: count, from: text, to: text, manifest: someObject }),
  event("spawn", { step: count, run: text, by: text, task: ref("task") }),
  event("spawn.end", { step: count, run: text, exit: ref("exit"), output: text, totals }),
  event("decision", { call: text, decision: words("approve", "refuse") }, { reason: text }),
  event("interrupt", { step: count, call: ref("call"), processor: text, reason: text }),
  event("log", { by: text, message: text }, { data: anything }),
  event("error", { step: count, code: text, message: text, hint: text, details: anything }),
  event(
    "run.end",
    {
      exit: ref("exit"),
      output: text,
      totals,
      evaluations: list(
        struct(
          { name: text, score: number },
          { passed: { type: "boolean" }, reason: text, details: anything },
        ),
      ),
    },
    { reason: text, stopped: yes },
  ),
];

/** The JSON Schema (draft 2020-12) of one line of a trace, for readers in other languages. */
export const traceEventSchema: Schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $id: `https://harnessx.dev/schema/trace-event-v${TRACE_VERSION}.json`,
  title: "HarnessX trace event",
  oneOf: events,
  $defs: definitions,
};
