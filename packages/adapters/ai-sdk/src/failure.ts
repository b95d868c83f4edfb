import { HarnessXError } from "@harnessx/core/plugin";
import { aiSdkError, type AiSdkModelError } from "./errors.ts";

/** What is known of a call when it fails. */
export interface FailureContext {
  readonly model: string;
  readonly signal: AbortSignal;
  readonly scrub: (text: string) => string;
}

/** Errors that the same request would meet again. AI SDK marks errors by name across its versions. */
const FINAL =
  /LoadAPIKey|LoadSetting|NoSuchModel|NoSuchProvider|UnsupportedFunctionality|InvalidPrompt|InvalidArgument/;

/** The fields of an `APICallError` that matter. */
interface CallError extends Error {
  readonly statusCode?: number;
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly responseBody?: string;
}

/** Any failure of a call as an error of this package, without secrets; an abort keeps its reason. */
export function failureOf(thrown: unknown, context: FailureContext): Error {
  const { model, signal, scrub } = context;
  if (signal.aborted) return abortedBy(signal);
  const chain = causes(thrown);
  const ours = chain.find((one) => HarnessXError.isInstance(one));
  if (ours) return ours as AiSdkModelError;
  const problem = scrub(chain.map(messageOf).join(": ").slice(0, 2_000));
  const { name = "" } = (thrown ?? {}) as { readonly name?: string };
  if (FINAL.test(name))
    return aiSdkError("HX_AI_SDK_REFUSED", { model, status: name, problem }, false);
  if (!/APICallError/.test(name)) return aiSdkError("HX_AI_SDK_CUT", { model, problem }, true);
  return callFailure(thrown as CallError, model, problem);
}

/** The reason of an aborted signal as an error. */
export function abortedBy(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error(String(reason));
}

const PASSING = new Set([408, 409, 429]);

function callFailure(error: CallError, model: string, problem: string): Error {
  const { statusCode: status, responseHeaders = {}, responseBody = "" } = error;
  if (status === undefined) return aiSdkError("HX_AI_SDK_UNAVAILABLE", { model, problem }, true);
  // The status is fine and the body is not: a page is a wrong address, all else is a cut answer.
  if (status < 300) {
    const isPage = responseBody.trimStart().startsWith("<");
    return aiSdkError(isPage ? "HX_AI_SDK_ANSWER" : "HX_AI_SDK_CUT", { model, problem }, !isPage);
  }
  const seconds = Number.parseFloat(responseHeaders["retry-after"] ?? "");
  const details = {
    model,
    status,
    ...(Number.isFinite(seconds) ? { retryAfterMs: seconds * 1_000 } : {}),
    problem,
  };
  return PASSING.has(status) || status >= 500
    ? aiSdkError("HX_AI_SDK_UNAVAILABLE", details, true)
    : aiSdkError("HX_AI_SDK_REFUSED", details, false);
}

function causes(thrown: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let at = thrown; at != null && chain.length < 5; at = (at as { cause?: unknown }).cause) {
    chain.push(at);
    if (typeof at !== "object") break;
  }
  return chain;
}

function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  return typeof thrown === "string" ? thrown : (JSON.stringify(thrown) ?? "nothing");
}
