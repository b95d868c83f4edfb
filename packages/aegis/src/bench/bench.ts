import type { Limits, LoadedHarness, ModelsInput } from "@harnessx/core";
import type { Suite, SuiteTask, TaskSplit } from "@harnessx/core/plugin";
import { aegisError } from "../errors.ts";
import {
  createRolloutPool,
  modelName,
  policyOf,
  type RolloutRecord,
  type RolloutSpec,
} from "../rollout/index.ts";
import { comparePaired, deriveSeed, noiseFloor } from "../statistics/index.ts";
import type { BenchReport } from "./report.ts";
import { floorOf, pairUp, summarize } from "./summary.ts";

/** A harness under its name in the report. */
export interface BenchArm {
  readonly name: string;
  readonly harness: LoadedHarness;
}

/** How far a measurement has come. */
export interface BenchProgress {
  readonly done: number;
  readonly total: number;
  readonly record: RolloutRecord;
}

export interface BenchOptions {
  readonly suite: Suite;
  /** One or two; with two, the report compares the second with the first. */
  readonly arms: readonly BenchArm[];
  readonly models: ModelsInput;
  /** Ids of the tasks; all of `split` when absent. */
  readonly tasks?: readonly string[];
  /** All splits when neither this nor `tasks` is given, canaries left out. */
  readonly split?: TaskSplit;
  /** Repetitions of every task. */
  readonly reps: number;
  readonly seed: number;
  readonly limits?: Limits;
  /** (4) */
  readonly concurrency?: number;
  readonly traceDir?: string;
  readonly onProgress?: (progress: BenchProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Measures one harness, or two side by side.
 *
 * Arms are interleaved: both attempt a task before the next task begins, the first one alternating,
 * and meet the same environment and model seeds (see `episodeSeed`). The first arm is run once more
 * under fresh seeds, which gives the noise floor.
 *
 * Errors: HX_AEGIS_BENCH_INVALID, HX_ROLLOUT_TASK_UNKNOWN, HX_ROLLOUT_ABORTED.
 */
export async function bench(options: BenchOptions): Promise<BenchReport> {
  const started = performance.now();
  const { suite, arms, models, reps, seed } = options;
  const tasks = await chooseTasks(options);
  check(arms, tasks, reps);
  const total = tasks.length * reps * (arms.length + 1);
  let done = 0;
  const pool = createRolloutPool({
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    onRecord: (record) => {
      done += 1;
      options.onProgress?.({ done, total, record });
    },
  });
  const spec = (arm: BenchArm, task: SuiteTask, repetition: number, from: number): RolloutSpec => ({
    suite,
    task,
    harness: arm.harness,
    models,
    seed: from,
    repetition,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.traceDir === undefined ? {} : { traceDir: options.traceDir }),
  });

  const fresh = deriveSeed("noise", seed);
  // A harness compared with itself under one seed would only be looked up twice: here, too, the
  // second arm gets seeds of its own.
  const seeds = arms.map((arm, at) =>
    at > 0 && arm.harness.hash === arms[0]!.harness.hash ? deriveSeed("again", seed) : seed,
  );
  const order: { readonly arm: number; readonly spec: RolloutSpec }[] = [];
  for (let rep = 0; rep < reps; rep += 1) {
    tasks.forEach((task, index) => {
      const here = arms.map((arm, at) => ({ arm: at, spec: spec(arm, task, rep, seeds[at]!) }));
      if ((index + rep) % 2 === 1) here.reverse();
      order.push(...here, {
        arm: -1,
        spec: { ...spec(arms[0]!, task, rep, fresh), traceDir: undefined },
      });
    });
  }
  const records = await pool.run(order.map((item) => item.spec));
  const of = (arm: number): RolloutRecord[] =>
    records.filter((_, index) => order[index]!.arm === arm);
  const byArm = arms.map((_, index) => of(index));
  const [first, second] = byArm;
  return {
    suite: suite.name,
    data: suite.data,
    policy: policyOf(models),
    model: modelName(models),
    seed,
    tasks: tasks.map((task) => task.id),
    reps,
    arms: arms.map((arm, index) => summarize(arm.name, arm.harness.hash, byArm[index]!, seed)),
    ...(suite.floor ? { floor: floorOf(suite.floor, tasks) } : {}),
    ...(second ? { comparison: comparePaired(pairUp(first!, second), seed) } : {}),
    noiseFloor: noiseFloor(pairUp(first!, of(-1)), seed),
    outcomes: first!.flatMap((_, index) => byArm.map((arm) => arm[index]!)),
    ms: performance.now() - started,
  };
}

async function chooseTasks({
  suite,
  tasks: ids,
  split,
}: BenchOptions): Promise<readonly SuiteTask[]> {
  const all = await suite.tasks();
  if (ids) {
    const byId = new Map(all.map((task) => [task.id, task]));
    return [...new Set(ids)].map((id) => {
      const task = byId.get(id);
      if (!task) throw aegisError("HX_ROLLOUT_TASK_UNKNOWN", { suite: suite.name, task: id });
      return task;
    });
  }
  return all.filter((task) => (split ? task.split === split : task.split !== "canary"));
}

function check(arms: readonly BenchArm[], tasks: readonly SuiteTask[], reps: number): void {
  const fail = (problem: string) => aegisError("HX_AEGIS_BENCH_INVALID", { problem });
  if (arms.length < 1 || arms.length > 2) throw fail(`there are ${arms.length} arms`);
  if (new Set(arms.map((arm) => arm.name)).size < arms.length)
    throw fail("both arms have one name");
  if (tasks.length === 0) throw fail("there is no task");
  if (!Number.isInteger(reps) || reps < 1) throw fail(`${reps} is no number of repetitions`);
}
