import type { JsonObject } from "@harnessx/core/plugin";

/** A setting that a model may refuse and that can be kept from it. */
export type OmittedSetting = "temperature" | "topP" | "stop";

/** Options of the Anthropic adapter, as `models.json` holds them. */
export interface AnthropicOptions {
  /** The model's name. */
  readonly model: string;
  /** Root of the API, without `/v1` (`https://api.anthropic.com`). */
  readonly baseURL?: string;
  /** Sent as bearer token, as the official client does. */
  readonly apiKey?: string;
  /** Headers of every request, such as `anthropic-beta`, or `x-api-key` for gateways that want it. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Output tokens at most, thinking included, when the request does not say (8,192). */
  readonly maxTokens?: number;
  /** Whether the model thinks first: `budget` with up to `thinkingBudget` tokens, `adaptive` as it sees fit (`none`). */
  readonly thinking?: "none" | "budget" | "adaptive";
  /** Tokens for `budget` (4,096). */
  readonly thinkingBudget?: number;
  /** How much effort the model makes, in the provider's words. */
  readonly effort?: string;
  /** How long the unchanged beginning of a conversation is kept at the provider (`5m`). */
  readonly cache?: "off" | "5m" | "1h";
  /** Settings that the model refuses: they are not sent, and a warning says so. */
  readonly omit?: readonly OmittedSetting[];
  /** Fields laid over the request's body; null removes one. */
  readonly body?: JsonObject;
  /** Streams also when nobody listens: long answers then survive idle limits of proxies (false). */
  readonly alwaysStream?: boolean;
  /** Bytes of one answer at most (33,554,432). */
  readonly maxResponseBytes?: number;
}

/** The root of Anthropic's own API. */
export const ANTHROPIC_URL = "https://api.anthropic.com";

/** The limit of one answer when the options name none. */
export const MAX_RESPONSE_BYTES = 32 * 2 ** 20;

/** Output tokens when nobody says; the API demands a number. */
export const MAX_TOKENS = 8_192;

/** Tokens for thinking when the options name none. */
export const THINKING_BUDGET = 4_096;
