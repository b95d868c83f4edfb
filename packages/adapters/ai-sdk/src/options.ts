import type { JsonObject } from "@harnessx/core/plugin";

/** A setting that a model may refuse and that can be kept from it. */
export type OmittedSetting = "temperature" | "topP" | "maxTokens" | "stop" | "seed";

/** What holds for a language model from wherever. */
export interface CallOptions {
  /** Output tokens at most, when the request does not say. */
  readonly maxTokens?: number;
  /** Settings that the model refuses: they are not sent, and a warning says so. */
  readonly omit?: readonly OmittedSetting[];
  /** Passed to the provider with every call, by provider name. */
  readonly providerOptions?: JsonObject;
}

/** Options of the AI SDK adapter, as `models.json` holds them. */
export interface AiSdkOptions extends CallOptions {
  /** The provider's npm package. */
  readonly provider: string;
  /** The model's name at the provider. */
  readonly model: string;
  /** The export that makes the provider; its only `create…` when absent. */
  readonly factory?: string;
  /** What the factory gets; secrets as references. */
  readonly settings?: JsonObject;
  /** Which of the provider's methods makes the model (`languageModel`). */
  readonly method?: string;
  /** Bytes of one answer at most (33,554,432). */
  readonly maxResponseBytes?: number;
}

/** The limit of one answer when the options name none. */
export const MAX_RESPONSE_BYTES = 32 * 2 ** 20;
