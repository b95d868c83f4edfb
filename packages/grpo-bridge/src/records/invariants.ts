import type { Trajectory, TrajectoryRow } from "./trajectory.ts";

/**
 * What is wrong with a trajectory, or nothing: equal lengths; only outputs of turns are trained on,
 * and nothing of the first prompt; log-probabilities finite and at most 0 where trained, 0 elsewhere;
 * turns in order, each behind the one before; at least one trained token; a finite reward; model
 * versions within what the record says.
 *
 * @example
 * ```ts
 * import { createAssembler, trajectoryProblem } from "@harnessx/grpo-bridge";
 * const assembler = createAssembler();
 * assembler.add({ seq: 1, promptIds: [1], outputIds: [2], logprobs: [-0.5] });
 * const [row] = assembler.rows();
 * trajectoryProblem({ reward: 1, minModelVersion: 0, maxModelVersion: 0, rows: [{ ...row, lossMask: Uint8Array.of(1, 1) }] }); // "row 0 trains on token 0, which no turn sampled"
 * ```
 */
export function trajectoryProblem(
  trajectory: Pick<Trajectory, "reward" | "rows" | "minModelVersion" | "maxModelVersion">,
): string | undefined {
  const { reward, rows, minModelVersion, maxModelVersion } = trajectory;
  if (!Number.isFinite(reward)) return `the reward is ${reward}`;
  let trained = 0;
  for (const [index, row] of rows.entries()) {
    if (row.index !== index) return `row ${index} has the index ${row.index}`;
    const problem = rowProblem(row);
    if (problem) return `row ${index} ${problem}`;
    for (const bit of row.lossMask) trained += bit;
    for (const { modelVersion, seq } of row.turns)
      if (modelVersion < minModelVersion || modelVersion > maxModelVersion)
        return `turn ${seq} has the model version ${modelVersion}, outside ${minModelVersion} to ${maxModelVersion}`;
  }
  return trained === 0 ? "it has no trained token" : undefined;
}

function rowProblem(row: TrajectoryRow): string | undefined {
  const { tokenIds, lossMask, logprobs, promptLen } = row;
  const length = tokenIds.length;
  if (lossMask.length !== length || logprobs.length !== length)
    return `has ${length} tokens, ${lossMask.length} mask bits and ${logprobs.length} log-probabilities`;
  return turnProblem(row) ?? tokenProblem(row, promptLen);
}

function turnProblem({ turns, promptLen, tokenIds }: TrajectoryRow): string | undefined {
  let end = 0;
  for (const turn of turns) {
    if (turn.start < end || turn.end <= turn.start || turn.end > tokenIds.length)
      return `has turn ${turn.seq} from ${turn.start} to ${turn.end}, behind ${end} of ${tokenIds.length} tokens`;
    if (turn.start < promptLen) return `has turn ${turn.seq} within its prompt`;
    end = turn.end;
  }
  if (turns.length === 0) return "has no turn";
  return turns[0]!.start === promptLen
    ? undefined
    : "has a first turn that is not behind its prompt";
}

function tokenProblem(
  { tokenIds, lossMask, logprobs, turns }: TrajectoryRow,
  promptLen: number,
): string | undefined {
  let turn = 0;
  for (let at = 0; at < tokenIds.length; at += 1) {
    if (tokenIds[at]! < 0) return `has the token id ${tokenIds[at]}`;
    const logprob = logprobs[at]!;
    if (lossMask[at] === 0) {
      if (logprob !== 0) return `has a log-probability at token ${at}, which is not trained on`;
      continue;
    }
    while (turn < turns.length && turns[turn]!.end <= at) turn += 1;
    if (at < promptLen || turn >= turns.length || at < turns[turn]!.start)
      return `trains on token ${at}, which no turn sampled`;
    if (!(logprob <= 0 && Number.isFinite(logprob)))
      return `has the log-probability ${logprob} at token ${at}`;
  }
  return undefined;
}

/**
 * Trained tokens that no turn sampled, by row: tool results, template text or prompts under the mask.
 * Anything but 0 trains the model to say what its tools say.
 *
 * @example
 * ```ts
 * import { trainedOutsideTurns } from "@harnessx/grpo-bridge";
 * const row = { index: 0, promptLen: 1, tokenIds: Int32Array.of(1, 2, 3), lossMask: Uint8Array.of(0, 1, 1), logprobs: new Float32Array(3), turns: [{ seq: 1, start: 1, end: 2, modelVersion: 0 }] };
 * trainedOutsideTurns(row); // 1
 * ```
 */
export function trainedOutsideTurns({ lossMask, turns }: TrajectoryRow): number {
  let trained = 0;
  for (const bit of lossMask) trained += bit;
  for (const { start, end } of turns)
    for (let at = start; at < end; at += 1) trained -= lossMask[at]!;
  return trained;
}
