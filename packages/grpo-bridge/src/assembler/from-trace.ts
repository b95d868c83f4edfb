import type { ExitReason, RunEndEvent, RunStartEvent, TraceEvent } from "@harnessx/core";
import { grpoError } from "../errors.ts";
import {
  trainedTokens,
  trajectoryProblem,
  type Trajectory,
  type TrajectoryStatus,
} from "../records/index.ts";
import { createAssembler, type AssemblerOptions, type DriftCounts } from "./assembler.ts";
import type { Diagnostic } from "./diagnostics.ts";
import { turnsOfTrace, type TraceTurnOptions } from "./trace-turns.ts";

/** What a trace does not say. */
export interface TraceFacts extends TraceTurnOptions, AssemblerOptions {
  /** The reward; else that of the evaluation below. */
  readonly reward?: number;
  /** Name of the evaluation whose score is the reward; by default the only one of the run. */
  readonly evaluation?: string;
  /** What gave `reward` ("given"). */
  readonly verifier?: string;
  readonly taskSetId?: string;
  readonly split?: string;
  /** The model's id by default. */
  readonly tokenizer?: string;
  readonly variant?: string;
}

/** A trajectory, unless something essential is missing, and everything that was found. */
export interface AssembledTrace {
  readonly trajectory?: Trajectory;
  readonly diagnostics: readonly Diagnostic[];
  readonly drift: DriftCounts;
}

/**
 * Builds the trajectory of one run from its trace: what `readTrace` returns, subagents not included.
 *
 * The reward is `facts.reward` or the score of an evaluation; without one, or without a token to train
 * on, there is no trajectory but a diagnostic. Errors: HX_GRPO_TRACE_UNFIT (no `run.start`),
 * HX_GRPO_TURN_INVALID.
 *
 * @example
 * ```ts
 * import { createAgent, createMemorySink, defineHarness } from "@harnessx/core";
 * import { assembleTrace } from "@harnessx/grpo-bridge";
 * const tokens = { prompt: [1, 2], output: [3], logprobs: [-0.5] };
 * const model = { id: "m", policy: "scripted", generate: async () => ({ content: [{ type: "text", text: "Hi." }], toolCalls: [], finish: "stop", usage: { input: 2, output: 1 }, tokens }) };
 * const trace = createMemorySink();
 * await createAgent({ harness: await defineHarness({ name: "demo" }), models: { main: model }, trace: () => trace }).run("Say hi.");
 * [...assembleTrace(trace.events, { reward: 1 }).trajectory.rows[0].lossMask]; // [0, 0, 1]
 * ```
 */
export function assembleTrace(
  events: readonly TraceEvent[],
  facts: TraceFacts = {},
): AssembledTrace {
  const start = events[0];
  if (start?.type !== "run.start")
    throw grpoError("HX_GRPO_TRACE_UNFIT", {
      trace: "given",
      problem: "it does not start with run.start",
    });
  const end = events.findLast((event): event is RunEndEvent => event.type === "run.end");
  const { turns, diagnostics: ofTurns } = turnsOfTrace(events, facts);
  const assembler = createAssembler(facts);
  for (const turn of turns) assembler.add(turn);
  const diagnostics: Diagnostic[] = [...ofTurns, ...assembler.diagnostics()];
  if (!end) diagnostics.push({ name: "no-end", message: "The trace ends before its run." });
  const drift = assembler.drift();
  const versions = turns.map(({ modelVersion = 0 }) => modelVersion);
  if (new Set(versions).size > 1)
    diagnostics.push({
      name: "mixed-model-versions",
      message: `Model versions ${Math.min(...versions)} to ${Math.max(...versions)} played in one episode.`,
    });
  const scored = rewardOf(end, facts);
  if (scored === undefined)
    diagnostics.push({ name: "missing-reward", message: missingReward(end, facts) });
  const rows = assembler.rows();
  if (trainedTokens({ rows }) === 0)
    diagnostics.push({
      name: "no-trained-tokens",
      message: "No turn of the run can be trained on.",
    });
  if (scored === undefined || rows.length === 0) return { diagnostics, drift };
  const trajectory: Trajectory = {
    ...identity(start, facts),
    ...scored,
    status: end ? statusOf[end.exit] : "error",
    minModelVersion: Math.min(...versions),
    maxModelVersion: Math.max(...versions),
    rows,
  };
  const problem = trajectoryProblem(trajectory);
  if (problem)
    throw grpoError("HX_GRPO_TRAJECTORY_INVALID", { trajectory: trajectory.id, problem });
  return { trajectory, diagnostics, drift };
}

function identity(start: RunStartEvent, facts: TraceFacts) {
  const { manifest, harness, environment, models } = start;
  const model = models[facts.role ?? "main"]?.id ?? "";
  const suite = environment.suite;
  return {
    id: start.run,
    taskId: start.task.id,
    taskSetId: facts.taskSetId ?? suite ?? "",
    ...(facts.split === undefined ? {} : { split: facts.split }),
    harness: {
      lineage: String(manifest["name"] ?? "unnamed"),
      version: String(manifest["version"] ?? ""),
      configHash: harness.executed,
      ...(facts.variant === undefined ? {} : { variant: facts.variant }),
    },
    ...(suite === undefined ? {} : { env: suite }),
    model,
    tokenizer: facts.tokenizer ?? (model || "unknown"),
    seed: start.seed,
  };
}

function rewardOf(
  end: RunEndEvent | undefined,
  { reward, evaluation, verifier }: TraceFacts,
): Pick<Trajectory, "reward" | "rewardParts" | "verifier"> | undefined {
  const evaluations = end?.evaluations ?? [];
  const parts = Object.fromEntries(
    evaluations
      .filter(({ score }) => Number.isFinite(score))
      .map(({ name, score }) => [name, score]),
  );
  const rewardParts = Object.keys(parts).length > 0 ? { rewardParts: parts } : {};
  if (reward !== undefined)
    return Number.isFinite(reward)
      ? { reward, ...rewardParts, verifier: verifier ?? "given" }
      : undefined;
  const fitting = evaluations.filter(({ name }) => evaluation === undefined || name === evaluation);
  const [only] = fitting;
  if (!only || fitting.length > 1 || !Number.isFinite(only.score)) return undefined;
  return { reward: only.score, ...rewardParts, verifier: verifier ?? only.name };
}

function missingReward(end: RunEndEvent | undefined, { reward, evaluation }: TraceFacts): string {
  if (reward !== undefined) return `The reward is ${reward}.`;
  const names = (end?.evaluations ?? []).map(({ name }) => name).join(", ") || "none";
  return `No single evaluation${evaluation === undefined ? "" : ` named ${evaluation}`} gives a reward; the run has: ${names}.`;
}

const statusOf: Readonly<Record<ExitReason, TrajectoryStatus>> = {
  done: "ok",
  budget_steps: "truncated",
  budget_tokens: "truncated",
  budget_cost: "truncated",
  budget_time: "timeout",
  loop: "truncated",
  aborted: "error",
  interrupted: "error",
  model_error: "error",
  harness_fault: "error",
};
