import type { LoadedHarness, OpenPlugin } from "@harnessx/core";
import type { SuiteTask } from "@harnessx/core/plugin";
import type { Redriven } from "../journal/index.ts";
import type { RolloutPool, RolloutRecord, RolloutSpec } from "../rollout/index.ts";
import type { Stages } from "../stages/index.ts";
import type { HeldOut } from "../verify/index.ts";
import type { EvolutionStage, EvolveOptions, StageSpend } from "./types.ts";

/** How generated packages are opened. */
export interface Opening {
  readonly open?: OpenPlugin;
}

/** What all parts of one evolution share. */
export interface Session {
  readonly options: EvolveOptions & Opening;
  readonly journal: Redriven;
  readonly pool: RolloutPool;
  readonly stages: Stages;
  /** Number of the run within the journal. */
  readonly run: number;
  /** The harness at the beginning. */
  readonly anchor: LoadedHarness;
  /** Harnesses that stand, by hash. */
  readonly harnesses: Map<string, LoadedHarness>;
  readonly train: readonly SuiteTask[];
  /** What packages and claims must not hold. */
  readonly heldOut: HeldOut;
  readonly validation: readonly SuiteTask[];
  readonly spend: Spend;
}

/** Which rollouts to run, beside the harness. */
export interface Trials {
  readonly tasks: readonly SuiteTask[];
  readonly reps: readonly number[];
  readonly seed: number;
  readonly traceDir?: string;
  readonly watch?: boolean;
  /** Nothing that another run has recorded may stand in. */
  readonly fresh?: boolean;
}

/** Counts what the stages spend; what a resumed run finds recorded counts like the first time. */
export class Spend {
  readonly stages: Partial<Record<EvolutionStage, StageSpend>> = {};
  rollouts = 0;
  /** Wall time in which rollouts were awaited. */
  ms = 0;

  add(stage: EvolutionStage, records: readonly RolloutRecord[]): void {
    const { rollouts, tokens, costUsd } = this.stages[stage] ?? {
      rollouts: 0,
      tokens: 0,
      costUsd: 0,
    };
    this.rollouts += records.length;
    this.stages[stage] = {
      rollouts: rollouts + records.length,
      tokens: tokens + records.reduce((sum, record) => sum + record.tokens, 0),
      costUsd: costUsd + records.reduce((sum, record) => sum + record.costUsd, 0),
    };
  }
}

/** The specifications of rollouts of one harness, repetition by repetition. */
export function specsOf(
  { options }: Session,
  harness: LoadedHarness,
  trials: Trials,
): RolloutSpec[] {
  const { suite, models, limits } = options;
  return trials.reps.flatMap((repetition) =>
    trials.tasks.map((task) => ({
      suite,
      task,
      harness,
      models,
      seed: trials.seed,
      repetition,
      ...(limits === undefined ? {} : { limits }),
      ...(trials.traceDir === undefined ? {} : { traceDir: trials.traceDir }),
      ...(trials.watch ? { watch: true } : {}),
      ...(trials.fresh ? { fresh: true } : {}),
    })),
  );
}

/** Plays rollouts on behalf of a stage. */
export async function play(
  { pool, spend }: Session,
  stage: EvolutionStage,
  specs: readonly RolloutSpec[],
): Promise<readonly RolloutRecord[]> {
  const started = performance.now();
  const records = await pool.run(specs);
  spend.ms += performance.now() - started;
  spend.add(stage, records);
  return records;
}

/** Plays trials of one harness. */
export const runTrials = (
  session: Session,
  stage: EvolutionStage,
  harness: LoadedHarness,
  trials: Trials,
): Promise<readonly RolloutRecord[]> => play(session, stage, specsOf(session, harness, trials));

/** A rollout that got no fair score: its pair is left out, except where the candidate is to blame. */
export const isUnfair = ({ infra }: RolloutRecord): boolean =>
  infra === "environment" || infra === "unknown";

/** Tells the caller how far the run is. */
export function tell(
  { options, spend }: Session,
  round: number,
  stage: EvolutionStage,
  message: string,
): void {
  options.onProgress?.({ round, stage, message, rollouts: spend.rollouts });
}
