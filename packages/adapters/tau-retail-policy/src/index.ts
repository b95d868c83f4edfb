import { defineModel } from "@harnessx/core/plugin";
import { createTauRetailPolicy, type TauRetailPolicyOptions } from "./tau-retail-policy.ts";

export { tauRetailPolicyErrors } from "./errors.ts";
export type { TauRetailPolicyError, TauRetailPolicyErrorCode } from "./errors.ts";
export { faultNames } from "./faults.ts";
export type { FaultName, FaultRates } from "./faults.ts";
export { createTauRetailPolicy } from "./tau-retail-policy.ts";
export type { TauRetailPolicyOptions } from "./tau-retail-policy.ts";

/** The model plugin: the gold solution of the retail suite, with injected faults on request. */
export default defineModel<TauRetailPolicyOptions>((options) => createTauRetailPolicy(options));
