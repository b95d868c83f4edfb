import * as Effect from "effect/Effect";
import { frozenJson, mutableJson } from "../boundary/json.ts";
import { hxError, messageOf } from "../errors/index.ts";
import type { Task } from "../plugin/events.ts";
import type { Json } from "../plugin/json.ts";
import type { Message } from "../plugin/message.ts";
import type { ModelResponse } from "../plugin/model.ts";
import type { RoleModel } from "../plugin/role-model.ts";
import type { SpawnResult } from "../plugin/spawn.ts";
import type { SpawnEndEvent } from "../trace/schema.ts";
import type { RunCore } from "./core.ts";
import { messageList, toParts } from "./history.ts";
import { callModel } from "./model-call.ts";
import { callSeed } from "./random.ts";

/** Subagents of subagents of subagents are a mistake more often than a plan. */
const MAX_DEPTH = 3;

/** The tool call that starts a subagent. */
interface SpawnedFrom {
  readonly call?: string;
  readonly signal?: AbortSignal;
}

/** Behind the last event of a run nothing more may happen in its name. */
function requireOpen(core: RunCore): void {
  if (core.closed) throw hxError("HX_RUN_ABORTED", { reason: "the run has ended" });
}

/** Annotates the trace; what comes too late is dropped. */
export function recordLog(core: RunCore, by: string, message: string, data?: Json): void {
  if (core.closed) return;
  core.recorder.emit({
    seq: 0,
    at: 0,
    type: "log",
    by,
    message: String(message),
    ...(data === undefined ? {} : { data: frozenJson(data, "the data of a log entry") }),
  });
}

/** Reads something from outside the run, or takes what the recording says was read. */
export async function readRecorded(
  core: RunCore,
  by: string,
  label: string,
  read: () => Json | Promise<Json>,
): Promise<Json> {
  requireOpen(core);
  const { recorder } = core;
  const next = recorder.peek();
  if (next?.type === "log" && next.by === by && next.message === label) {
    recorder.accept();
    return mutableJson(next.data ?? null) as Json;
  }
  recorder.requireLive(`the reading ${label}`);
  let data: Json;
  try {
    data = frozenJson(await read(), "what was read");
  } catch (thrown) {
    const details = { processor: by, label, problem: messageOf(thrown) };
    throw hxError("HX_RECORDED_READ_FAILED", details, thrown);
  }
  recordLog(core, by, label, data);
  return mutableJson(data) as Json;
}

/**
 * Lets one request after the other pass.
 *
 * What processors ask of the run enters the trace; one at a time, so that its order does not
 * depend on which answer is faster and a replay can follow it.
 */
export class Serializer {
  #tail: Promise<unknown> = Promise.resolve();

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const next = this.#tail.then(work, work);
    this.#tail = next.catch(() => undefined);
    return next;
  }
}

/** A model call that a processor makes for itself. */
export function generateForRole(
  core: RunCore,
  role: string,
  prompt: Parameters<RoleModel["generate"]>[0],
  by: string,
  signal: AbortSignal,
): Promise<ModelResponse> {
  requireOpen(core);
  const { system, user, sampling = {} } = prompt;
  const messages: Message[] = [];
  if (system !== undefined) messages.push({ id: 0, role: "system", content: toParts(system) });
  messages.push({ id: 1, role: "user", content: toParts(user) });
  const request = {
    messages: messageList(messages),
    tools: [],
    sampling,
    role,
    seed: callSeed(core.seed, core.calls + 1),
  };
  const note = { messages: [], by, prompt: { ...(system === undefined ? {} : { system }), user } };
  return Effect.runPromise(
    Effect.map(
      Effect.gen(() => callModel(core, request, note)),
      (answer) => answer.response,
    ),
    { signal },
  );
}

/** Runs a subagent and waits for it; a recorded one is not run again. */
export function spawnChild(
  core: RunCore,
  input: { readonly text: string; readonly metadata?: Json },
  by: string,
  from: SpawnedFrom = {},
): Promise<SpawnResult> {
  const spawning = spawnRecorded(core, input, by, from);
  // The run waits for it at its end, so that `spawn.end` never comes behind `run.end`.
  const settled: Promise<unknown> = spawning.then(
    () => core.spawning.delete(settled),
    () => core.spawning.delete(settled),
  );
  core.spawning.add(settled);
  return spawning;
}

async function spawnRecorded(
  core: RunCore,
  input: { readonly text: string; readonly metadata?: Json },
  by: string,
  from: SpawnedFrom,
): Promise<SpawnResult> {
  requireOpen(core);
  if (core.depth >= MAX_DEPTH)
    throw hxError("HX_BUDGET_EXHAUSTED", { limit: `subagent depth ${MAX_DEPTH}` });
  const { recorder } = core;
  const number = (core.nextChild += 1);
  const runId = `${core.id}.${number}`;
  const { text, metadata } = input;
  const task: Task = Object.freeze({
    id: runId,
    text: String(text),
    ...(metadata === undefined ? {} : { metadata: frozenJson(metadata, "the metadata of a task") }),
  });
  recorder.emit({ seq: 0, at: 0, type: "spawn", step: core.step, run: runId, by, task });
  const next = recorder.peek();
  if (next?.type === "spawn.end") {
    const { run, exit, output, totals } = recorder.accept() as SpawnEndEvent;
    core.ledger.child(totals);
    return { runId: run, exit, output, totals };
  }
  recorder.requireLive("a subagent");
  const result = await core.spawn(core, { runId, task, number, ...from });
  const { exit, output, totals } = result;
  recorder.emit({
    seq: 0,
    at: 0,
    type: "spawn.end",
    step: core.step,
    run: runId,
    exit,
    output,
    totals,
  });
  return { runId, exit, output, totals };
}
