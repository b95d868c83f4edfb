import { defineModel } from "@harnessx/core/plugin";
import { createLlamaModel } from "./llama-model.ts";
import type { LlamaOptions } from "./options.ts";

export { llamaErrors, type LlamaError, type LlamaErrorCode } from "./errors.ts";
export { createLlamaModel } from "./llama-model.ts";
export type { LlamaOptions } from "./options.ts";

/** The model plugin: one GGUF model in this process. */
export default defineModel<LlamaOptions>((options) => createLlamaModel(options));
