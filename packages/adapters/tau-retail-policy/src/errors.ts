import { defineErrors, type HarnessXError } from "@harnessx/core/plugin";

/** What each error code of this package stands for. */
export const tauRetailPolicyErrors = {
  HX_MODEL_RETAIL_UNBOUND: {
    tag: "ModelError",
    message: "The policy was given no solution of task {task}.",
    hint: "It plays tasks of @harnessx/adapter-tau-retail in hx run, hx bench and rollouts, which bind it.",
  },
} as const;

/** The codes that this package raises. */
export type TauRetailPolicyErrorCode = keyof typeof tauRetailPolicyErrors;

/** An error of this package: `code` is stable, `message` says what happened, `hint` what to do. */
export type TauRetailPolicyError = HarnessXError<TauRetailPolicyErrorCode>;

/** Makes an error of this package. */
export const tauRetailPolicyError = defineErrors(tauRetailPolicyErrors);
