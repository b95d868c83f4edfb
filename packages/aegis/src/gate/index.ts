export { createDriftDetector, type DriftDetector } from "./drift.ts";
export { logEValue, logFutile, logHarm, logNonInferior, type Counts } from "./e-value.ts";
export { createGate } from "./gate.ts";
export { gatePolicy, type GatePolicy } from "./policy.ts";
export { taskStatus } from "./status.ts";
export { trunkDecision, type TrunkDecision, type TrunkTask } from "./trunk.ts";
export type {
  ClusterState,
  ClusterVerdict,
  Gate,
  GateCheck,
  GateContext,
  GateDecision,
  GateOutcome,
  GateRequest,
  GateTask,
  GateTrial,
  GateVerdict,
} from "./types.ts";
