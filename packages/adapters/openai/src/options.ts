import type { JsonObject } from "@harnessx/core/plugin";

/** A setting that a server may not know and that can be kept from it. */
export type OmittedSetting = "temperature" | "topP" | "maxTokens" | "stop" | "seed";

/** Options of the OpenAI adapter, as `models.json` holds them. */
export interface OpenAIOptions {
  /** The model's name at the server. */
  readonly model: string;
  /** Which of the two APIs (`chat`). */
  readonly api?: "chat" | "responses";
  /** Root of the API (`https://api.openai.com/v1`). */
  readonly baseURL?: string;
  /** Sent as bearer token; servers without keys need none. */
  readonly apiKey?: string;
  readonly organization?: string;
  readonly project?: string;
  /** Headers of every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Output tokens at most, when the request does not say. */
  readonly maxTokens?: number;
  /** What Chat Completions calls the limit (`auto`: the new name at OpenAI itself, the old one elsewhere). */
  readonly maxTokensField?: "auto" | "max_tokens" | "max_completion_tokens";
  /** Settings that the model refuses: they are not sent, and a warning says so. */
  readonly omit?: readonly OmittedSetting[];
  /** How long a reasoning model thinks, in the provider's words. */
  readonly reasoningEffort?: string;
  /** Responses only: asks for summaries of the reasoning, which become thinking parts. */
  readonly reasoningSummary?: "auto" | "concise" | "detailed";
  /** Chat only: sends thinking back as `reasoning_content`, for servers that want it (false). */
  readonly sendReasoning?: boolean;
  /** Asks for log-probabilities (false). */
  readonly logprobs?: boolean;
  /** Asks a vLLM or SGLang server for token ids with `return_token_ids` (false). */
  readonly tokenIds?: boolean;
  /** Responses only: lets the provider keep the response (false). */
  readonly store?: boolean;
  /** Fields laid over the request's body; null removes one. */
  readonly body?: JsonObject;
  /** Streams also when nobody listens: long answers then survive idle limits of proxies (false). */
  readonly alwaysStream?: boolean;
  /** Bytes of one answer at most (33,554,432). */
  readonly maxResponseBytes?: number;
}

/** The root of OpenAI's own API. */
export const OPENAI_URL = "https://api.openai.com/v1";

/** The limit of one answer when the options name none. */
export const MAX_RESPONSE_BYTES = 32 * 2 ** 20;
