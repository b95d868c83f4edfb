import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { LoadedHarness } from "@harnessx/core";
import type { RolloutRecipe } from "./recipe.ts";
import type { RolloutRecord } from "./record.ts";
import { keyOf, lostRollout, throwIfAborted, type RolloutSpec } from "./run.ts";
import { schedule, type RolloutPool, type RolloutPoolOptions } from "./schedule.ts";
import type { Job } from "./worker/messages.ts";
import {
  unfit,
  WorkerLost,
  WorkerProcess,
  type LossKind,
  type WorkerOptions,
} from "./worker/process.ts";

export interface WorkerPoolOptions extends Omit<RolloutPoolOptions, "concurrency"> {
  /** How workers make the suite and the models that the specs hold. */
  readonly recipe: RolloutRecipe;
  /** Processes; as many as the machine has processors when absent. */
  readonly workers?: number;
  /** Milliseconds after which a worker that is not heard of is killed (30,000). */
  readonly silenceMs?: number;
  /** Milliseconds that one rollout may take, beyond whatever the harness's limits say (600,000). */
  readonly deadlineMs?: number;
  /** Node options of the workers; those of this process when absent. */
  readonly execArgv?: readonly string[];
}

/** A pool with processes, which end when it is closed. */
export interface WorkerPool extends RolloutPool {
  /** Process ids of the workers that live now. */
  readonly pids: readonly number[];
  close(): Promise<void>;
}

/** What a rollout brought about twice is no accident; being killed by somebody else is none of its doing. */
const MAX_LOSSES: Readonly<Record<LossKind, number>> = { hung: 2, died: 2, killed: 12 };

const tooMany = (lost: readonly { readonly kind: LossKind }[]): boolean =>
  (Object.keys(MAX_LOSSES) as LossKind[]).some(
    (kind) => lost.filter((loss) => loss.kind === kind).length >= MAX_LOSSES[kind],
  );

/**
 * Makes a pool that plays in worker processes, with the same outcomes as `createRolloutPool`.
 *
 * A worker that hangs or dies is replaced and its rollout played again. One that hung twice, or
 * ended its process twice, is recorded with `infra`: `candidate` when the code of the harness was
 * running each time, else `unknown`. `run` rejects with HX_ROLLOUT_WORKER_UNFIT when workers cannot make what the specs
 * hold: another suite, other models, a harness with processors given in code.
 */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const { recipe, workers = availableParallelism(), execArgv } = options;
  const { silenceMs = 30_000, deadlineMs = 600_000 } = options;
  const size = Math.max(1, workers);
  const forWorkers: WorkerOptions = {
    recipe: { ...recipe, root: resolve(recipe.root) },
    silenceMs,
    deadlineMs,
    ...(execArgv ? { execArgv } : {}),
  };
  const folder = mkdtempSync(join(tmpdir(), "harnessx-workers-"));
  const all = new Set<WorkerProcess>();
  const idle: WorkerProcess[] = [];
  const queue: (() => void)[] = [];
  let busy = 0;
  let started = 0;
  let closed = false;

  const take = async (): Promise<WorkerProcess> => {
    if (closed) throw unfit("the pool is closed");
    if (busy >= size) await new Promise<void>((free) => queue.push(free));
    else busy += 1;
    for (let worker = idle.pop(); worker; worker = idle.pop()) {
      if (worker.alive) return worker;
      all.delete(worker);
    }
    const worker = new WorkerProcess(forWorkers, join(folder, String((started += 1))));
    all.add(worker);
    return worker;
  };
  const give = (worker: WorkerProcess): void => {
    if (worker.alive) idle.push(worker);
    else all.delete(worker);
    const next = queue.shift();
    if (next) next();
    else busy -= 1;
  };
  const opened = new WeakSet<WorkerProcess>();
  const attempt = async (spec: RolloutSpec, job: Job): Promise<RolloutRecord> => {
    const worker = await take();
    const stop = (): void => worker.kill();
    spec.signal?.addEventListener("abort", stop);
    try {
      throwIfAborted(spec);
      if (!opened.has(worker)) {
        await worker.open();
        opened.add(worker);
      }
      return await worker.play(job, portable(spec.harness));
    } catch (thrown) {
      throwIfAborted(spec);
      if (thrown instanceof WorkerLost && !opened.has(worker))
        throw new StartLost(thrown, worker.said);
      throw thrown;
    } finally {
      spec.signal?.removeEventListener("abort", stop);
      give(worker);
    }
  };
  const play = async (spec: RolloutSpec): Promise<RolloutRecord> => {
    const begun = performance.now();
    const job = jobOf(spec);
    const lost: WorkerLost[] = [];
    const starts: StartLost[] = [];
    for (;;) {
      try {
        return await attempt(spec, job);
      } catch (thrown) {
        if (thrown instanceof StartLost) {
          starts.push(thrown);
          if (tooMany(starts)) throw unfit(thrown.message);
        } else if (thrown instanceof WorkerLost) {
          lost.push(thrown);
          if (!tooMany(lost)) continue;
          const own = lost.every(({ phase }) => phase === "plugin");
          return lostRollout(spec, own ? "candidate" : "unknown", thrown, begun);
        } else throw thrown;
      }
    }
  };

  return {
    ...schedule(play, { ...options, concurrency: size }),
    get pids() {
      return [...all].flatMap(({ alive, pid }) => (alive && pid !== undefined ? [pid] : []));
    },
    async close() {
      closed = true;
      await Promise.all([...all].map((worker) => worker.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A worker did not get as far as its first rollout: nothing that a rollout could be blamed for. */
class StartLost extends Error {
  readonly kind: LossKind;

  constructor({ message, kind }: WorkerLost, said: string) {
    super(said === "" ? message : `${message}: ${said}`);
    this.kind = kind;
  }
}

function portable({ hash, manifest, root, processors }: LoadedHarness) {
  const inline = processors.find(({ use }) => use.startsWith("inline:"));
  if (inline) throw unfit(`the processor ${inline.id} is given in code`);
  return { hash, manifest, root };
}

function jobOf(spec: RolloutSpec): Job {
  const { task, seed, repetition, limits, traceDir, watch, harness } = spec;
  return {
    id: keyOf(spec),
    harness: harness.hash,
    task,
    seed,
    repetition,
    ...(limits === undefined ? {} : { limits }),
    ...(traceDir === undefined ? {} : { traceDir: resolve(traceDir) }),
    ...(watch ? { watch } : {}),
  };
}
