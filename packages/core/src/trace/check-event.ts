import { isBlobRef } from "./blob.ts";
import {
  any,
  arrayOf,
  boolean,
  type Check,
  constant,
  count,
  either,
  isRecord,
  mapOf,
  number,
  object,
  oneOf,
  record,
} from "./check.ts";
import type { TraceEvent } from "./schema.ts";

/** Whether a reference may stand for a string; set for the one line that is being checked. */
let refsAllowed = false;

/** Free text: what the writer may have moved to a blob. */
const text: Check = (value) =>
  typeof value === "string" || (refsAllowed && isBlobRef(value)) ? undefined : " is no string";

const hook = oneOf([
  "taskStart",
  "stepStart",
  "beforeModel",
  "afterModel",
  "beforeTool",
  "afterTool",
  "stepEnd",
  "taskEnd",
]);
const exit = oneOf([
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
]);
const status = oneOf(["ok", "error", "refused", "timeout", "cancelled"]);
const policy = oneOf(["model", "tiny-policy", "rule", "oracle", "recorded", "scripted"]);
const yes = constant(true);

const textPart = object({ type: constant("text"), text });
const imagePart = object({ type: constant("image"), mediaType: text, data: text });
const thinkingPart = object({ type: constant("thinking"), text }, { signature: text });
const part: Check = (value) => {
  switch (isRecord(value) ? value.type : undefined) {
    case "text":
      return textPart(value);
    case "image":
      return imagePart(value);
    case "thinking":
      return thinkingPart(value);
    default:
      return " is no text, image or thinking part";
  }
};
const parts = arrayOf(part);
// An adapter may hand over no input at all; JSON then has no such key.
const toolCall = object({ id: text, name: text }, { input: any, malformed: text });
const task = object(
  { id: text, text },
  {
    images: arrayOf(object({ mediaType: text, data: text })),
    history: arrayOf(object({ role: oneOf(["user", "assistant"]), text })),
    metadata: any,
  },
);
const totals = object({
  steps: count,
  modelCalls: count,
  toolCalls: count,
  inputTokens: number,
  outputTokens: number,
  costUsd: number,
  skippedFaults: count,
});
const range: Check = (value) => {
  if (!Array.isArray(value) || value.length !== 2) return " is no pair of ids";
  const [first, last] = value as readonly unknown[];
  const problem = count(first) ?? count(last);
  if (problem !== undefined) return problem;
  return (first as number) <= (last as number) ? undefined : " ends before it begins";
};
const ranges = arrayOf(range);
const numbers = arrayOf(number);

const tap = object(
  {
    processor: text,
    tap: text,
    verdict: oneOf([
      "pass",
      "replace",
      "split",
      "intercept",
      "abort",
      "retry",
      "approval",
      "skipped-fault",
      "fault",
    ]),
    ms: number,
  },
  {
    edits: arrayOf((value) => (isRecord(value) ? text(value.op) : " is no object")),
    reason: text,
    outcome: any,
  },
);

type Kind = TraceEvent["type"];
type EventOf<K extends Kind> = Extract<TraceEvent, { readonly type: K }>;
type Field<K extends Kind> = Exclude<keyof EventOf<K>, "type" | "seq" | "at">;
type OptionalField<K extends Kind> = {
  [F in Field<K>]-?: object extends Pick<EventOf<K>, F> ? F : never;
}[Field<K>];

/**
 * An event of one kind: what every event has, and these fields. A field that `schema.ts` gains or
 * loses does not compile here.
 */
function event<K extends Kind>(
  type: K,
  required: Readonly<Record<Exclude<Field<K>, OptionalField<K>>, Check>>,
  ...[optional]: [OptionalField<K>] extends [never]
    ? []
    : [optional: Readonly<Record<OptionalField<K>, Check>>]
): Check {
  return object({ seq: count, at: number, type: constant(type), ...required }, optional);
}

const checks: Readonly<Record<Kind, Check>> = {
  "run.start": event(
    "run.start",
    {
      v: count,
      run: text,
      task,
      harness: object({ proposed: text, deployed: text, executed: text }),
      manifest: record,
      models: mapOf(object({ id: text, policy })),
      seed: number,
      tools: arrayOf(object({ name: text, description: text, inputSchema: record })),
      environment: object({ node: text, core: text }, { suite: text, rollout: text }),
    },
    { parent: object({ run: text }, { call: text }), limits: record, interruptOn: arrayOf(text) },
  ),
  hook: event("hook", { hook, step: count, taps: arrayOf(tap) }, { call: text }),
  message: event(
    "message",
    { id: count, role: oneOf(["system", "user", "assistant", "tool"]) },
    {
      of: count,
      content: parts,
      toolCalls: arrayOf(toolCall),
      callId: text,
      name: text,
      status,
      ephemeral: yes,
    },
  ),
  history: event("history", { step: count, messages: ranges }),
  "step.start": event("step.start", { step: count, tokens: number }),
  "model.request": event(
    "model.request",
    { step: count, call: count, role: text, messages: ranges, seed: number },
    {
      tools: arrayOf(text),
      sampling: object(
        {},
        { temperature: number, topP: number, maxTokens: number, stop: arrayOf(text) },
      ),
      by: text,
      prompt: object({ user: either(text, parts) }, { system: text }),
    },
  ),
  "model.response": event(
    "model.response",
    {
      step: count,
      call: count,
      model: text,
      policy,
      content: parts,
      toolCalls: arrayOf(toolCall),
      finish: oneOf(["stop", "tool_calls", "length", "content_filter"]),
      usage: object({ input: number, output: number }, { cachedInput: number }),
      costUsd: number,
      ms: number,
    },
    {
      tokens: object({ output: numbers, logprobs: numbers }, { prompt: numbers }),
      warnings: arrayOf(text),
      intercepted: text,
    },
  ),
  "model.error": event("model.error", {
    step: count,
    call: count,
    model: text,
    code: text,
    message: text,
    attempt: count,
  }),
  "tool.call": event("tool.call", { step: count, call: toolCall }, { from: text }),
  "tool.result": event(
    "tool.result",
    { step: count, call: text, name: text, status, content: either(text, parts), ms: number },
    { structured: any, error: object({ code: text, message: text }), end: yes, intercepted: text },
  ),
  "step.end": event("step.end", { step: count, totals }),
  swap: event("swap", { step: count, from: text, to: text, manifest: record }),
  spawn: event("spawn", { step: count, run: text, by: text, task }),
  "spawn.end": event("spawn.end", { step: count, run: text, exit, output: text, totals }),
  decision: event(
    "decision",
    { call: text, decision: oneOf(["approve", "refuse"]) },
    { reason: text },
  ),
  interrupt: event("interrupt", { step: count, call: toolCall, processor: text, reason: text }),
  log: event("log", { by: text, message: text }, { data: any }),
  error: event("error", { step: count, code: text, message: text, hint: text, details: any }),
  "run.end": event(
    "run.end",
    {
      exit,
      output: text,
      totals,
      evaluations: arrayOf(
        object({ name: text, score: number }, { passed: boolean, reason: text, details: any }),
      ),
    },
    { reason: text, stopped: yes },
  ),
};

/**
 * What is wrong with a parsed line, in a few words; undefined for an event of this version.
 * With `refs` a blob reference may stand wherever the format has free text.
 */
export function checkEvent(value: unknown, refs: boolean): string | undefined {
  if (!isRecord(value)) return "it is no object";
  const { type } = value;
  if (typeof type !== "string" || !Object.hasOwn(checks, type)) return "its type is unknown";
  refsAllowed = refs;
  const problem = checks[type as Kind](value);
  return problem === undefined ? undefined : problem.slice(1);
}
