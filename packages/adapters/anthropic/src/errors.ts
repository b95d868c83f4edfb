import { defineErrors, type HarnessXError } from "@harnessx/core/plugin";

/** What each error code of this package stands for. */
export const anthropicErrors = {
  HX_ANTHROPIC_REFUSED: {
    tag: "ModelError",
    message: "{model} refused the request with status {status}: {problem}",
    hint: "Correct the options of the model, its key or the request; repeating it will not help.",
  },
  HX_ANTHROPIC_UNAVAILABLE: {
    tag: "ModelError",
    message: "{model} could not answer: {problem}",
    hint: "Set retry in models.json to repeat such calls, or name a fallback.",
  },
  HX_ANTHROPIC_CUT: {
    tag: "ModelError",
    message: "The answer of {model} ended before it was complete: {problem}",
    hint: "Set retry in models.json to repeat such calls, or name a fallback.",
  },
  HX_ANTHROPIC_ANSWER: {
    tag: "ModelError",
    message: "The server behind {model} sent something that is no answer: {problem}",
    hint: "Check baseURL: it must be the root of an API like that of Anthropic, without /v1.",
  },
  HX_ANTHROPIC_TOO_LARGE: {
    tag: "ModelError",
    message: "The answer of {model} is larger than {limit} bytes.",
    hint: "Lower the output tokens, or raise maxResponseBytes.",
  },
} as const;

/** The codes that this package raises. */
export type AnthropicErrorCode = keyof typeof anthropicErrors;

/** An error of this package; the retry policy of `models.json` repeats those that are `retryable`. */
export type AnthropicModelError = HarnessXError<AnthropicErrorCode> & {
  readonly retryable: boolean;
};

const make = defineErrors(anthropicErrors);

/** Makes an error of this package. */
export const anthropicError = (
  code: AnthropicErrorCode,
  details: Readonly<Record<string, unknown>>,
  retryable: boolean,
  cause?: unknown,
): AnthropicModelError => Object.assign(make(code, details, cause), { retryable });
