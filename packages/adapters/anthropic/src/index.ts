import { defineModel } from "@harnessx/core/plugin";
import { createAnthropicModel } from "./anthropic-model.ts";
import type { AnthropicOptions } from "./options.ts";

export { createAnthropicModel } from "./anthropic-model.ts";
export { anthropicErrors, type AnthropicErrorCode, type AnthropicModelError } from "./errors.ts";
export type { AnthropicOptions, OmittedSetting } from "./options.ts";

/** The model plugin: one Claude model. */
export default defineModel<AnthropicOptions>((options) => createAnthropicModel(options));
