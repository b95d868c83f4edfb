import * as Effect from "effect/Effect";
import { HarnessXError, hxError } from "../errors/index.ts";
import { cleanResponse } from "../boundary/response.ts";
import { callRole, costOf, type Attempt } from "../model/roles.ts";
import type { Part, ToolCall } from "../plugin/message.ts";
import type { ModelRequest, ModelResponse } from "../plugin/model.ts";
import type {
  ErrorEvent,
  MessageRanges,
  ModelErrorEvent,
  ModelResponseEvent,
} from "../trace/schema.ts";
import type { RunCore, Steps } from "./core.ts";

/** A prompt that a processor wrote itself, outside the conversation. */
export interface OwnPrompt {
  readonly system?: string;
  readonly user: string | readonly Part[];
}

/** What the trace says of a request beside the request. */
export interface RequestNote {
  readonly messages: MessageRanges;
  /** Names of the tools, when not all were offered. */
  readonly tools?: readonly string[];
  readonly by?: string;
  readonly prompt?: OwnPrompt;
}

/** A response with its place in the trace. */
export interface RecordedResponse {
  readonly response: ModelResponse;
  /** `seq` of the `model.response`. */
  readonly seq: number;
}

/** Calls the model of the request's role and records request, failures and response. Charges the ledger. */
export function* callModel(
  core: RunCore,
  request: ModelRequest,
  note: RequestNote,
): Steps<RecordedResponse> {
  const { recorder } = core;
  const call = (core.calls += 1);
  recorder.emit({
    seq: 0,
    at: 0,
    type: "model.request",
    step: core.step,
    call,
    role: request.role,
    messages: note.messages,
    ...(note.tools ? { tools: note.tools } : undefined),
    ...(hasFields(request.sampling) ? { sampling: request.sampling } : undefined),
    seed: request.seed,
    ...(note.by === undefined ? undefined : { by: note.by }),
    ...(note.prompt === undefined ? undefined : { prompt: note.prompt }),
  });
  const recorded = yield* recordedResponse(core, call);
  if (recorded) {
    core.ledger.modelCall(recorded.usage, recorded.costUsd);
    // Copied like a live one: the recording belongs to whoever asked for the replay.
    return { response: cleanResponse(recorded), seq: recorded.seq };
  }
  recorder.requireLive("a model");
  const role = Object.hasOwn(core.models, request.role) ? core.models[request.role] : undefined;
  if (!role) {
    const error = hxError("HX_MODEL_ROLE_MISSING", { role: request.role });
    recordFailure(core, call, request.role, error, 1);
    return yield* Effect.fail(error);
  }
  const began = performance.now();
  const answer = yield* callRole(
    role,
    attemptOf(core, request),
    core.limits.modelTimeoutMs,
    (target, error, attempt) => recordFailure(core, call, target.client.id, error, attempt),
  );
  const response = withFreshCallIds(core, answer.response);
  const costUsd = costOf(response.usage, answer.target.price);
  core.ledger.modelCall(response.usage, costUsd);
  const seq = recorder.emit({
    seq: 0,
    at: 0,
    type: "model.response",
    step: core.step,
    call,
    model: answer.target.client.id,
    policy: answer.target.client.policy,
    content: response.content,
    toolCalls: response.toolCalls,
    finish: response.finish,
    usage: response.usage,
    costUsd,
    ...(response.tokens ? { tokens: response.tokens } : undefined),
    ...(response.warnings ? { warnings: response.warnings } : undefined),
    ms: performance.now() - began,
  });
  return { response, seq };
}

/** Takes what the recording says of this call: its failures, then its response; nothing behind the recording. */
function* recordedResponse(core: RunCore, call: number): Steps<ModelResponseEvent | undefined> {
  const { recorder } = core;
  let failure: ModelErrorEvent | undefined;
  while (recorder.replaying) {
    const next = recorder.peek();
    if (next?.type === "model.error" && next.call === call) {
      failure = recorder.accept() as ModelErrorEvent;
    } else if (
      next?.type === "model.response" &&
      next.call === call &&
      next.intercepted === undefined
    ) {
      const event = recorder.accept() as ModelResponseEvent;
      for (const { id } of event.toolCalls) core.callIds.add(id);
      return event;
    } else {
      // The recorded call failed for good: fail the same way, so that the run ends the same way.
      if (failure) return yield* Effect.fail(recordedError(failure, recorder.ahead("error")));
      return undefined;
    }
  }
  return undefined;
}

/** The error that ended the recorded run; its full form is in the event that closes the trace. */
function recordedError(
  { code, message, model }: ModelErrorEvent,
  closing: ErrorEvent | undefined,
): HarnessXError {
  const { hint, details } = closing ?? { hint: "", details: { model } };
  return new HarnessXError(
    code,
    { tag: "ModelError", message, hint },
    details as Readonly<Record<string, unknown>>,
  );
}

function recordFailure(
  core: RunCore,
  call: number,
  model: string,
  error: HarnessXError,
  attempt: number,
): void {
  core.recorder.emit({
    seq: 0,
    at: 0,
    type: "model.error",
    step: core.step,
    call,
    model,
    code: error.code,
    message: error.message,
    attempt,
  });
}

/** Streams when somebody listens to deltas and the model can; asks for the whole otherwise. */
function attemptOf(core: RunCore, request: ModelRequest): Attempt {
  const { onDelta } = core;
  return async ({ client }, scope) => {
    if (!onDelta || !client.stream) return client.generate(request, scope);
    for await (const delta of client.stream(request, scope)) {
      if (delta.type === "response") return delta.response;
      onDelta(delta.type, delta.text);
    }
    throw hxError("HX_MODEL_RESPONSE_INVALID", {
      model: client.id,
      problem: "its stream ended without a response",
    });
  };
}

/** Some providers number calls anew in every response; results are matched by id, so ids must be unique in the run. */
function withFreshCallIds(core: RunCore, response: ModelResponse): ModelResponse {
  const toolCalls = uniqueCalls(core, response.toolCalls);
  return toolCalls === response.toolCalls ? response : Object.freeze({ ...response, toolCalls });
}

/** The calls with ids that no other call of the run has; each id in `kept` may be used once more. */
export function uniqueCalls(
  core: RunCore,
  calls: readonly ToolCall[],
  kept: ReadonlySet<string> = NONE,
): readonly ToolCall[] {
  const open = new Set(kept);
  let renamed: ToolCall[] | undefined;
  for (let index = 0; index < calls.length; index += 1) {
    const call = calls[index]!;
    if (open.delete(call.id)) continue;
    const id = freshCallId(core, call.id);
    if (id === call.id) continue;
    renamed ??= [...calls];
    renamed[index] = Object.freeze({ ...call, id });
  }
  return renamed ? Object.freeze(renamed) : calls;
}

const NONE: ReadonlySet<string> = new Set();

/** `wanted`, or the first of `wanted~2`, `wanted~3`, … that no call of the run has; it is taken from then on. */
export function freshCallId(core: RunCore, wanted: string): string {
  let id = wanted;
  for (let suffix = 2; core.callIds.has(id); suffix += 1) id = `${wanted}~${suffix}`;
  core.callIds.add(id);
  return id;
}

function hasFields(value: object): boolean {
  for (const _ in value) return true;
  return false;
}
