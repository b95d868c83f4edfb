import { defineErrors, type HarnessXError } from "@harnessx/core/plugin";

/** What each error code of this package stands for. */
export const tinyPolicyErrors = {
  HX_MODEL_OPTIONS: {
    tag: "ModelError",
    message: "Option {option} of the tiny policy must be {wanted}, not {value}.",
    hint: "See options.schema.json of @harnessx/adapter-tiny-policy.",
  },
  HX_MODEL_WEIGHTS: {
    tag: "ModelError",
    message: "The file {file} of the tiny policy cannot be used: {problem}.",
    hint: "Without the option weights the files that ship with the package are used; scripts/train.ts of the same version makes new ones.",
  },
  HX_MODEL_UNBOUND: {
    tag: "ModelError",
    message: "The oracle has no gold calls for task {taskId}.",
    hint: "Run it through a suite whose tasks carry gold calls.",
  },
  HX_MODEL_TOKENS: {
    tag: "ModelError",
    message: "There is no token {id}.",
    hint: "Token ids of this tokenizer are the integers from 0 to {last}.",
  },
} as const;

/** Codes of the errors that this package raises. */
export type TinyPolicyErrorCode = keyof typeof tinyPolicyErrors;

/** An error of this package. */
export type TinyPolicyError = HarnessXError<TinyPolicyErrorCode>;

/** Makes an error of this package. */
export const tinyPolicyError = defineErrors(tinyPolicyErrors);
