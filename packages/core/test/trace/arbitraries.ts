import fc from "fast-check";
import type { TraceEvent } from "../../src/trace/index.ts";

import {
  text,
  json,
  object,
  id,
  step,
  ms,
  name,
  parts,
  toolCall,
  status,
  policy,
  exit,
  ranges,
  task,
  totals,
  tokens,
  tap,
} from "./arbitrary-values.ts";

export { json } from "./arbitrary-values.ts";

type Kind = TraceEvent["type"];
type EventOf<K extends Kind> = Extract<TraceEvent, { type: K }>;

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
      limits: object,
      interruptOn: fc.array(name, { maxLength: 2 }),
      tools: fc.array(fc.record({ name, description: text, inputSchema: object }), {
        maxLength: 3,
      }),
      environment: fc.record(
        { node: name, core: name, suite: name, rollout: name },
        { requiredKeys: ["node", "core"] },
      ),
    },
    "parent",
    "limits",
    "interruptOn",
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
