import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import { HarnessXError, hxError, messageOf } from "../errors/index.ts";
import type { ModelClient, ModelResponse, Usage } from "../plugin/model.ts";
import { isContent } from "../tools/execute.ts";
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

/** Cost of a call in US dollars; cached input is priced as such. */
export function costOf(usage: Usage, price: Price | undefined): number {
  if (!price) return 0;
  const cached = usage.cachedInput ?? 0;
  const fresh = usage.input - cached;
  return (
    (fresh * price.input +
      cached * (price.cachedInput ?? price.input) +
      usage.output * price.output) /
    1_000_000
  );
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
  const { cause } = error;
  return (
    typeof cause === "object" && cause !== null && "retryable" in cause && cause.retryable === true
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
    const timer = Number.isFinite(timeoutMs)
      ? setTimeout(() => {
          const error = hxError("HX_MODEL_TIMEOUT", { model, ms: timeoutMs });
          scope.abort(() => error);
          resume(Effect.fail(error));
        }, timeoutMs)
      : undefined;
    const failed = (thrown: unknown): void => {
      clearTimeout(timer);
      const error = HarnessXError.isInstance(thrown)
        ? thrown
        : hxError("HX_MODEL_FAILED", { model, problem: messageOf(thrown) }, thrown);
      resume(Effect.fail(error));
    };
    let pending: Promise<ModelResponse>;
    try {
      pending = attempt(target, scope);
    } catch (thrown) {
      failed(thrown);
      return undefined;
    }
    pending.then((response) => {
      clearTimeout(timer);
      const problem = responseProblem(response);
      resume(
        problem === undefined
          ? Effect.succeed({ response, target })
          : Effect.fail(hxError("HX_MODEL_RESPONSE_INVALID", { model, problem })),
      );
    }, failed);
    return Effect.sync(() => {
      clearTimeout(timer);
      scope.abort(runHasEnded);
    });
  });
}

const FINISHES: ReadonlySet<string> = new Set(["stop", "tool_calls", "length", "content_filter"]);

/** What is wrong with the shape of a response; models are outside input. */
function responseProblem(response: unknown): string | undefined {
  if (typeof response !== "object" || response === null) return "it is no object";
  const { content, toolCalls, finish, usage, tokens } = response as Partial<ModelResponse>;
  if (!Array.isArray(content) || !isContent(content)) return "content is no list of parts";
  if (!Array.isArray(toolCalls)) return "toolCalls is no list";
  for (const call of toolCalls as unknown[]) {
    const { id, name } = (call ?? {}) as Record<string, unknown>;
    if (typeof id !== "string" || id === "") return "a tool call has no id";
    if (typeof name !== "string") return `tool call ${id} has no name`;
  }
  if (typeof finish !== "string" || !FINISHES.has(finish))
    return `finish is ${JSON.stringify(finish)}`;
  if (!isCount(usage?.input) || !isCount(usage?.output)) return "usage has no token counts";
  if (tokens && tokens.output.length !== tokens.logprobs.length)
    return "token ids and log-probabilities differ in length";
  if (tokens && !tokens.logprobs.every((value) => Number.isFinite(value) && value <= 0))
    return "a log-probability is not finite and ≤ 0";
  return undefined;
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && Number.isFinite(value);
}
