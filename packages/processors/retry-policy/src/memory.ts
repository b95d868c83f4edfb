import type { FailureKind } from "./classify.ts";
import { fingerprint } from "./fingerprint.ts";

/** A call that has failed since it last worked. */
export type FailedCall = {
  /** Fingerprint of the call. */
  key: number;
  /** Fingerprint of code and text of the latest failure. */
  reply: number;
  kind: FailureKind;
  /** Failures since it last worked. */
  count: number;
  /** How many of the latest were identical. */
  same: number;
  /** Step of the latest. */
  step: number;
};

/** The failed calls of a run, newest last; plain JSON, because a swap hands it over. */
export type Failures = {
  calls: FailedCall[];
  /** Step of the latest call that worked. */
  workedAt: number;
};

/** State before anything has failed. */
export function noFailures(): Failures {
  return { calls: [], workedAt: 0 };
}

/** What was tried so long ago is tried anew. */
const maxCalls = 50;

/** What is known of a call that has failed since it last worked. */
export function recall(failures: Failures, call: string): FailedCall | undefined {
  const key = fingerprint(call);
  return failures.calls.find((failed) => failed.key === key);
}

/** Notes a call that worked. */
export function worked(failures: Failures, call: string, step: number): void {
  failures.workedAt = step;
  const known = recall(failures, call);
  if (known) failures.calls = failures.calls.filter((failed) => failed !== known);
}

/** Notes a failure, and returns what is known of the call now. */
export function failed(
  failures: Failures,
  call: string,
  {
    kind,
    text,
    step,
  }: { readonly kind: FailureKind; readonly text: string; readonly step: number },
): FailedCall {
  const known = recall(failures, call);
  const reply = fingerprint(text);
  const latest: FailedCall = {
    key: fingerprint(call),
    reply,
    kind,
    count: (known?.count ?? 0) + 1,
    same: known?.reply === reply ? known.same + 1 : 1,
    step,
  };
  failures.calls = [...failures.calls.filter((other) => other !== known), latest].slice(-maxCalls);
  return latest;
}

/** Whether any call has worked since this one failed: then the world may have changed. */
export function isOutdated(failures: Failures, call: FailedCall): boolean {
  return failures.workedAt > call.step;
}
