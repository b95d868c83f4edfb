export { trainedOutsideTurns, trajectoryProblem } from "./invariants.ts";
export { parseTrajectory, serializeTrajectory, type TrainingSignal } from "./json.ts";
export { trajectorySchema } from "./schema.ts";
export {
  trainedTokens,
  type Trajectory,
  type TrajectoryHarness,
  type TrajectoryRow,
  type TrajectoryStatus,
  type TurnSpan,
} from "./trajectory.ts";
