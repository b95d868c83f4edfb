import { setImmediate as nextTurn } from "node:timers/promises";
import type { RolloutRecord } from "./record.ts";
import { keyOf, runRollout, type RolloutSpec } from "./run.ts";

export interface RolloutPoolOptions {
  /** Episodes at the same time (4). They share one thread: this helps where a model or a tool waits. */
  readonly concurrency?: number;
  /** Called once for every episode that was run, in the order in which they end. */
  readonly onRecord?: (record: RolloutRecord) => void;
  /** Stops starting episodes and aborts those in flight. */
  readonly signal?: AbortSignal;
}

/** Runs episodes in this process. */
export interface RolloutPool {
  /**
   * Runs what has not been run before by this pool; the result has the order of `specs`. Rejects
   * with HX_ROLLOUT_ABORTED when the pool's or a spec's signal aborts; what ended before has been
   * reported and is not run again.
   */
  run(specs: readonly RolloutSpec[]): Promise<readonly RolloutRecord[]>;
}

/** A model that answers at once never lets timers and signals have a turn: they get one this often, in milliseconds. */
const TURN_EVERY = 20;

/** Makes a pool with bounded concurrency, in which a rollout with the same id runs once. */
export function createRolloutPool(options: RolloutPoolOptions = {}): RolloutPool {
  const { concurrency = 4, onRecord, signal } = options;
  const done = new Map<string, Promise<RolloutRecord>>();

  const start = (spec: RolloutSpec): Promise<RolloutRecord> => {
    const id = keyOf(spec);
    const known = done.get(id);
    if (known) return known;
    const running = runRollout(withSignal(spec, signal)).then((record) => {
      onRecord?.(record);
      return record;
    });
    done.set(id, running);
    // A rollout that was cut off has no outcome: it may be started again.
    running.catch(() => done.delete(id));
    return running;
  };

  return {
    async run(specs) {
      const results: RolloutRecord[] = Array.from({ length: specs.length });
      let next = 0;
      let failed = false;
      let lastTurn = performance.now();
      const work = async (): Promise<void> => {
        while (next < specs.length && !failed) {
          const index = next;
          next += 1;
          try {
            results[index] = await start(specs[index]!);
            if (performance.now() - lastTurn > TURN_EVERY) {
              await nextTurn();
              lastTurn = performance.now();
            }
          } catch (thrown) {
            failed = true;
            throw thrown;
          }
        }
      };
      const workers = Array.from(
        { length: Math.max(1, Math.min(concurrency, specs.length)) },
        work,
      );
      await Promise.allSettled(workers);
      await Promise.all(workers);
      return results;
    },
  };
}

function withSignal(spec: RolloutSpec, signal: AbortSignal | undefined): RolloutSpec {
  if (!signal || spec.signal === signal) return spec;
  return { ...spec, signal: spec.signal ? AbortSignal.any([spec.signal, signal]) : signal };
}
