import { defineModel } from "@harnessx/core/plugin";
import { fromLanguageModel } from "./language-model.ts";
import type { AiSdkOptions } from "./options.ts";
import { modelOf, secretsIn } from "./provider.ts";

export { aiSdkErrors, type AiSdkErrorCode, type AiSdkModelError } from "./errors.ts";
export { fromLanguageModel, type LanguageModelOptions } from "./language-model.ts";
export type { AiSdkOptions, CallOptions, OmittedSetting } from "./options.ts";

/** The model plugin: a model of the provider package that the options name. */
export default defineModel<AiSdkOptions>(async (options) =>
  fromLanguageModel(await modelOf(options), {
    ...options,
    id: options.model,
    secrets: secretsIn(options.settings),
  }),
);
