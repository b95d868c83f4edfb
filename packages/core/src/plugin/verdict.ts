/** Go on with a changed event: one made by the `with…` methods of the event that the tap received. */
export interface Replace<Event> {
  readonly verdict: "replace";
  readonly event: Event;
}
/** Run several calls in place of one; `beforeTool` only. */
export interface Split<Event> {
  readonly verdict: "split";
  readonly events: readonly Event[];
}
/** Skip the default action and use this outcome; later processors of the same hook do not run. */
export interface Intercept<Outcome> {
  readonly verdict: "intercept";
  readonly outcome: Outcome;
}
/** End the task; the best output so far is kept. */
export interface Abort {
  readonly verdict: "abort";
  readonly reason: string;
  /** Exit reason: `aborted` unless the processor found the agent going in circles. */
  readonly exit?: "aborted" | "loop";
}
/** Drop the response and ask the model again, with `feedback` as a user message that is not kept; `afterModel` only. */
export interface Retry {
  readonly verdict: "retry";
  readonly feedback?: string;
}
/** Park the run until a person approves or refuses the call; `beforeTool` only. */
export interface AskApproval {
  readonly verdict: "approval";
  readonly reason: string;
}

export type AnyVerdict =
  | Replace<unknown>
  | Split<unknown>
  | Intercept<unknown>
  | Abort
  | Retry
  | AskApproval;

/**
 * Go on with a changed event.
 *
 * @example
 * ```ts
 * import { replace } from "@harnessx/core/plugin";
 * replace({ step: 1 }).verdict; // "replace"
 * ```
 */
export const replace = <Event>(event: Event): Replace<Event> => ({ verdict: "replace", event });

/** Run several calls in place of one. Each event comes from `event.withInput(…)`. */
export const split = <Event>(events: readonly Event[]): Split<Event> => ({
  verdict: "split",
  events,
});

/** Skip the default action and use `outcome` instead. */
export const intercept = <Outcome>(outcome: Outcome): Intercept<Outcome> => ({
  verdict: "intercept",
  outcome,
});

/** End the task; `reason` is shown to the user and kept in the trace. */
export const abort = (reason: string, exit: "aborted" | "loop" = "aborted"): Abort => ({
  verdict: "abort",
  reason,
  exit,
});

/** Ask the model again, telling it why. */
export const retry = (feedback?: string): Retry =>
  feedback === undefined ? { verdict: "retry" } : { verdict: "retry", feedback };

/** Park the run until the call is approved or refused. */
export const askApproval = (reason: string): AskApproval => ({ verdict: "approval", reason });
