import { defineErrors, type HarnessXError } from "@harnessx/core/plugin";

/** What each error code of this package stands for. */
export const llamaErrors = {
  HX_LLAMA_MISSING: {
    tag: "ModelError",
    message: "The package node-llama-cpp cannot be loaded: {problem}",
    hint: "Install it beside this adapter: npm install node-llama-cpp@3.",
  },
  HX_LLAMA_MODEL: {
    tag: "ModelError",
    message: "The model {file} cannot be loaded: {problem}",
    hint: "Check that modelPath names a GGUF file and that contextSize fits into memory.",
  },
  HX_LLAMA_SCHEMA: {
    tag: "ModelError",
    message: "The tools {tools} cannot be turned into a grammar: {problem}",
    hint: "Simplify their input schemas, or leave the tools out with a filter.",
  },
  HX_LLAMA_CONTEXT: {
    tag: "ModelError",
    message: "The prompt has {tokens} tokens, but the context holds {contextSize}.",
    hint: "Raise contextSize, or shorten the history with a compaction processor.",
  },
  HX_LLAMA_FAILED: {
    tag: "ModelError",
    message: "{model} could not answer: {problem}",
    hint: "Lower contextSize or threads; details.problem is what llama.cpp said.",
  },
} as const;

/** The codes that this package raises; none of them is worth a repetition. */
export type LlamaErrorCode = keyof typeof llamaErrors;

/** An error of this package. */
export type LlamaError = HarnessXError<LlamaErrorCode>;

/** Makes an error of this package. */
export const llamaError = defineErrors(llamaErrors);

/** What any thrown value says. */
export const problemOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
