import * as Effect from "effect/Effect";
import { cleanToolResult } from "../boundary/tool-result.ts";
import { hxError, messageOf } from "../errors/index.ts";
import { AfterTool, BeforeTool } from "../hooks/events.ts";
import type { HookOutcome } from "../hooks/pipeline.ts";
import type { Part, ToolCall } from "../plugin/message.ts";
import { textOf } from "../plugin/message.ts";
import type { Tool, ToolResult } from "../plugin/tool.ts";
import { errorResult, executeTool, refuseCall, shortenContent } from "../tools/execute.ts";
import type { ToolResultEvent } from "../trace/schema.ts";
import { freshCallId } from "./model-call.ts";
import type { ApprovalDecision, PendingApproval } from "./types.ts";
import type { Ending, RunCore, Steps } from "./core.ts";
import { TOOL_PREFIX, ToolScope } from "./tool-scope.ts";

/** A call that has passed `beforeTool`, with its result once there is one. */
interface Job {
  readonly call: ToolCall;
  readonly tool: Tool | undefined;
  /** Names of the tools of this step. */
  readonly offered: readonly string[];
  /** The model's call that a split made this one from. */
  readonly from: string | undefined;
  /** Written before this process ran it: a crash may have cut it off. */
  lost: boolean;
  result: ToolResult | undefined;
  by: string | undefined;
  ms: number;
  seq: number;
}

/** One answered call of the model. */
export interface AnsweredCall {
  readonly call: ToolCall;
  readonly result: ToolResult;
  /** What the model sees. */
  readonly content: string | readonly Part[];
  /** `seq` of the `tool.result` that holds exactly this content. */
  readonly of: number | undefined;
}

/** What the calls of one step came to. */
export type WaveOutcome =
  | { readonly kind: "answered"; readonly calls: readonly AnsweredCall[] }
  | { readonly kind: "ended"; readonly ending: Ending; readonly calls: readonly AnsweredCall[] };

/**
 * Runs the calls of one step in waves of `limits.parallelTools`.
 *
 * Within a wave hooks run one call after the other and only the tools run at the same time: the
 * trace then has one order whatever tool is faster, and a replay can repeat it.
 */
export function* runCalls(
  core: RunCore,
  calls: readonly ToolCall[],
  tools: readonly Tool[],
): Steps<WaveOutcome> {
  const size = core.limits.parallelTools;
  const answered: AnsweredCall[] = [];
  for (let start = 0; start < calls.length; start += size) {
    const wave = yield* runWave(core, calls.slice(start, start + size), tools);
    answered.push(...wave.calls);
    if (wave.kind === "ended") return { ...wave, calls: answered };
  }
  return { kind: "answered", calls: answered };
}

function* runWave(
  core: RunCore,
  calls: readonly ToolCall[],
  tools: readonly Tool[],
): Steps<WaveOutcome> {
  const groups: { readonly call: ToolCall; readonly jobs: Job[] }[] = [];
  for (const call of calls) {
    const jobs: Job[] = [];
    const ending = yield* prepare(core, call, tools, jobs);
    if (ending) return { kind: "ended", ending, calls: [] };
    groups.push({ call, jobs });
  }
  const jobs = groups.flatMap((group) => group.jobs);
  yield* execute(core, jobs);

  const answered: AnsweredCall[] = [];
  for (const { call, jobs: parts } of groups) {
    const shown: { content: string | readonly Part[]; of: number | undefined }[] = [];
    for (const job of parts) {
      const view = yield* show(core, job);
      if ("exit" in view) return { kind: "ended", ending: view, calls: answered };
      shown.push(view);
    }
    answered.push(combine(call, parts, shown));
  }
  return { kind: "answered", calls: answered };
}

/** Runs `beforeTool` for one call of the model and lists what is to be executed. */
function* prepare(
  core: RunCore,
  call: ToolCall,
  tools: readonly Tool[],
  jobs: Job[],
): Steps<Ending | undefined> {
  const tool = tools.find((candidate) => candidate.name === call.name);
  const offered = tools.map(({ name }) => name);
  const event = new BeforeTool(core.step, call, tool);
  let outcome: HookOutcome<"beforeTool"> = { kind: "continue", event };
  // While a recording lasts it alone says whether the runtime asked.
  const asked = core.recorder.replaying
    ? recordedInterrupt(core, call)
    : core.options.interruptOn?.includes(call.name);
  if (asked) {
    const dispatch = core.pipeline.beforeTool;
    outcome = {
      kind: "approval",
      event,
      reason: `Calls of ${call.name} need approval.`,
      by: "runtime",
      approved: dispatch ? dispatch(event) : Effect.succeed({ kind: "continue", event }),
    };
  } else if (core.pipeline.beforeTool) {
    outcome = yield* core.pipeline.beforeTool(event);
  }
  return yield* settle(
    core,
    { original: call, parent: call.id, offered, jobs },
    outcome,
    undefined,
  );
}

/** Whether the recording has the runtime itself asking for approval here. */
function recordedInterrupt(core: RunCore, call: ToolCall): boolean {
  const next = core.recorder.peek();
  return next?.type === "interrupt" && next.call.id === call.id && next.processor === "runtime";
}

/** Where the jobs of one call of the model are gathered. */
interface Gathering {
  readonly original: ToolCall;
  /** The call whose parts are numbered: the model's, or one that was split again. */
  readonly parent: string;
  readonly offered: readonly string[];
  readonly jobs: Job[];
}

function* settle(
  core: RunCore,
  gathering: Gathering,
  outcome: HookOutcome<"beforeTool">,
  from: string | undefined,
): Steps<Ending | undefined> {
  const { original, parent, offered, jobs } = gathering;
  switch (outcome.kind) {
    case "continue":
      jobs.push(startJob(core, outcome.event, offered, from));
      return undefined;
    case "intercept": {
      const job = startJob(core, outcome.event, offered, from);
      job.by = outcome.by;
      job.result =
        cleanToolResult(outcome.outcome) ??
        errorResult(
          hxError("HX_TOOL_RESULT_INVALID", {
            tool: outcome.event.call.name,
            found: `what ${outcome.by} intercepted with`,
          }),
        );
      jobs.push(job);
      return undefined;
    }
    case "split": {
      for (const [index, part] of outcome.parts.entries()) {
        const id = freshCallId(core, `${parent}.${index + 1}`);
        const within = { ...gathering, parent: id };
        const ending = yield* settle(core, within, withCallId(part, id), original.id);
        if (ending) return ending;
      }
      return undefined;
    }
    case "approval":
      return yield* decide(core, gathering, outcome, from);
    case "abort":
      return { exit: outcome.exit, reason: outcome.reason };
    case "retry":
      return undefined;
  }
}

function withCallId(part: HookOutcome<"beforeTool">, id: string): HookOutcome<"beforeTool"> {
  if (!("event" in part)) return part;
  const { event } = part;
  return {
    ...part,
    event: new BeforeTool(event.step, Object.freeze({ ...event.call, id }), event.tool),
  };
}

type Question = Extract<HookOutcome<"beforeTool">, { kind: "approval" }>;

/** Asks the caller, or parks the run. */
function* decide(
  core: RunCore,
  gathering: Gathering,
  question: Question,
  from: string | undefined,
): Steps<Ending | undefined> {
  const { recorder } = core;
  const { call } = question.event;
  const pending = { call, processor: question.by, reason: question.reason };
  recorder.emit({ seq: 0, at: 0, type: "interrupt", step: core.step, ...pending });
  const decision = yield* answerTo(core, pending);
  if (!decision) {
    core.pending = pending;
    return { exit: "interrupted", reason: question.reason };
  }
  const { decision: verdict, reason } = decision;
  recorder.emit({
    seq: 0,
    at: 0,
    type: "decision",
    call: call.id,
    decision: verdict,
    ...(reason === undefined ? {} : { reason }),
  });
  if (verdict === "refuse") {
    const job = startJob(core, question.event, gathering.offered, from);
    job.by = question.by;
    job.result = {
      status: "refused",
      content: `The call was refused${reason ? `: ${reason}` : "."}`,
    };
    gathering.jobs.push(job);
    return undefined;
  }
  const approved = yield* question.approved;
  const next = from === undefined ? approved : withCallId(approved, call.id);
  if (next.kind === "continue" && next.event.call.input !== call.input) {
    // What runs is what was approved: a change behind the approval is a new question.
    const changed: Question = {
      kind: "approval",
      event: next.event,
      reason: "A processor changed the call after it was approved.",
      by: "runtime",
      approved: Effect.succeed(next),
    };
    return yield* decide(core, gathering, changed, from);
  }
  return yield* settle(core, gathering, next, from);
}

/** The recorded decision, the one given for a resume, or the caller's own; nothing parks the run. */
function* answerTo(core: RunCore, pending: PendingApproval): Steps<ApprovalDecision | undefined> {
  const { recorder, options, decisions, decided } = core;
  const { id } = pending.call;
  const recorded = recorder.peek();
  if (recorded?.type === "decision" && recorded.call === id) return recorded;
  if (recorded) recorder.requireLive("a decision");
  if (Object.hasOwn(decisions, id) && !decided.has(id)) {
    decided.add(id);
    return cleanDecision(decisions[id]);
  }
  const { approve } = options;
  if (!approve) return undefined;
  return yield* Effect.promise(async (): Promise<ApprovalDecision> => {
    try {
      return cleanDecision(await approve(pending));
    } catch (thrown) {
      return { decision: "refuse", reason: `asking for approval failed: ${messageOf(thrown)}` };
    }
  });
}

/** Anything but a clear approval is a refusal. */
function cleanDecision(value: unknown): ApprovalDecision {
  const { decision, reason } = (value ?? {}) as Record<string, unknown>;
  if (decision !== "approve" && decision !== "refuse") {
    return { decision: "refuse", reason: "the answer was neither approve nor refuse" };
  }
  return { decision, ...(typeof reason === "string" ? { reason } : {}) };
}

function startJob(
  core: RunCore,
  { call, tool }: BeforeTool,
  offered: readonly string[],
  from: string | undefined,
): Job {
  const lost = core.recorder.replaying;
  core.recorder.emit({
    seq: 0,
    at: 0,
    type: "tool.call",
    step: core.step,
    call,
    ...(from === undefined ? undefined : { from }),
  });
  return { call, tool, offered, from, lost, result: undefined, by: undefined, ms: 0, seq: -1 };
}

/** Gets a result for every job: recorded, made by a processor, or by running the tool. */
function* execute(core: RunCore, jobs: readonly Job[]): Steps<void> {
  takeRecorded(core, jobs);
  for (const job of jobs) if (job.seq < 0 && job.result) record(core, job);
  const open: Job[] = [];
  // Tools start when the whole wave is on record: before its last call was, none can have run.
  const mayHaveRun = jobs.at(-1)?.lost === true;
  for (const job of jobs) {
    if (job.seq >= 0) continue;
    job.result = answerWithoutRunning(core, job, mayHaveRun);
    if (job.result) record(core, job);
    else open.push(job);
  }
  if (open.length === 0) return;
  core.recorder.requireLive("a tool");
  // The calls must be on record before they can have an effect.
  yield* flush(core);
  if (open.length === 1) yield* runJob(core, open[0]!);
  else
    yield* Effect.forEach(open, (job) => Effect.gen(() => runJob(core, job)), {
      concurrency: "unbounded",
      discard: true,
    });
}

/** Events of this wave that the recording holds, in recorded order: results and what tools did meanwhile. */
function takeRecorded(core: RunCore, jobs: readonly Job[]): void {
  const { recorder } = core;
  const ids = new Set(jobs.map((job) => job.call.id));
  while (recorder.replaying && jobs.some((job) => job.seq < 0)) {
    const next = recorder.peek()!;
    if (next.type === "tool.result" && ids.has(next.call)) {
      const event = recorder.accept() as ToolResultEvent;
      const job = jobs.find(({ call, seq }) => call.id === event.call && seq < 0)!;
      core.ledger.toolCall();
      job.seq = event.seq;
      job.ms = event.ms;
      job.by = event.intercepted;
      job.result = cleanToolResult(event);
    } else if ((next.type === "log" || next.type === "spawn") && isFromTool(next.by, ids)) {
      recorder.accept();
      if (next.type === "spawn") core.nextChild += 1;
    } else if (next.type === "spawn.end") {
      recorder.accept();
      core.ledger.child(next.totals);
    } else if (next.type === "model.request" && isFromTool(next.by ?? "", ids)) {
      recorder.accept();
      core.calls += 1;
    } else if (next.type === "model.response" && next.intercepted === undefined) {
      // Within a wave only its tools call a model.
      recorder.accept();
      core.ledger.modelCall(next.usage, next.costUsd);
    } else if (next.type === "model.error") {
      recorder.accept();
    } else {
      return;
    }
  }
}

function isFromTool(by: string, ids: ReadonlySet<string>): boolean {
  return by.startsWith(TOOL_PREFIX) && ids.has(by.slice(TOOL_PREFIX.length));
}

function answerWithoutRunning(
  core: RunCore,
  job: Job,
  mayHaveRun: boolean,
): ToolResult | undefined {
  if (mayHaveRun && job.tool?.onLostResult === "report") {
    return errorResult(hxError("HX_TOOL_RESULT_LOST", { tool: job.call.name }));
  }
  return refuseCall(job.call, core.tools, job.tool ? [job.call.name] : job.offered);
}

function* runJob(core: RunCore, job: Job): Steps<void> {
  const began = performance.now();
  const entry = core.tools.get(job.call.name)!;
  const scope = new ToolScope(core, job.call, entry.tool);
  job.result = yield* executeTool(entry, job.call, scope, core.limits.toolTimeoutMs);
  scope.close();
  // A call that was given up on ends with the subagents and model calls that it started.
  const ended = scope.pendingEnded();
  if (ended) yield* Effect.promise(() => ended);
  job.ms = performance.now() - began;
  record(core, job);
  yield* flush(core);
}

function record(core: RunCore, job: Job): void {
  const result = job.result!;
  core.ledger.toolCall();
  job.seq = core.recorder.emit({
    seq: 0,
    at: 0,
    type: "tool.result",
    step: core.step,
    call: job.call.id,
    name: job.call.name,
    status: result.status,
    content: result.content,
    ...(result.structured === undefined ? undefined : { structured: result.structured }),
    ...(result.error === undefined ? undefined : { error: result.error }),
    ...(result.end ? { end: true as const } : undefined),
    ms: job.ms,
    ...(job.by === undefined ? undefined : { intercepted: job.by }),
  });
}

/** Runs `afterTool` and cuts what would swamp the context. */
function* show(
  core: RunCore,
  job: Job,
): Steps<{ content: string | readonly Part[]; of: number | undefined } | Ending> {
  let content = job.result!.content;
  if (core.pipeline.afterTool) {
    const outcome = yield* core.pipeline.afterTool(
      new AfterTool(core.step, job.call, job.result!, job.ms),
    );
    if (outcome.kind === "abort") return { exit: outcome.exit, reason: outcome.reason };
    if (outcome.kind === "continue") content = outcome.event.result.content;
  }
  content = shortenContent(content, core.limits.maxResultChars);
  return { content, of: content === job.result!.content ? job.seq : undefined };
}

/** One answer for the model's call, also when it was split. */
function combine(
  call: ToolCall,
  jobs: readonly Job[],
  shown: readonly { content: string | readonly Part[]; of: number | undefined }[],
): AnsweredCall {
  const first = jobs[0];
  if (jobs.length === 1 && first) {
    return {
      call: first.from === undefined ? first.call : call,
      result: first.result!,
      content: shown[0]!.content,
      of: first.from === undefined ? shown[0]!.of : undefined,
    };
  }
  const failed = jobs.find((job) => job.result!.status !== "ok");
  const content = shown.map((part) => textOf(part.content)).join("\n");
  const end = jobs.some((job) => job.result!.end);
  const status = failed?.result!.status ?? "ok";
  return { call, result: { status, content, ...(end ? { end } : {}) }, content, of: undefined };
}

/** Hands the trace to the operating system; waits only for sinks that are asynchronous. */
export function* flush(core: RunCore): Steps<void> {
  const pending = core.recorder.flush();
  if (pending) {
    yield* Effect.tryPromise({
      try: () => pending,
      catch: (thrown) =>
        hxError("HX_TRACE_WRITE_FAILED", { path: core.id, problem: messageOf(thrown) }, thrown),
    });
  }
}
