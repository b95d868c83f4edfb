import * as Effect from "effect/Effect";
import { hxError, messageOf } from "../errors/index.ts";
import {
  AfterModel,
  BeforeModel,
  DRAFT_APPENDED,
  DRAFT_LAST_USER,
  StepEnd,
  StepStart,
  TaskStart,
} from "../hooks/events.ts";
import type { HookOutcome } from "../hooks/pipeline.ts";
import type { CannedResponse } from "../plugin/hooks.ts";
import {
  textOf,
  type Message,
  type Part,
  type ToolCall,
  type UserMessage,
} from "../plugin/message.ts";
import type { ModelRequest, ModelResponse } from "../plugin/model.ts";
import type { Tool } from "../plugin/tool.ts";
import { extendRanges } from "../trace/ranges.ts";
import type { MessageRanges } from "../trace/schema.ts";
import { cleanParts } from "../boundary/content.ts";
import { cleanResponse } from "../boundary/response.ts";
import type { Ending, RunCore, Steps } from "./core.ts";
import { toParts } from "./history.ts";
import { commitHistory } from "./history-edit.ts";
import { callModel, uniqueCalls } from "./model-call.ts";
import { callSeed } from "./random.ts";
import { swapIfAsked } from "./swap.ts";
import { takeUserTurn } from "./user-turn.ts";
import { flush, runCalls, type AnsweredCall } from "./tool-wave.ts";

/** The whole conversation of a run, from `taskStart` to the step that ends it. */
export function* converse(core: RunCore): Steps<Ending> {
  const early = yield* openTask(core);
  if (early) return early;
  for (;;) {
    const exhausted = core.ledger.exhausted();
    if (exhausted)
      return {
        exit: exhausted,
        reason: hxError("HX_BUDGET_EXHAUSTED", { limit: LIMIT_OF[exhausted] }).message,
      };
    yield* swapIfAsked(core);
    const ending = yield* runStep(core);
    if (ending) return ending;
  }
}

const LIMIT_OF = {
  budget_steps: "maxSteps",
  budget_tokens: "maxTokens",
  budget_cost: "maxCostUsd",
  budget_time: "maxTimeMs",
} as const;

/** `taskStart` and the first messages. */
function* openTask(core: RunCore): Steps<Ending | undefined> {
  const { task, recorder } = core;
  let system = "";
  if (core.pipeline.taskStart) {
    const outcome = yield* core.pipeline.taskStart(new TaskStart(task, core.tools.specs, ""));
    if (outcome.kind === "abort") return { exit: outcome.exit, reason: outcome.reason };
    if (outcome.kind === "intercept") return { exit: "done", output: outcome.outcome.output };
    if (outcome.kind === "continue") system = outcome.event.system;
  }
  if (system !== "")
    addMessage(core, { id: core.messageId(), role: "system", content: toParts(system) });
  for (const { role, text } of task.history ?? []) addPastTurn(core, role, text);
  const images: Part[] = (task.images ?? []).map((image) => ({ type: "image", ...image }));
  const content =
    images.length === 0 ? toParts(task.text) : Object.freeze([...images, ...toParts(task.text)]);
  addMessage(core, { id: core.messageId(), role: "user", content });
  if (!recorder.replaying) yield* flush(core);
  return undefined;
}

/** Adds a message that no other event holds yet. */
function addMessage(core: RunCore, message: Message): void {
  core.history.append(Object.freeze(message));
  core.recorder.emit({
    seq: 0,
    at: 0,
    type: "message",
    id: message.id,
    role: message.role,
    content: message.content,
    ...(message.role === "assistant" ? { toolCalls: message.toolCalls } : undefined),
  });
}

function addPastTurn(core: RunCore, role: "user" | "assistant", text: string): void {
  const message = { id: core.messageId(), content: toParts(text) };
  addMessage(core, role === "user" ? { ...message, role } : { ...message, role, toolCalls: [] });
}

function* runStep(core: RunCore): Steps<Ending | undefined> {
  const { recorder, ledger } = core;
  const step = (core.step += 1);
  ledger.step();
  recorder.emit({ seq: 0, at: 0, type: "step.start", step, tokens: core.history.view().tokens });
  let tools = core.tools.tools;
  if (core.pipeline.stepStart) {
    const event = new StepStart({
      step,
      history: core.history.view(),
      tools,
      budget: ledger.left(recorder.now),
      totals: ledger.totals(),
      edited: undefined,
    });
    const outcome = yield* core.pipeline.stepStart(event);
    if (outcome.kind === "abort") return { exit: outcome.exit, reason: outcome.reason };
    if (outcome.kind === "continue") {
      tools = outcome.event.tools;
      commitHistory(core, outcome.event);
    }
  }

  const turn = yield* think(core, tools);
  if ("exit" in turn) return turn;
  const { response } = turn;
  addAnswer(core, turn);
  const text = textOf(response.content);
  if (text !== "") core.output = text;

  let calls: readonly AnsweredCall[] = [];
  let ending: Ending | undefined;
  let answered = false;
  if (response.toolCalls.length === 0) {
    answered = response.finish !== "content_filter";
    ending = answered
      ? { exit: "done", output: text }
      : { exit: "model_error", reason: "The provider's content filter stopped the answer." };
  } else {
    const wave = yield* runCalls(core, response.toolCalls, tools);
    if (wave.kind === "ended" && wave.ending.exit === "interrupted") return wave.ending;
    calls = wave.calls;
    addResults(core, calls);
    if (wave.kind === "ended") {
      fillMissingResults(core, response.toolCalls, calls, wave.ending);
      ending = wave.ending;
    } else if (calls.some(({ result }) => result.end)) {
      ending = { exit: "done" };
    }
  }

  const totals = ledger.totals();
  if (core.pipeline.stepEnd) {
    yield* core.pipeline.stepEnd(
      new StepEnd({ step, finish: response.finish, calls, usage: response.usage, totals }),
    );
  }
  recorder.emit({ seq: 0, at: 0, type: "step.end", step, totals });
  if (!recorder.replaying) yield* flush(core);
  // An answer ends the run only when the user has nothing to add.
  return answered && (yield* takeUserTurn(core, text)) ? undefined : ending;
}

interface Turn {
  readonly response: ModelResponse;
  /** `seq` of the response event when the processors left it as it was. */
  readonly of: number | undefined;
}

/** Asks the model until its answer stands. */
function* think(core: RunCore, tools: readonly Tool[]): Steps<Turn | Ending> {
  let feedback: string | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const specs = core.tools.specsOf(tools);
    let event = new BeforeModel(core.step, attempt, {
      messages: core.history.view(),
      tools: specs,
      sampling: NO_SAMPLING,
      role: "main",
      seed: callSeed(core.seed, core.calls + 1),
    });
    if (feedback !== undefined) event = event.appendUser(feedback);
    let intercepted: { readonly outcome: CannedResponse; readonly by: string } | undefined;
    if (core.pipeline.beforeModel) {
      const outcome: HookOutcome<"beforeModel"> = yield* core.pipeline.beforeModel(event);
      if (outcome.kind === "abort") return { exit: outcome.exit, reason: outcome.reason };
      if (outcome.kind === "intercept") intercepted = outcome;
      if ("event" in outcome) ({ event } = outcome);
    }
    const { request, ranges } = commitRequest(core, event);
    const answer = intercepted
      ? yield* canned(core, intercepted)
      : yield* callModel(core, request, {
          messages: ranges,
          ...(tools === core.tools.tools ? undefined : { tools: specs.map((spec) => spec.name) }),
        });
    const text = textOf(answer.response.content);
    if (text !== "") core.output = text;
    if (!core.pipeline.afterModel) return { response: answer.response, of: answer.seq };
    const outcome: HookOutcome<"afterModel"> = yield* core.pipeline.afterModel(
      new AfterModel(core.step, attempt, request, answer.response),
    );
    switch (outcome.kind) {
      case "abort":
        return { exit: outcome.exit, reason: outcome.reason };
      case "intercept":
        return { exit: "done", output: outcome.outcome.output };
      case "retry":
        if (attempt > core.limits.maxModelRetries) {
          return yield* Effect.fail(
            hxError("HX_MODEL_RETRY_EXHAUSTED", {
              step: core.step,
              limit: core.limits.maxModelRetries,
              processor: outcome.by,
            }),
          );
        }
        feedback = outcome.feedback;
        break;
      default: {
        const { response } = (outcome as Extract<typeof outcome, { kind: "continue" }>).event;
        if (response === answer.response) return { response, of: answer.seq };
        const kept = new Set(answer.response.toolCalls.map((call) => call.id));
        const toolCalls = uniqueCalls(core, response.toolCalls, kept);
        return { response: { ...response, toolCalls }, of: undefined };
      }
    }
  }
}

const NO_SAMPLING = Object.freeze({});

/** Gives ids to what `beforeModel` wrote, records it, and says which messages the request consists of. */
function commitRequest(
  core: RunCore,
  event: BeforeModel,
): { request: ModelRequest; ranges: MessageRanges } {
  const { request } = event;
  const written = event.edits.some((edit) => edit.op === "lastUser" || edit.op === "appendUser");
  const base = core.history.view();
  if (!written) return { request, ranges: core.recorder.detailed ? historyRanges(core) : [] };
  const changed = request.messages.lastUser();
  let lastUser: UserMessage | undefined;
  let extra: UserMessage | undefined;
  const last = request.messages.at(-1);
  if (last?.id === DRAFT_APPENDED) extra = ephemeral(core, last as UserMessage);
  const edited = event.edits.some((edit) => edit.op === "lastUser");
  if (edited) {
    const draft = changed?.id === DRAFT_LAST_USER ? changed : findDraft(request.messages);
    if (draft) lastUser = ephemeral(core, draft);
  }
  const messages = base.withOverlay(lastUser, extra);
  return {
    request: { ...request, messages },
    ranges: core.recorder.detailed ? requestRanges(core, lastUser, extra) : [],
  };
}

function findDraft(messages: ModelRequest["messages"]): UserMessage | undefined {
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages.at(index)!;
    if (message.id === DRAFT_LAST_USER) return message as UserMessage;
  }
  return undefined;
}

function ephemeral(core: RunCore, draft: UserMessage): UserMessage {
  const message = Object.freeze({ ...draft, id: core.ephemeralId() });
  core.recorder.emit({
    seq: 0,
    at: 0,
    type: "message",
    id: message.id,
    role: "user",
    content: message.content,
    ephemeral: true,
  });
  return message;
}

/** A processor's answer in place of the model's. */
function* canned(
  core: RunCore,
  { outcome, by }: { readonly outcome: CannedResponse; readonly by: string },
): Steps<{ response: ModelResponse; seq: number }> {
  const { content = outcome.text ?? "", toolCalls = [], finish } = outcome;
  let response: ModelResponse;
  try {
    response = cleanResponse({
      content: cleanParts(content),
      toolCalls,
      finish: finish ?? (toolCalls.length > 0 ? "tool_calls" : "stop"),
      usage: { input: 0, output: 0 },
    });
  } catch (thrown) {
    const found = `intercept with a malformed response: ${messageOf(thrown)}`;
    return yield* Effect.fail(
      hxError(
        "HX_VERDICT_INVALID",
        { processor: by, hook: "beforeModel", found, allowed: "a response" },
        thrown,
      ),
    );
  }
  response = { ...response, toolCalls: uniqueCalls(core, response.toolCalls) };
  const call = (core.calls += 1);
  const seq = core.recorder.emit({
    seq: 0,
    at: 0,
    type: "model.response",
    step: core.step,
    call,
    model: by,
    policy: "scripted",
    content: response.content,
    toolCalls: response.toolCalls,
    finish: response.finish,
    usage: response.usage,
    costUsd: 0,
    ms: 0,
    intercepted: by,
  });
  return { response, seq };
}

function addAnswer(core: RunCore, { response, of }: Turn): void {
  const message = Object.freeze({
    id: core.messageId(),
    role: "assistant" as const,
    content: response.content,
    toolCalls: response.toolCalls,
  });
  core.history.append(message);
  core.recorder.emit({
    seq: 0,
    at: 0,
    type: "message",
    id: message.id,
    role: "assistant",
    ...(of === undefined ? { content: message.content, toolCalls: message.toolCalls } : { of }),
  });
}

function addResults(core: RunCore, calls: readonly AnsweredCall[]): void {
  for (const { call, result, content, of } of calls) {
    const message = Object.freeze({
      id: core.messageId(),
      role: "tool" as const,
      content: toParts(content),
      callId: call.id,
      name: call.name,
      status: result.status,
    });
    core.history.append(message);
    core.recorder.emit({
      seq: 0,
      at: 0,
      type: "message",
      id: message.id,
      role: "tool",
      ...(of === undefined ? { content: message.content } : { of }),
      callId: call.id,
      name: call.name,
      status: result.status,
    });
  }
}

/** Every call has exactly one result, also when a processor ended the task between two of them. */
function fillMissingResults(
  core: RunCore,
  calls: readonly ToolCall[],
  answered: readonly AnsweredCall[],
  ending: Ending,
): void {
  const done = new Set(answered.map(({ call }) => call.id));
  const missing = calls.filter((call) => !done.has(call.id));
  addResults(
    core,
    missing.map((call) => {
      const content = `Not run: ${ending.reason ?? "the task has ended."}`;
      return { call, result: { status: "cancelled" as const, content }, content, of: undefined };
    }),
  );
}

/** The ids of the history as ranges, kept incrementally: an append extends the last range. */
interface RangeCache {
  readonly ranges: [number, number][];
  counted: number;
  version: number;
}

const rangeCaches = new WeakMap<RunCore, RangeCache>();

function historyRanges(core: RunCore): MessageRanges {
  const view = core.history.view();
  let cache = rangeCaches.get(core);
  if (!cache || cache.version !== core.history.version || cache.counted > view.length) {
    cache = { ranges: [], counted: 0, version: core.history.version };
    rangeCaches.set(core, cache);
  }
  for (; cache.counted < view.length; cache.counted += 1)
    extendRanges(cache.ranges, view.at(cache.counted)!.id);
  return cache.ranges.map(([first, last]) => [first, last] as const);
}

/** The history's ranges with one message exchanged and one added. */
function requestRanges(
  core: RunCore,
  lastUser: UserMessage | undefined,
  extra: UserMessage | undefined,
): MessageRanges {
  const ranges: [number, number][] = [];
  const replaced = lastUser ? core.history.view().baseLastUser()?.id : undefined;
  for (const [first, last] of historyRanges(core)) {
    if (lastUser && replaced !== undefined && first <= replaced && replaced <= last) {
      if (first < replaced) ranges.push([first, replaced - 1]);
      extendRanges(ranges, lastUser.id);
      if (replaced < last) ranges.push([replaced + 1, last]);
    } else {
      ranges.push([first, last]);
    }
  }
  if (extra) extendRanges(ranges, extra.id);
  return ranges;
}
