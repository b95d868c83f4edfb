import type { Json } from "./json.ts";
import type { MessageList, Part, ToolCall } from "./message.ts";
import type { ToolSpec } from "./tool-spec.ts";

/** Sampling settings; what a provider does not support it ignores and says so in `warnings`. */
export interface Sampling {
  readonly temperature?: number;
  readonly topP?: number;
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
}

/** Tokens of one call as the provider counted them; `cachedInput` is a part of `input`. */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cachedInput?: number;
}

/** What produced the responses; every result record carries it, so a stand-in is never mistaken for a language model. */
export type PolicyKind = "model" | "tiny-policy" | "rule" | "oracle" | "recorded" | "scripted";

/** What a model receives: everything the harness rendered, and nothing else. */
export interface ModelRequest {
  readonly messages: MessageList;
  readonly tools: readonly ToolSpec[];
  readonly sampling: Sampling;
  /** The role that `models.json` maps to a model, such as `main` or `judge`. */
  readonly role: string;
  /** Derived from the run's seed and the number of the call; the same in every replay. */
  readonly seed: number;
}

export type FinishReason = "stop" | "tool_calls" | "length" | "content_filter";

/** Token ids and log-probabilities exactly as sampled; equal lengths of `output` and `logprobs`. */
export interface TokenRecord {
  readonly prompt?: readonly number[];
  readonly output: readonly number[];
  /** Natural logarithms, finite and ≤ 0. */
  readonly logprobs: readonly number[];
}

export interface ModelResponse {
  readonly content: readonly Part[];
  readonly toolCalls: readonly ToolCall[];
  readonly finish: FinishReason;
  readonly usage: Usage;
  readonly tokens?: TokenRecord;
  readonly warnings?: readonly string[];
}

/** A piece of a streamed response; `response` comes last and holds the whole. */
export type ModelDelta =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "thinking"; readonly text: string }
  | { readonly type: "response"; readonly response: ModelResponse };

/** What surrounds one call. `signal` aborts when the run, the call's deadline or the caller ends it. */
export interface ModelCallContext {
  readonly signal: AbortSignal;
}

/** What a rollout may tell a stand-in model before a task; a language model never gets it. */
export interface ModelBinding {
  readonly taskId: string;
  /** Gold actions, only for `policy: "oracle"`. */
  readonly oracle?: readonly { readonly name: string; readonly input: Json }[];
}

/**
 * A model.
 *
 * `generate` must reject with an `Error` on failure (an error with `retryable: true` may be
 * retried by the policy in `models.json`) and must stop when `signal` aborts.
 */
export interface ModelClient {
  /** Stable name that traces and price tables use. */
  readonly id: string;
  readonly policy: PolicyKind;
  generate(request: ModelRequest, context: ModelCallContext): Promise<ModelResponse>;
  stream?(request: ModelRequest, context: ModelCallContext): AsyncIterable<ModelDelta>;
  /** Returns the client to use for one task; only stand-ins implement it. */
  bind?(binding: ModelBinding): ModelClient;
}
