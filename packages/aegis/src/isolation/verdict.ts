import {
  abort,
  askApproval,
  intercept,
  replace,
  retry,
  split,
  validatorFor,
  type AfterModelEvent,
  type AfterToolEvent,
  type BeforeModelEvent,
  type BeforeToolEvent,
  type Evaluation,
  type HookName,
  type Json,
  type JsonSchema,
  type Part,
  type Sampling,
  type StepStartEvent,
  type TaskEndEvent,
  type TaskStartEvent,
  type ToolCall,
} from "@harnessx/core";

/** One step of a changed event as a sandbox sends it, checked. */
type Step = Readonly<Record<string, unknown>> & { readonly op: string };

const text = { type: "string" };
const object = (
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = Object.keys(properties),
): JsonSchema => ({ type: "object", properties, required, additionalProperties: false });
const list = (items: JsonSchema): JsonSchema => ({ type: "array", items });
const index = { type: "integer", minimum: 0 };

const parts = list({
  oneOf: [
    object({ type: { const: "text" }, text }),
    object({ type: { const: "image" }, mediaType: text, data: text }),
    object({ type: { const: "thinking" }, text, signature: text }, ["type", "text"]),
  ],
});
const content: JsonSchema = { oneOf: [text, parts] };
const call = object({ id: text, name: text, input: {}, malformed: text }, ["id", "name"]);
const sampling = object(
  { temperature: { type: "number" }, topP: { type: "number" }, maxTokens: index, stop: list(text) },
  [],
);
const evaluation = object(
  { name: text, score: { type: "number" }, passed: { type: "boolean" }, reason: text, details: {} },
  ["name", "score"],
);

/** The steps that each hook allows: what they must look like and how they are repeated. */
const STEPS: Readonly<
  Record<
    HookName,
    Readonly<Record<string, readonly [Readonly<Record<string, JsonSchema>>, Replay]>>
  >
> = {
  taskStart: {
    system: [{ text }, (event: TaskStartEvent, s) => event.withSystem(s["text"] as string)],
    appendSystem: [{ text }, (event: TaskStartEvent, s) => event.appendSystem(s["text"] as string)],
  },
  stepStart: {
    evict: [
      { drop: list(index) },
      (event: StepStartEvent, s, omitted) => {
        const drop = new Set(s["drop"] as number[]);
        return event.evict((_message, at) => !drop.has(at - omitted));
      },
    ],
    summarize: [
      { start: { type: "integer" }, end: { type: "integer" }, summary: text },
      (event: StepStartEvent, s, omitted) => {
        const shift = (at: number): number => (at < 0 ? at : at + omitted);
        const { start, end, summary } = s as unknown as {
          start: number;
          end: number;
          summary: string;
        };
        return event.summarize(shift(start), shift(end), summary);
      },
    ],
    tools: [
      { kept: list(index) },
      (event: StepStartEvent, s) => {
        const kept = new Set(s["kept"] as number[]);
        let at = 0;
        return event.withTools(() => kept.has(at++));
      },
    ],
  },
  beforeModel: {
    lastUser: [{ text }, (event: BeforeModelEvent, s) => event.withLastUser(s["text"] as string)],
    appendUser: [{ text }, (event: BeforeModelEvent, s) => event.appendUser(s["text"] as string)],
    sampling: [
      { sampling },
      (event: BeforeModelEvent, s) => event.withSampling(s["sampling"] as Sampling),
    ],
    role: [{ role: text }, (event: BeforeModelEvent, s) => event.withRole(s["role"] as string)],
  },
  afterModel: {
    content: [
      { content },
      (event: AfterModelEvent, s) => event.withContent(s["content"] as readonly Part[]),
    ],
    toolCalls: [
      { calls: list(call) },
      (event: AfterModelEvent, s) => event.withToolCalls(s["calls"] as ToolCall[]),
    ],
  },
  beforeTool: {
    input: [{ input: {} }, (event: BeforeToolEvent, s) => event.withInput(s["input"])],
  },
  afterTool: {
    content: [
      { content },
      (event: AfterToolEvent, s) => event.withContent(s["content"] as readonly Part[]),
    ],
  },
  stepEnd: {},
  taskEnd: {
    evaluation: [
      { evaluation },
      (event: TaskEndEvent, s) => event.withEvaluation(s["evaluation"] as Evaluation),
    ],
  },
};

type Replay = (event: never, step: Step, omitted: number) => unknown;

const answer = object({ output: text });
const OUTCOMES: Readonly<Partial<Record<HookName, JsonSchema>>> = {
  taskStart: answer,
  afterModel: answer,
  beforeModel: object(
    {
      text,
      content: parts,
      toolCalls: list(call),
      finish: { enum: ["stop", "tool_calls", "length", "content_filter"] },
    },
    [],
  ),
  beforeTool: object(
    {
      status: { enum: ["ok", "error", "refused", "timeout", "cancelled"] },
      content,
      structured: {},
      error: object({ code: text, message: text }),
      end: { type: "boolean" },
    },
    ["status", "content"],
  ),
};

const stepSchemas = new Map<string, JsonSchema>();

function stepSchema(hook: HookName, op: string): JsonSchema {
  const key = `${hook}/${op}`;
  let schema = stepSchemas.get(key);
  if (!schema) {
    const fields = STEPS[hook][op]![0];
    const required = op === "input" ? ["op"] : ["op", ...Object.keys(fields)];
    stepSchemas.set(key, (schema = object({ op: { const: op }, ...fields }, required)));
  }
  return schema;
}

/** Refuses a verdict; the caller makes the coded error of it. */
export class Refusal extends Error {}

/** The real event after the steps that a sandbox made. */
function repeat(hook: HookName, event: unknown, steps: Json, omitted: number): unknown {
  // Not an event of this call: the runtime refuses whatever stands in its place.
  if (steps === null) return {};
  if (!Array.isArray(steps)) throw new Refusal("the edits are no list");
  if (steps.length > MAX_STEPS) throw new Refusal(`there are more than ${MAX_STEPS} edits`);
  let next = event;
  for (const step of steps as readonly Json[]) {
    const op = typeof step === "object" && step !== null && "op" in step ? step["op"] : undefined;
    if (typeof op !== "string" || !Object.hasOwn(STEPS[hook], op))
      throw new Refusal(`${hook} has no edit ${String(op)}`);
    const problem = validatorFor(stepSchema(hook, op))(step);
    if (problem) throw new Refusal(`the edit ${op}: ${problem}`);
    next = STEPS[hook][op]![1](next as never, step as Step, omitted);
  }
  return next;
}

const MAX_STEPS = 1_000;

/**
 * The verdict that a sandbox's answer stands for, made anew on the real event.
 *
 * What the runtime itself refuses (a verdict that the hook does not allow, an answer that is none)
 * is handed to it as it is, so that the same mistake is the same error in every tier.
 */
export function makeVerdict(hook: HookName, event: unknown, data: Json, omitted: number): unknown {
  if (data === null) return undefined;
  if (typeof data !== "object" || Array.isArray(data)) throw new Refusal("it is no verdict");
  const fields = data as Readonly<Record<string, Json | undefined>>;
  if (!("verdict" in fields)) return fields["raw"] ?? null;
  const { verdict, reason, feedback, exit, outcome } = fields;
  switch (verdict) {
    case "replace":
      return replace(repeat(hook, event, fields["steps"] ?? null, omitted));
    case "split": {
      const groups = fields["parts"] ?? null;
      if (!Array.isArray(groups)) return split(groups as never);
      return split((groups as readonly Json[]).map((steps) => repeat(hook, event, steps, omitted)));
    }
    case "intercept": {
      const schema = OUTCOMES[hook];
      const problem = schema && validatorFor(schema)(outcome ?? null);
      if (problem) throw new Refusal(`the outcome: ${problem}`);
      return intercept(outcome);
    }
    case "abort":
      return { ...abort(reason as string), ...(exit === undefined ? {} : { exit }) };
    case "retry":
      if (feedback !== undefined && typeof feedback !== "string")
        throw new Refusal("the feedback is no text");
      return retry(feedback);
    case "approval":
      return askApproval(reason as string);
    default:
      return { verdict };
  }
}
