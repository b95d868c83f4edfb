import { defineModel } from "@harnessx/core/plugin";
import { createOpenAIModel } from "./openai-model.ts";
import type { OpenAIOptions } from "./options.ts";

export { openaiErrors, type OpenAIErrorCode, type OpenAIModelError } from "./errors.ts";
export { createOpenAIModel } from "./openai-model.ts";
export type { OmittedSetting, OpenAIOptions } from "./options.ts";

/** The model plugin: one model behind the OpenAI API or a compatible one. */
export default defineModel<OpenAIOptions>((options) => createOpenAIModel(options));
