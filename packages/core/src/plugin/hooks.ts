import type {
  AfterModelEvent,
  AfterToolEvent,
  BeforeModelEvent,
  BeforeToolEvent,
  StepEndEvent,
  StepStartEvent,
  TaskEndEvent,
  TaskStartEvent,
} from "./events.ts";
import type { ModelResponse } from "./model.ts";
import type { ToolResult } from "./tool.ts";
import type { Abort, AskApproval, Intercept, Replace, Retry, Split } from "./verdict.ts";

/** The outcome of a task that a processor answers itself. */
export interface TaskAnswer {
  readonly output: string;
}

/** A response as a processor writes it; usage counts as zero. */
export type CannedResponse = Partial<Pick<ModelResponse, "content" | "toolCalls" | "finish">> & {
  readonly text?: string;
};

/** The eight hooks: the event that each carries and the verdicts that each allows. */
export interface HookContracts {
  taskStart: {
    event: TaskStartEvent;
    verdict: Replace<TaskStartEvent> | Intercept<TaskAnswer> | Abort;
  };
  stepStart: { event: StepStartEvent; verdict: Replace<StepStartEvent> | Abort };
  beforeModel: {
    event: BeforeModelEvent;
    verdict: Replace<BeforeModelEvent> | Intercept<CannedResponse> | Abort;
  };
  /** `intercept` ends the task with the given output. */
  afterModel: {
    event: AfterModelEvent;
    verdict: Replace<AfterModelEvent> | Intercept<TaskAnswer> | Retry | Abort;
  };
  beforeTool: {
    event: BeforeToolEvent;
    verdict:
      | Replace<BeforeToolEvent>
      | Split<BeforeToolEvent>
      | Intercept<ToolResult>
      | AskApproval
      | Abort;
  };
  afterTool: { event: AfterToolEvent; verdict: Replace<AfterToolEvent> | Abort };
  stepEnd: { event: StepEndEvent; verdict: never };
  taskEnd: { event: TaskEndEvent; verdict: Replace<TaskEndEvent> };
}

export type HookName = keyof HookContracts;

/** The effect library's `Effect`, by its public type id, so that plugins need not depend on effect. */
export interface EffectLike<A> {
  readonly "~effect/Effect": { readonly _A: (_: never) => A };
}

/** A tap may return, resolve to, or yield as an Effect: nothing (pass) or a verdict. */
export type TapResult<Verdict> =
  | void
  | undefined
  | Verdict
  | Promise<void | undefined | Verdict>
  | EffectLike<void | undefined | Verdict>;

/** Called with each event of its hook; must not change the event, and may throw only to end the run. */
export type Tap<Name extends HookName> = (
  event: HookContracts[Name]["event"],
) => TapResult<HookContracts[Name]["verdict"]>;

/** Where a processor registers; open only while its setup function runs. */
export interface HookPoint<Name extends HookName> {
  /** `name` labels the tap in traces and errors; unique within the processor and hook. */
  tap(name: string, tap: Tap<Name>): void;
}

export type Hooks = { readonly [Name in HookName]: HookPoint<Name> };
