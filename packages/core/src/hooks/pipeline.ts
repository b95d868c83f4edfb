import * as Effect from "effect/Effect";
import { HarnessXError, hxError, messageOf } from "../errors/index.ts";
import type { HookContracts, HookName } from "../plugin/hooks.ts";
import type { Json } from "../plugin/json.ts";
import type { AnyVerdict, Intercept } from "../plugin/verdict.ts";
import type { HookTapRecord } from "../trace/schema.ts";
import { frozenJson } from "../boundary/json.ts";
import { ControlSignal } from "./control-signal.ts";
import { allowsVerdict, hookCatalog, hookNames } from "./catalog.ts";
import {
  RuntimeEvent,
  StepStart,
  type AfterModel,
  type AfterTool,
  type BeforeModel,
  type BeforeTool,
  type StepEnd,
  type TaskEnd,
  type TaskStart,
} from "./events.ts";
import { historyProblem } from "./history-rules.ts";
import type { RegisteredTap, Registrar } from "./registrar.ts";
import { isThenable } from "../thenable.ts";

/** The runtime's event class of each hook. */
export interface RuntimeEvents {
  taskStart: TaskStart;
  stepStart: StepStart;
  beforeModel: BeforeModel;
  afterModel: AfterModel;
  beforeTool: BeforeTool;
  afterTool: AfterTool;
  stepEnd: StepEnd;
  taskEnd: TaskEnd;
}

type OutcomeOf<Name extends HookName> =
  Extract<HookContracts[Name]["verdict"], { verdict: "intercept" }> extends Intercept<infer Outcome>
    ? Outcome
    : never;

/** What a hook came to. */
export type HookOutcome<Name extends HookName> =
  | { readonly kind: "continue"; readonly event: RuntimeEvents[Name] }
  | {
      readonly kind: "intercept";
      readonly event: RuntimeEvents[Name];
      readonly outcome: OutcomeOf<Name>;
      readonly by: string;
    }
  | {
      readonly kind: "abort";
      readonly reason: string;
      readonly exit: "aborted" | "loop";
      readonly by: string;
    }
  | { readonly kind: "retry"; readonly feedback: string | undefined; readonly by: string }
  | { readonly kind: "split"; readonly parts: readonly HookOutcome<Name>[]; readonly by: string }
  | {
      readonly kind: "approval";
      readonly event: RuntimeEvents[Name];
      readonly reason: string;
      readonly by: string;
      /** Goes on with the processors behind the one that asked. */
      readonly approved: Effect.Effect<HookOutcome<Name>, HarnessXError>;
    };

type CompiledHook<Name extends HookName> = (
  event: RuntimeEvents[Name],
) => Effect.Effect<HookOutcome<Name>, HarnessXError>;

/** The eight hooks of one run, each compiled to one function; a hook without taps is absent and costs nothing. */
export type Pipeline = { readonly [Name in HookName]?: CompiledHook<Name> };

/** What the runtime adds to every tap. */
export interface PipelineOptions {
  /** Milliseconds that one asynchronous tap may take. */
  readonly tapTimeoutMs: number;
  /** Receives the record of a dispatch; absent when nobody records. */
  readonly record?: (hook: HookName, event: RuntimeEvent, taps: readonly HookTapRecord[]) => void;
  /** In a replay: why the recorded run was stopped while it waited here, behind `done` taps; else nothing. */
  readonly stoppedHere?: (hook: HookName, done: number) => ControlSignal | undefined;
  /** A tap was given up on: stops what it is still waiting for. */
  readonly onTapTimeout?: () => void;
  /** Counts a failure that `onError: "skip"` let pass. */
  readonly onSkippedFault: (fault: HarnessXError) => void;
}

/** Folds the taps of every hook, in tapable's order, into one effectful function per hook. */
export function compilePipeline(registrar: Registrar, options: PipelineOptions): Pipeline {
  const pipeline: { -readonly [Name in HookName]?: CompiledHook<HookName> } = {};
  for (const name of hookNames) {
    const taps = registrar.taps(name);
    if (taps.length > 0)
      pipeline[name] = compileHook(name, taps, options) as CompiledHook<HookName>;
  }
  return pipeline as Pipeline;
}

type Step<Name extends HookName> =
  | HookOutcome<Name>
  | Effect.Effect<HookOutcome<Name>, HarnessXError>;

function compileHook<Name extends HookName>(
  hook: Name,
  taps: readonly RegisteredTap[],
  options: PipelineOptions,
): CompiledHook<Name> {
  type Event = RuntimeEvents[Name];
  const { record } = options;

  /** Runs taps from `index` on; leaves the synchronous loop only for a promise or an Effect. */
  const fold = (index: number, start: Event, log: HookTapRecord[] | undefined): Step<Name> => {
    let event = start;
    for (let position = index; position < taps.length; position += 1) {
      const tap = taps[position]!;
      const began = log ? performance.now() : 0;
      let returned: unknown;
      let waits: boolean;
      try {
        returned = tap.call(event);
        // Looking at a value is a risk, too: it may be a proxy or have getters.
        waits = isThenable(returned) || Effect.isEffect(returned);
      } catch (thrown) {
        const settled = settleThrow(tap, thrown);
        log?.push(faultRecord(tap, began));
        if (settled !== SKIPPED) return Effect.fail(settled);
        continue;
      }
      if (returned === undefined) {
        log?.push({
          processor: tap.processor,
          tap: tap.tap,
          verdict: "pass",
          ms: performance.now() - began,
        });
        continue;
      }
      if (waits) {
        const held = event;
        const stopped = log && options.stoppedHere?.(hook, log.length);
        if (stopped) return Effect.die(stopped);
        const settled = Effect.tapError(settle(tap, returned), () =>
          Effect.sync(() => log?.push(faultRecord(tap, began))),
        );
        return Effect.flatMap(settled, (verdict) => {
          const next = apply(tap, held, verdict, position, began, log);
          if (next instanceof RuntimeEvent) return enter(fold(position + 1, next as Event, log));
          return enter(next);
        });
      }
      const next = apply(tap, event, returned, position, began, log);
      if (!(next instanceof RuntimeEvent)) return next;
      event = next as Event;
    }
    return { kind: "continue", event };
  };

  /** The event to go on with, or how the hook ends. */
  const apply = (
    tap: RegisteredTap,
    event: Event,
    returned: unknown,
    position: number,
    began: number,
    log: HookTapRecord[] | undefined,
  ): Event | Step<Name> => {
    if (returned === SKIPPED) {
      log?.push(faultRecord(tap, began));
      return event;
    }
    let verdict: AnyVerdict | undefined;
    try {
      verdict = checkVerdict(hook, tap, event, returned);
    } catch (thrown) {
      const settled = settleThrow(tap, thrown);
      log?.push(faultRecord(tap, began));
      return settled === SKIPPED ? event : Effect.fail(settled);
    }
    log?.push(tapRecord(tap, verdict, event, performance.now() - began));
    if (!verdict) return event;
    switch (verdict.verdict) {
      case "replace":
        return verdict.event as Event;
      case "intercept":
        return {
          kind: "intercept",
          event,
          outcome: verdict.outcome as OutcomeOf<Name>,
          by: tap.processor,
        };
      case "abort":
        return {
          kind: "abort",
          reason: verdict.reason,
          exit: verdict.exit ?? "aborted",
          by: tap.processor,
        };
      case "retry":
        return { kind: "retry", feedback: verdict.feedback, by: tap.processor };
      case "approval":
        return {
          kind: "approval",
          event,
          reason: verdict.reason,
          by: tap.processor,
          approved: Effect.suspend(() => dispatch(position + 1, event)),
        };
      case "split":
        return Effect.map(
          Effect.forEach(verdict.events as readonly Event[], (part) =>
            enter(fold(position + 1, part, log)),
          ),
          (parts) => ({ kind: "split", parts, by: tap.processor }),
        );
    }
  };

  const settle = (tap: RegisteredTap, pending: unknown): Effect.Effect<unknown, HarnessXError> => {
    const asked: Effect.Effect<unknown, unknown> = Effect.isEffect(pending)
      ? (pending as Effect.Effect<unknown, unknown>)
      : Effect.tryPromise({
          try: () => pending as PromiseLike<unknown>,
          catch: (thrown) => thrown,
        });
    const limited = Number.isFinite(options.tapTimeoutMs)
      ? Effect.timeoutOrElse(asked, {
          duration: options.tapTimeoutMs,
          orElse: () => {
            options.onTapTimeout?.();
            const details = { processor: tap.processor, hook, ms: options.tapTimeoutMs };
            return Effect.fail(hxError("HX_PROCESSOR_TIMEOUT", details));
          },
        })
      : asked;
    return Effect.catch(Effect.catchDefect(limited, Effect.fail), (thrown) => {
      const settled = settleThrow(tap, thrown);
      return settled === SKIPPED ? Effect.succeed(SKIPPED) : Effect.fail(settled);
    });
  };

  const settleThrow = (tap: RegisteredTap, thrown: unknown): HarnessXError | typeof SKIPPED => {
    const fault = asFault(hook, tap.processor, thrown);
    if (tap.onError === "fail") return fault;
    options.onSkippedFault(fault);
    return SKIPPED;
  };

  const dispatch = (
    index: number,
    event: Event,
  ): Effect.Effect<HookOutcome<Name>, HarnessXError> => {
    if (!record) return enter(fold(index, event, undefined));
    const log: HookTapRecord[] = [];
    const step = fold(index, event, log);
    if (!Effect.isEffect(step)) {
      record(hook, event, log);
      return Effect.succeed(step);
    }
    return Effect.onExit(step, () => Effect.sync(() => record(hook, event, log)));
  };

  return (event) => Effect.suspend(() => dispatch(0, event));
}

const SKIPPED: unique symbol = Symbol("skipped fault");

function enter<Name extends HookName>(
  step: Step<Name>,
): Effect.Effect<HookOutcome<Name>, HarnessXError> {
  return Effect.isEffect(step) ? step : Effect.succeed(step);
}

const IN_PLACE =
  /read only|read-only|not extensible|Cannot (assign|add|delete|redefine|define)|only a getter/;

function asFault(hook: HookName, processor: string, thrown: unknown): HarnessXError {
  if (thrown instanceof ControlSignal) throw thrown;
  // A processor that does something else than the recording is no fault that could be skipped.
  if (HarnessXError.isInstance(thrown) && thrown.code === "HX_RESUME_DIVERGED") throw thrown;
  // What the runtime raised names the processor already; a plugin's own error does not.
  if (HarnessXError.isInstance(thrown) && thrown.details["processor"] === processor) return thrown;
  const problem = messageOf(thrown);
  const code =
    thrown instanceof TypeError && IN_PLACE.test(problem)
      ? "HX_PROCESSOR_MUTATED_EVENT"
      : "HX_PROCESSOR_THREW";
  return hxError(code, { processor, hook, problem }, thrown);
}

/** Returns a verdict that `hook` allows, or nothing for a pass; throws otherwise. */
function checkVerdict(
  hook: HookName,
  tap: RegisteredTap,
  event: RuntimeEvent,
  returned: unknown,
): AnyVerdict | undefined {
  if (returned === undefined) return undefined;
  const refuse = (found: string): HarnessXError =>
    hxError("HX_VERDICT_INVALID", {
      processor: tap.processor,
      hook,
      found,
      allowed: allowedText(hook),
    });
  if (typeof returned !== "object" || returned === null || !("verdict" in returned))
    throw refuse(describe(returned));
  const verdict = returned as AnyVerdict;
  if (!allowsVerdict(hook, verdict.verdict)) throw refuse(`the verdict ${String(verdict.verdict)}`);
  switch (verdict.verdict) {
    case "replace":
      if (!RuntimeEvent.derives(verdict.event, event))
        throw refuse("an event that was not made by its with… methods");
      checkHistory(hook, tap, verdict.event);
      break;
    case "split":
      if (!Array.isArray(verdict.events) || verdict.events.length === 0)
        throw refuse("a split into no events");
      if (!verdict.events.every((part) => RuntimeEvent.derives(part, event))) {
        throw refuse("a split into events that were not made by withInput");
      }
      break;
    case "abort":
      if (verdict.exit !== undefined && verdict.exit !== "aborted" && verdict.exit !== "loop") {
        throw refuse(`abort with the exit ${describe(verdict.exit)}`);
      }
      if (typeof verdict.reason !== "string") throw refuse("abort without a reason");
      break;
    case "approval":
      if (typeof verdict.reason !== "string") throw refuse(`${verdict.verdict} without a reason`);
      break;
    case "intercept": {
      if (typeof verdict.outcome !== "object" || verdict.outcome === null)
        throw refuse("intercept without an outcome");
      const outcome = frozenJson(verdict.outcome, "an outcome") as { readonly output?: unknown };
      const answers = hook === "taskStart" || hook === "afterModel";
      if (answers && typeof outcome.output !== "string")
        throw refuse("an outcome whose output is no text");
      return { verdict: "intercept", outcome };
    }
    case "retry":
      break;
  }
  return verdict;
}

function checkHistory(hook: HookName, tap: RegisteredTap, event: unknown): void {
  const items = event instanceof StepStart ? StepStart.edited(event) : undefined;
  const problem = items && historyProblem(items);
  if (problem) throw hxError("HX_EDIT_INVALID", { processor: tap.processor, hook, problem });
}

function allowedText(hook: HookName): string {
  const verdicts = hookCatalog.find((facts) => facts.name === hook)?.verdicts ?? [];
  return verdicts.length === 0 ? "nothing, it is read-only" : `nothing, or ${verdicts.join(", ")}`;
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object")
    return `an object with ${Object.keys(value).slice(0, 5).join(", ") || "no fields"}`;
  return `a ${typeof value}`;
}

function faultRecord({ processor, tap, onError }: RegisteredTap, began: number): HookTapRecord {
  const verdict = onError === "skip" ? "skipped-fault" : "fault";
  return { processor, tap, verdict, ms: performance.now() - began };
}

function tapRecord(
  tap: RegisteredTap,
  verdict: AnyVerdict | undefined,
  before: RuntimeEvent,
  ms: number,
): HookTapRecord {
  const head = {
    processor: tap.processor,
    tap: tap.tap,
    verdict: verdict?.verdict ?? ("pass" as const),
    ms,
  };
  switch (verdict?.verdict) {
    case undefined:
      return head;
    case "replace":
      return { ...head, edits: newEdits(verdict.event as RuntimeEvent, before) };
    case "split":
      return {
        ...head,
        edits: (verdict.events as RuntimeEvent[]).flatMap((part) => newEdits(part, before)),
      };
    case "intercept":
      return { ...head, outcome: verdict.outcome as Json };
    case "abort":
    case "approval":
      return { ...head, reason: verdict.reason };
    case "retry":
      return verdict.feedback === undefined ? head : { ...head, reason: verdict.feedback };
  }
}

function newEdits(after: RuntimeEvent, before: RuntimeEvent): RuntimeEvent["edits"] {
  return after.edits.slice(before.edits.length);
}
