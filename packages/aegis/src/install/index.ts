export {
  approve,
  pendingApprovals,
  requestApproval,
  ungranted,
  type ApprovalRequest,
  type Approve,
  type Approved,
} from "./approvals.ts";
export { reportDigest } from "./attest.ts";
export {
  entryChecks,
  verifyWorkspace,
  type CheckedEntry,
  type EntryCheck,
  type EntryCheckName,
  type VerifyWorkspaceOptions,
  type WorkspaceReport,
} from "./check.ts";
export { listGenerations, loadGeneration, type Generation } from "./generations.ts";
export {
  allowing,
  beyondPolicy,
  candidateGrowth,
  capabilityGrowth,
  grantsOf,
  type CapabilityGrowth,
  type GrantedEntry,
} from "./grants.ts";
export { install, type InstallRequest } from "./install.ts";
export { recoverInstall, type Recovery } from "./intent.ts";
export { keysFolder } from "./keys.ts";
export { rolledBackOperators } from "./lineage.ts";
export { JOURNAL } from "./paths.ts";
export { quarantine, repairWorkspace, requireWorkspace } from "./quarantine.ts";
export { planRollback, rollback, type RollbackPlan, type RollbackRequest } from "./rollback.ts";
export { storePackages, withoutCode } from "./store.ts";
export { acquireWorkspace, withWorkspace, type HeldWorkspace } from "./workspace.ts";
