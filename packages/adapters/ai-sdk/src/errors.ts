import { defineErrors, type HarnessXError } from "@harnessx/core/plugin";

/** What each error code of this package stands for. */
export const aiSdkErrors = {
  HX_AI_SDK_REFUSED: {
    tag: "ModelError",
    message: "{model} refused the request with status {status}: {problem}",
    hint: "Correct the options of the model, its key or the request; repeating it will not help.",
  },
  HX_AI_SDK_UNAVAILABLE: {
    tag: "ModelError",
    message: "{model} could not answer: {problem}",
    hint: "Set retry in models.json to repeat such calls, or name a fallback.",
  },
  HX_AI_SDK_CUT: {
    tag: "ModelError",
    message: "The answer of {model} ended before it was complete: {problem}",
    hint: "Set retry in models.json to repeat such calls, or name a fallback.",
  },
  HX_AI_SDK_ANSWER: {
    tag: "ModelError",
    message: "The server behind {model} sent something that is no answer: {problem}",
    hint: "Check the address in settings and the name of the model.",
  },
  HX_AI_SDK_PROVIDER: {
    tag: "ModelError",
    message: "The provider package {provider} cannot be used: {problem}.",
    hint: "Install it beside this adapter, in a version for AI SDK 5 or 6, and name its factory if it has several.",
  },
  HX_AI_SDK_TOO_LARGE: {
    tag: "ModelError",
    message: "The answer of {model} is larger than {limit} bytes.",
    hint: "Lower the output tokens, or raise maxResponseBytes.",
  },
} as const;

/** The codes that this package raises. */
export type AiSdkErrorCode = keyof typeof aiSdkErrors;

/** An error of this package; the retry policy of `models.json` repeats those that are `retryable`. */
export type AiSdkModelError = HarnessXError<AiSdkErrorCode> & { readonly retryable: boolean };

const make = defineErrors(aiSdkErrors);

/** Makes an error of this package. */
export const aiSdkError = (
  code: AiSdkErrorCode,
  details: Readonly<Record<string, unknown>>,
  retryable: boolean,
  cause?: unknown,
): AiSdkModelError => Object.assign(make(code, details, cause), { retryable });
