import { defineErrors, type HarnessXError } from "@harnessx/core/plugin";

/** What each error code of this package stands for. */
export const openaiErrors = {
  HX_OPENAI_REFUSED: {
    tag: "ModelError",
    message: "{model} refused the request with status {status}: {problem}",
    hint: "Correct the options of the model, its key or the request; repeating it will not help.",
  },
  HX_OPENAI_UNAVAILABLE: {
    tag: "ModelError",
    message: "{model} could not answer: {problem}",
    hint: "Set retry in models.json to repeat such calls, or name a fallback.",
  },
  HX_OPENAI_CUT: {
    tag: "ModelError",
    message: "The answer of {model} ended before it was complete: {problem}",
    hint: "Set retry in models.json to repeat such calls, or name a fallback.",
  },
  HX_OPENAI_ANSWER: {
    tag: "ModelError",
    message: "The server behind {model} sent something that is no answer: {problem}",
    hint: "Check baseURL and api: it must be the root of an OpenAI-compatible API, usually ending in /v1.",
  },
  HX_OPENAI_TOO_LARGE: {
    tag: "ModelError",
    message: "The answer of {model} is larger than {limit} bytes.",
    hint: "Lower the output tokens, or raise maxResponseBytes.",
  },
} as const;

/** The codes that this package raises. */
export type OpenAIErrorCode = keyof typeof openaiErrors;

/** An error of this package; the retry policy of `models.json` repeats those that are `retryable`. */
export type OpenAIModelError = HarnessXError<OpenAIErrorCode> & { readonly retryable: boolean };

const make = defineErrors(openaiErrors);

/** Makes an error of this package. */
export const openaiError = (
  code: OpenAIErrorCode,
  details: Readonly<Record<string, unknown>>,
  retryable: boolean,
  cause?: unknown,
): OpenAIModelError => Object.assign(make(code, details, cause), { retryable });
