import {
  callKey,
  defineProcessor,
  describeCall,
  intercept,
  replace,
  textOf,
  type AfterToolEvent,
} from "@harnessx/core/plugin";
import { kindOf } from "./classify.ts";
import { failed, isOutdated, noFailures, recall, worked, type FailedCall } from "./memory.ts";
import type { RetryPolicyOptions } from "./options.ts";

export type { RetryPolicyOptions, RetryPolicyWording } from "./options.ts";

/** Tells the model after a failed call whether to repeat it and when, and refuses repeats that cannot work. */
export default defineProcessor<RetryPolicyOptions>((run, options) => {
  const { wording } = options;
  const failures = run.cell("failures", noFailures()).value;

  run.hooks.beforeTool.tap("refuse", (event) => {
    const known = recall(failures, callKey(event.call));
    if (!known || isOutdated(failures, known)) return undefined;
    const call = describeCall(event.call);
    if (isHopeless(known, options)) {
      const content = fill(wording.refusal, { call, step: known.step });
      return intercept({ status: "refused", content });
    }
    const steps = known.step + backoffAfter(known, options) - event.step + 1;
    if (!options.enforceBackoff || known.kind !== "retryable" || steps <= 0) return undefined;
    const content = fill(wording.early, { call, step: known.step, steps });
    return intercept({ status: "refused", content });
  });

  run.hooks.afterTool.tap("advise", (event) => {
    const { call, result, step } = event;
    if (result.status === "ok") worked(failures, callKey(call), step);
    const kind = kindOf(result, options);
    if (!kind) return undefined;
    const text = `${result.error?.code ?? ""} ${textOf(result.content)}`;
    const advice = adviceOn(failed(failures, callKey(call), { kind, text, step }), options);
    return advice === undefined ? undefined : replace(withAdvice(event, advice));
  });
});

/** Whether the same call would fail again, as far as one can know. */
function isHopeless(call: FailedCall, options: RetryPolicyOptions): boolean {
  const { assumePermanentAfter, maxRetries } = options;
  if (call.kind === "permanent") return true;
  if (call.kind === "retryable") return call.count > maxRetries;
  return assumePermanentAfter > 0 && call.same >= assumePermanentAfter;
}

/** Steps that should lie between the latest failure and the next try. */
function backoffAfter({ count }: FailedCall, options: RetryPolicyOptions): number {
  return Math.min(options.maxBackoffSteps, options.backoffSteps * 2 ** (count - 1));
}

function adviceOn(call: FailedCall, options: RetryPolicyOptions): string | undefined {
  const { wording, maxRetries } = options;
  const { count } = call;
  if (isHopeless(call, options)) {
    return fill(call.kind === "retryable" ? wording.exhausted : wording.permanent, { count });
  }
  if (call.kind !== "retryable") return undefined;
  const steps = backoffAfter(call, options);
  return fill(wording.retry, { retry: count, max: maxRetries, steps });
}

/** The advice stands with the result that it is about, and stays there. */
function withAdvice(event: AfterToolEvent, advice: string): AfterToolEvent {
  const { content } = event.result;
  if (typeof content === "string") {
    return event.withContent(content === "" ? advice : `${content}\n${advice}`);
  }
  return event.withContent([...content, { type: "text", text: advice }]);
}

function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}
