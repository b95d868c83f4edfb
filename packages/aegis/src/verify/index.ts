export {
  verificationChecks,
  verificationSchema,
  type CheckResult,
  type VerificationCheck,
  type VerificationReport,
} from "./report.ts";
export { toolchain, verifyPackage, type Verified, type VerifyOptions } from "./verify.ts";
