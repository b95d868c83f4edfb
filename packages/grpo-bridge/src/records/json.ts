import { canonicalJson, validatorFor } from "@harnessx/core";
import { grpoError } from "../errors.ts";
import { trajectoryProblem } from "./invariants.ts";
import { trajectorySchema } from "./schema.ts";
import type { Trajectory, TrajectoryRow } from "./trajectory.ts";

/** What a batch adds to a trajectory. */
export interface TrainingSignal {
  readonly advantage: number;
  readonly flag: string | null;
  readonly group: string;
}

/**
 * A trajectory as one line of canonical JSON, without a line end: sorted keys, no spaces, the same
 * bytes each time. Errors: HX_GRPO_TRAJECTORY_INVALID when an invariant does not hold.
 *
 * @example
 * ```ts
 * import { parseTrajectory, serializeTrajectory } from "@harnessx/grpo-bridge";
 * const line = '{"harness":{"configHash":"","lineage":"h","version":"1"},"id":"t","maxModelVersion":0,"minModelVersion":0,"model":"m","reward":1,"rows":[{"index":0,"logprobs":[0,-0.5],"lossMask":[0,1],"promptLen":1,"tokenIds":[7,8],"turns":[{"end":2,"modelVersion":0,"seq":1,"start":1}]}],"seed":0,"status":"ok","taskId":"a","taskSetId":"","tokenizer":"m","v":1,"verifier":"score"}';
 * serializeTrajectory(parseTrajectory(line)) === line; // true
 * ```
 */
export function serializeTrajectory(trajectory: Trajectory, signal?: TrainingSignal): string {
  const problem = trajectoryProblem(trajectory);
  if (problem)
    throw grpoError("HX_GRPO_TRAJECTORY_INVALID", { trajectory: trajectory.id, problem });
  const rows = trajectory.rows.map((row) => ({
    ...row,
    tokenIds: Array.from(row.tokenIds),
    lossMask: Array.from(row.lossMask),
    // Adding 0 makes the number that JSON has no sign for positive.
    logprobs: Array.from(row.logprobs, (logprob) => logprob + 0),
  }));
  return canonicalJson({ v: 1, ...trajectory, rows, ...signal });
}

/**
 * Reads a line that `serializeTrajectory` wrote, checks it against `trajectorySchema` and all
 * invariants. Errors: HX_GRPO_LINE_INVALID, HX_GRPO_TRAJECTORY_INVALID.
 */
export function parseTrajectory(
  text: string,
  source = "the export",
  line = 1,
): Trajectory & Partial<TrainingSignal> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw grpoError("HX_GRPO_LINE_INVALID", { line, source, problem: "it is no JSON" }, cause);
  }
  const misfit = validatorFor(trajectorySchema)(value);
  if (misfit) throw grpoError("HX_GRPO_LINE_INVALID", { line, source, problem: misfit });
  const { v: _version, ...record } = value as Trajectory & { readonly v: 1 };
  const trajectory = { ...record, rows: record.rows.map(typedRow) };
  const problem = trajectoryProblem(trajectory);
  if (problem) throw grpoError("HX_GRPO_TRAJECTORY_INVALID", { trajectory: record.id, problem });
  return trajectory;
}

const typedRow = (row: TrajectoryRow): TrajectoryRow => ({
  ...row,
  tokenIds: Int32Array.from(row.tokenIds),
  lossMask: Uint8Array.from(row.lossMask),
  logprobs: Float32Array.from(row.logprobs),
});
