import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import { HarnessXError, hxError, messageOf } from "../errors/index.ts";
import type { ModelClient, ModelResponse, Usage } from "../plugin/model.ts";
import { cleanResponse } from "../boundary/response.ts";
import { after } from "../boundary/timer.ts";
import { LazySignal, runHasEnded } from "./lazy-signal.ts";

/** US dollars per million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
  /** For the cached part of the input; the input price when absent. */
  readonly cachedInput?: number;
}

/** How often and how patiently a failed call is repeated. */
export interface RetryPolicy {
  /** Repetitions after the first attempt. */
  readonly times: number;
  /** Milliseconds before the first repetition (500); doubles each time, with jitter. */
  readonly delayMs?: number;
  readonly maxDelayMs?: number;
}

/** One model that can serve a role. */
export interface ModelTarget {
  readonly client: ModelClient;
  readonly price?: Price;
  readonly retry?: RetryPolicy;
  /** Milliseconds for one attempt; `limits.modelTimeoutMs` when absent. */
  readonly timeoutMs?: number;
}

/** The model of a role and what to fall back to, in order. */
export interface RoleModels {
  readonly targets: readonly [ModelTarget, ...ModelTarget[]];
}

/** Cost of a call in US dollars, to the billionth, so that sums do not depend on their order; cached input is priced as such. */
export function costOf(usage: Usage, price: Price | undefined): number {
  if (!price) return 0;
  const cached = Math.min(usage.cachedInput ?? 0, usage.input);
  const fresh = usage.input - cached;
  const perMillion =
    fresh * price.input + cached * (price.cachedInput ?? price.input) + usage.output * price.output;
  return Math.round(perMillion * 1_000) / 1e9;
}

/** A response and the target that gave it. */
export interface Answer {
  readonly response: ModelResponse;
  readonly target: ModelTarget;
}

/** How to reach a target once; `scope.abort` stops it. */
export type Attempt = (target: ModelTarget, signal: LazySignal) => Promise<ModelResponse>;

/**
 * Calls the models of a role: retries by each target's policy, then falls back to the next.
 * `onFailure` hears of every failed attempt. Fails with the last error when nobody answers.
 */
export function callRole(
  role: RoleModels,
  attempt: Attempt,
  timeoutMs: number,
  onFailure: (target: ModelTarget, error: HarnessXError, attempt: number) => void,
): Effect.Effect<Answer, HarnessXError> {
  const first = callTarget(role.targets[0], attempt, timeoutMs, onFailure);
  return role.targets
    .slice(1)
    .reduce<Effect.Effect<Answer, HarnessXError>>(
      (chain, target) =>
        Effect.catch(chain, () => callTarget(target, attempt, timeoutMs, onFailure)),
      first,
    );
}

function callTarget(
  target: ModelTarget,
  attempt: Attempt,
  timeoutMs: number,
  onFailure: (target: ModelTarget, error: HarnessXError, attempt: number) => void,
): Effect.Effect<Answer, HarnessXError> {
  let attempts = 0;
  const once = Effect.mapError(
    attemptOnce(target, attempt, target.timeoutMs ?? timeoutMs),
    (error) => {
      onFailure(target, error, (attempts += 1));
      return error;
    },
  );
  const { retry } = target;
  if (!retry || retry.times <= 0) return once;
  const delay = retry.delayMs ?? 500;
  const schedule = Schedule.exponential(Duration.millis(delay)).pipe(
    Schedule.jittered,
    Schedule.modifyDelay(({ duration }: { duration: Duration.Duration }) =>
      Effect.succeed(Duration.min(duration, Duration.millis(retry.maxDelayMs ?? 30_000))),
    ),
  );
  return Effect.retry(once, { schedule, times: retry.times, while: isRetryable });
}

function isRetryable(error: HarnessXError): boolean {
  if (error.code === "HX_MODEL_TIMEOUT") return true;
  return [error, error.cause].some(
    (one) =>
      typeof one === "object" && one !== null && "retryable" in one && one.retryable === true,
  );
}

function attemptOnce(
  target: ModelTarget,
  attempt: Attempt,
  timeoutMs: number,
): Effect.Effect<Answer, HarnessXError> {
  const model = target.client.id;
  return Effect.callback<Answer, HarnessXError>((resume) => {
    const scope = new LazySignal();
    const cancel = after(timeoutMs, () => {
      const error = hxError("HX_MODEL_TIMEOUT", { model, ms: timeoutMs });
      scope.abort(() => error);
      resume(Effect.fail(error));
    });
    const failed = (thrown: unknown): void => {
      cancel();
      // An adapter may raise coded errors of its own; the run ends as a failure of the model all the same.
      const isOurs = HarnessXError.isInstance(thrown) && thrown._tag === "ModelError";
      resume(
        Effect.fail(
          isOurs
            ? thrown
            : hxError("HX_MODEL_FAILED", { model, problem: messageOf(thrown) }, thrown),
        ),
      );
    };
    const answered = (value: unknown): void => {
      cancel();
      try {
        resume(Effect.succeed({ response: cleanResponse(value), target }));
      } catch (thrown) {
        resume(
          Effect.fail(
            hxError("HX_MODEL_RESPONSE_INVALID", { model, problem: messageOf(thrown) }, thrown),
          ),
        );
      }
    };
    try {
      attempt(target, scope).then(answered, failed);
    } catch (thrown) {
      failed(thrown);
      return undefined;
    }
    return Effect.sync(() => {
      cancel();
      scope.abort(runHasEnded);
    });
  });
}
