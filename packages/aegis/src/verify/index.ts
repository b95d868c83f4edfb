export { createLeakIndex, type HeldOut, type HeldOutContent, type Secret } from "./leak-index.ts";
export { leakFindings } from "./leak-scan.ts";
export { contentDigest } from "./known-bad.ts";
export type { AllowedCapabilities } from "./metadata.ts";
export type { VerifyOptions } from "./options.ts";
export {
  verificationChecks,
  verificationSchema,
  type CheckResult,
  type CheckStatus,
  type VerificationCheck,
  type VerificationReport,
} from "./report.ts";
export { toolchain } from "./toolchain.ts";
export { verifyPackage, type Verified } from "./verify.ts";
export { checkChangeManifest, type ChangeContext } from "./change-manifest.ts";
