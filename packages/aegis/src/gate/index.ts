export { createDriftDetector, type DriftDetector } from "./drift.ts";
export { logEValue, logFutile, logHarm, logNonInferior, type Counts } from "./e-value.ts";
export { createGate } from "./gate.ts";
export { measureNoise, type Noise } from "./noise.ts";
export { gatePolicy, resolvePolicy, type GatePolicy } from "./policy.ts";
export { taskStatus } from "./status.ts";
export { trunkDecision, type TrunkDecision, type TrunkTask } from "./trunk.ts";
export type {
  ClusterState,
  ClusterVerdict,
  Gate,
  GateCheck,
  GateContext,
  GateDecision,
  GateIntent,
  GateOutcome,
  GateRequest,
  GateTask,
  GateTrial,
  GateVerdict,
} from "./types.ts";
