import { HarnessXError } from "@harnessx/core/plugin";
import { APIConnectionError, APIError, APIUserAbortError } from "openai";
import { openaiError, type OpenAIModelError } from "../errors.ts";

/** What is known of a call when it fails. */
export interface FailureContext {
  readonly model: string;
  readonly signal: AbortSignal;
  readonly scrub: (text: string) => string;
}

/** Any failure of a call as an error of this package, without secrets; an abort keeps its reason. */
export function failureOf(thrown: unknown, context: FailureContext): Error {
  const { model, signal, scrub } = context;
  if (signal.aborted) return abortedBy(signal);
  const ours = causes(thrown).find((one) => HarnessXError.isInstance(one));
  if (ours) return withoutSecrets(ours as OpenAIModelError, scrub);
  if (thrown instanceof APIUserAbortError || thrown instanceof APIConnectionError) {
    const problem = scrub(causes(thrown).map(messageOf).join(": "));
    return openaiError("HX_OPENAI_UNAVAILABLE", { model, problem }, true);
  }
  if (thrown instanceof APIError) return refusalOf(thrown, context);
  const problem = scrub(causes(thrown).map(messageOf).join(": "));
  // A connection that dies under the body is a TypeError of fetch; half a JSON is a SyntaxError.
  return openaiError("HX_OPENAI_CUT", { model, problem }, true);
}

/** What a server says of itself may quote the key. */
function withoutSecrets(error: OpenAIModelError, scrub: (text: string) => string): Error {
  const { code, details, retryable } = error;
  const problem = typeof details["problem"] === "string" ? scrub(details["problem"]) : undefined;
  if (problem === details["problem"]) return error;
  return openaiError(code, { ...details, problem }, retryable);
}

/** The reason of an aborted signal as an error. */
export function abortedBy(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error(String(reason));
}

function refusalOf(error: APIError, { model, scrub }: FailureContext): Error {
  const { headers, requestID } = error;
  const status = (error.status as number | undefined) ?? statusInside(error.error);
  const retryAfterMs = retryAfterOf(headers as Headers | undefined);
  const details = {
    model,
    ...(status === undefined ? {} : { status }),
    ...(typeof error.code === "string" ? { type: error.code } : {}),
    ...(requestID ? { requestId: requestID } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    problem: scrub(error.message.slice(0, 2_000)),
  };
  return isPassing(status, `${String(error.code)} ${String(error.type)}`)
    ? openaiError("HX_OPENAI_UNAVAILABLE", details, true)
    : openaiError("HX_OPENAI_REFUSED", { status: "unknown", ...details }, false);
}

const PASSING = new Set([408, 409, 429]);

/** Whether the same request may succeed later. Errors inside a stream often come without a status. */
function isPassing(status: number | undefined, kind: string): boolean {
  if (status !== undefined) return PASSING.has(status) || status >= 500;
  return !/invalid|not_found|permission|authentication|unsupported|policy|context_length/i.test(
    kind,
  );
}

/** Some servers put the status of an error inside a stream into its `code`. */
function statusInside(body: unknown): number | undefined {
  const { code } = (body ?? {}) as { readonly code?: unknown };
  const status = typeof code === "string" ? Number(code) : code;
  return typeof status === "number" && status >= 400 && status < 600 ? status : undefined;
}

/** Milliseconds that the server asks to wait: seconds, a date, or the SDK's millisecond header. */
export function retryAfterOf(headers: Headers | undefined): number | undefined {
  const exact = Number.parseFloat(headers?.get("retry-after-ms") ?? "");
  if (Number.isFinite(exact)) return Math.max(0, exact);
  const value = headers?.get("retry-after");
  if (value == null) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
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
  if (!(thrown instanceof Error)) return String(thrown);
  // Node's aggregate of several failed addresses has an empty message.
  return thrown.message || String((thrown as { code?: unknown }).code ?? thrown.name);
}
