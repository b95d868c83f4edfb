import { hxError } from "../errors/index.ts";
import type { Task } from "../plugin/events.ts";
import type { ExitReason, Totals } from "../plugin/outcome.ts";
import type { Message, ToolCall } from "../plugin/message.ts";
import { toParts } from "../run/history.ts";
import { fromRanges } from "./ranges.ts";
import type {
  HistoryEvent,
  MessageEvent,
  ModelResponseEvent,
  ToolResultEvent,
  TraceEvent,
} from "./schema.ts";

/** A tool call that has no result yet. */
export interface PendingCall {
  readonly call: ToolCall;
  /** Its `tool.call` is recorded: it may have run. */
  readonly started: boolean;
  /** The model's call that a `split` made this one from. */
  readonly from?: string;
}

/**
 * A run as its trace tells it. `applyEvent` changes it in place:
 *
 * | event | effect |
 * |---|---|
 * | `run.start` | sets `run`, `task`, `harness` (the executed hash); only as the first event |
 * | `message` | without `ephemeral`: `system` becomes or replaces the first message, every other role is appended; an `assistant` message adds its tool calls to `pending`, a `tool` message removes its call |
 * | `history` | `messages` are the listed ones in the listed order; any message that was ever in the history may come back |
 * | `step.start` | `step`; `totals`: one step |
 * | `model.response` | `totals`: one model call, its usage and cost (also for calls of processors, but not when a processor answered in the model's place) |
 * | `tool.call` | marks the pending call as started, or adds it |
 * | `tool.result` | `totals`: one tool call, whoever answered; the call is no longer pending; an interruption by it is over |
 * | `hook` | `totals`: one skipped fault for each such verdict |
 * | `spawn.end` | `totals`: what the subagent spent: model calls, tool calls, tokens and cost |
 * | `step.end` | `totals` must equal the event's, whose values are taken over |
 * | `swap` | `harness` |
 * | `interrupt`, `decision` | set and clear `interrupted` |
 * | `run.end` | `ended`; its totals must equal; a later event (a resumed run) clears `ended` |
 * | others | none |
 */
export interface TraceState {
  run: string;
  task: Task | undefined;
  /** Hash of the harness that the run is on. */
  harness: string;
  step: number;
  /** The history in order. */
  messages: Message[];
  totals: Totals;
  /** In the order of the calls. */
  pending: PendingCall[];
  interrupted:
    | { readonly call: ToolCall; readonly processor: string; readonly reason: string }
    | undefined;
  ended: { readonly exit: ExitReason; readonly output: string } | undefined;
}

const ZERO: Totals = {
  steps: 0,
  modelCalls: 0,
  toolCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  skippedFaults: 0,
};

/** What events refer back to. */
interface Memory {
  readonly sources: Map<number, ModelResponseEvent | ToolResultEvent>;
  readonly messages: Map<number, Message>;
}

/** Beside the state and not in it: two states with the same values are equal. */
const memories = new WeakMap<TraceState, Memory>();

/** The state before the first event. */
export function createTraceState(): TraceState {
  const state: TraceState = {
    run: "",
    task: undefined,
    harness: "",
    step: 0,
    messages: [],
    totals: ZERO,
    pending: [],
    interrupted: undefined,
    ended: undefined,
  };
  memories.set(state, { sources: new Map(), messages: new Map() });
  return state;
}

/**
 * Takes one event into the state and returns it. Throws `HX_TRACE_CORRUPT` for an event that
 * cannot follow: it refers to what is not there, or carries totals that do not add up.
 */
export function applyEvent(state: TraceState, event: TraceEvent): TraceState {
  const memory = memories.get(state);
  if (memory === undefined)
    throw new TypeError("applyEvent needs a state made by createTraceState");
  state.ended = undefined;
  switch (event.type) {
    case "run.start":
      if (state.run !== "") refuse(event, "the run has already started");
      state.run = event.run;
      state.task = event.task;
      state.harness = event.harness.executed;
      break;
    case "message":
      addMessage(state, memory, event);
      break;
    case "history":
      setHistory(state, memory, event);
      break;
    case "step.start":
      state.step = event.step;
      spend(state, { steps: 1 });
      break;
    case "model.response":
      memory.sources.set(event.seq, event);
      if (event.intercepted !== undefined) break;
      spend(state, {
        modelCalls: 1,
        inputTokens: event.usage.input,
        outputTokens: event.usage.output,
        costUsd: event.costUsd,
      });
      break;
    case "tool.call":
      startCall(state, event.call, event.from);
      break;
    case "tool.result":
      memory.sources.set(event.seq, event);
      spend(state, { toolCalls: 1 });
      endCall(state, event.call);
      if (state.interrupted?.call.id === event.call) state.interrupted = undefined;
      break;
    case "hook":
      for (const tap of event.taps) {
        if (tap.verdict === "skipped-fault") spend(state, { skippedFaults: 1 });
      }
      break;
    case "spawn.end":
      spend(state, { ...event.totals, steps: 0, skippedFaults: 0 });
      break;
    case "step.end":
      agree(state, event, event.totals);
      break;
    case "swap":
      state.harness = event.to;
      break;
    case "interrupt":
      state.interrupted = { call: event.call, processor: event.processor, reason: event.reason };
      break;
    case "decision":
      if (state.interrupted?.call.id === event.call) state.interrupted = undefined;
      break;
    case "run.end":
      agree(state, event, event.totals);
      state.ended = { exit: event.exit, output: event.output };
      break;
    case "model.request":
    case "model.error":
    case "spawn":
    case "log":
    case "error":
      break;
  }
  return state;
}

/** The state after these events. */
export function foldTrace(events: Iterable<TraceEvent>): TraceState {
  const state = createTraceState();
  for (const event of events) applyEvent(state, event);
  return state;
}

function addMessage(state: TraceState, memory: Memory, event: MessageEvent): void {
  const message = messageOf(memory, event);
  if (event.ephemeral) return;
  if (memory.messages.has(message.id)) refuse(event, `message ${message.id} exists already`);
  memory.messages.set(message.id, message);
  if (message.role === "system") {
    const first = state.messages[0]?.role === "system" ? 1 : 0;
    state.messages.splice(0, first, message);
    return;
  }
  state.messages.push(message);
  if (message.role === "tool") endCall(state, message.callId);
  if (message.role !== "assistant") return;
  for (const call of message.toolCalls) state.pending.push({ call, started: false });
}

/** The message that an event stands for, with the content of the event that it refers to. */
function messageOf(memory: Memory, event: MessageEvent): Message {
  const source = event.of === undefined ? undefined : memory.sources.get(event.of);
  if (event.of !== undefined && source === undefined) {
    refuse(event, `event ${event.of} is no model.response or tool.result before it`);
  }
  const { id, role } = event;
  const content =
    event.content ?? (source === undefined ? undefined : toParts(source.content)) ?? [];
  if (role === "assistant") {
    const calls = event.toolCalls ?? (source?.type === "model.response" ? source.toolCalls : []);
    return { id, role, content, toolCalls: calls };
  }
  if (role !== "tool") return { id, role, content };
  const result = source?.type === "tool.result" ? source : undefined;
  const callId = event.callId ?? result?.call;
  const name = event.name ?? result?.name;
  const status = event.status ?? result?.status;
  if (callId === undefined || name === undefined || status === undefined) {
    return refuse(event, "a tool message needs a call, a name and a status");
  }
  return { id, role, content, callId, name, status };
}

function setHistory(state: TraceState, memory: Memory, event: HistoryEvent): void {
  // Counted first: damaged ranges could stand for more ids than there is memory.
  const total = event.messages.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  if (total > memory.messages.size) refuse(event, "it lists more messages than there are");
  state.messages = fromRanges(event.messages).map(
    (id) => memory.messages.get(id) ?? refuse(event, `there is no message ${id}`),
  );
}

function startCall(state: TraceState, call: ToolCall, from: string | undefined): void {
  const index = state.pending.findIndex((entry) => entry.call.id === call.id);
  const entry: PendingCall =
    from === undefined ? { call, started: true } : { call, started: true, from };
  if (index === -1) state.pending.push(entry);
  else state.pending[index] = entry;
}

function endCall(state: TraceState, id: string): void {
  const index = state.pending.findIndex((entry) => entry.call.id === id);
  if (index !== -1) state.pending.splice(index, 1);
}

function spend(state: TraceState, more: Partial<Totals>): void {
  const { totals } = state;
  state.totals = {
    steps: totals.steps + (more.steps ?? 0),
    modelCalls: totals.modelCalls + (more.modelCalls ?? 0),
    toolCalls: totals.toolCalls + (more.toolCalls ?? 0),
    inputTokens: totals.inputTokens + (more.inputTokens ?? 0),
    outputTokens: totals.outputTokens + (more.outputTokens ?? 0),
    costUsd: totals.costUsd + (more.costUsd ?? 0),
    skippedFaults: totals.skippedFaults + (more.skippedFaults ?? 0),
  };
}

/** Sums of prices depend on the order of the additions in their last digits. */
const CENT_FRACTION = 1e-9;

function agree(state: TraceState, event: TraceEvent, said: Totals): void {
  for (const key of Object.keys(ZERO) as (keyof Totals)[]) {
    const counted = state.totals[key];
    const slack = key === "costUsd" ? CENT_FRACTION * Math.max(1, Math.abs(counted)) : 0;
    if (Math.abs(counted - said[key]) > slack) {
      refuse(event, `its totals say ${key} ${said[key]}, the events before it ${counted}`);
    }
  }
  state.totals = said;
}

function refuse(event: TraceEvent, problem: string): never {
  throw hxError("HX_TRACE_CORRUPT", {
    path: "the trace",
    line: event.seq + 1,
    problem: `${event.type}: ${problem}`,
  });
}
