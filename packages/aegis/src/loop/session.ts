import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { LoadedHarness } from "@harnessx/core";
import type { SuiteTask } from "@harnessx/core/plugin";
import type { Journal } from "../journal/index.ts";
import type { RolloutPool, RolloutRecord, RolloutSpec } from "../rollout/index.ts";
import { checkArtefact } from "../schema.ts";
import type { EvolutionStage, EvolveOptions } from "./types.ts";

/** What all stages of one evolution share. */
export interface Session {
  readonly options: EvolveOptions;
  readonly journal: Journal;
  readonly pool: RolloutPool;
  readonly train: readonly SuiteTask[];
  readonly validation: readonly SuiteTask[];
  readonly count: () => number;
}

/** Which rollouts to run, beside the harness. */
export interface Trials {
  readonly tasks: readonly SuiteTask[];
  readonly reps: readonly number[];
  readonly seed: number;
  readonly traceDir?: string;
  readonly watch?: boolean;
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
    })),
  );
}

/** Runs rollouts of one harness. */
export const runTrials = (
  session: Session,
  harness: LoadedHarness,
  trials: Trials,
): Promise<readonly RolloutRecord[]> => session.pool.run(specsOf(session, harness, trials));

/** The folder of a round's artefacts. */
export const roundDir = (dir: string, round: number): string =>
  join(dir, ".harnessx/evolution", String(round));

/** Writes one artefact, checked against its schema; whoever reads it finds all of it or nothing. */
export async function writeArtefact(path: string, value: unknown, schema?: object): Promise<void> {
  const text = JSON.stringify(value, null, 2);
  if (schema) checkArtefact(path, schema, JSON.parse(text));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.tmp`, `${text}\n`);
  await rename(`${path}.tmp`, path);
}

/** Tells the caller how far the run is. */
export function tell(
  session: Session,
  round: number,
  stage: EvolutionStage,
  message: string,
): void {
  session.options.onProgress?.({ round, stage, message, rollouts: session.count() });
}
