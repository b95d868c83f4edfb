import { statSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ProgressMeter, type RolloutProgress } from "./progress.ts";
import type { RolloutRecord } from "./record.ts";
import { keyOf, type RolloutSpec } from "./run.ts";
import { createMemoryStore, type RolloutStore } from "./store.ts";

export interface RolloutPoolOptions {
  /** Episodes at the same time (4). They share one thread: this helps where a model or a tool waits. */
  readonly concurrency?: number;
  /**
   * Outcomes that are known. What is in it is served and not played; what is played is added before
   * anybody is told. One that lacks what a spec asks for (its trace file, `fired`) is played again.
   */
  readonly store?: RolloutStore;
  /** Called once for every episode that was played, in the order in which they end. */
  readonly onRecord?: (record: RolloutRecord) => void;
  /** Called after every episode that was played or served. */
  readonly onProgress?: (progress: RolloutProgress) => void;
  /** Stops starting episodes and aborts those in flight. */
  readonly signal?: AbortSignal;
}

/** Plays episodes. */
export interface RolloutPool {
  /**
   * Plays what is not known yet; the result has the order of `specs`. Rejects with
   * HX_ROLLOUT_ABORTED when the pool's or a spec's signal aborts, and with HX_AEGIS_ROLLOUTS_WRITE
   * when the store takes no more; what ended before has been kept and is not played again.
   */
  run(specs: readonly RolloutSpec[]): Promise<readonly RolloutRecord[]>;
}

/** A model that answers at once never lets timers and signals have a turn: they get one this often, in milliseconds. */
const TURN_EVERY = 20;

/** A pool with bounded concurrency in which a rollout is played once, by `play`. */
export function schedule(
  play: (spec: RolloutSpec) => Promise<RolloutRecord>,
  options: RolloutPoolOptions,
): RolloutPool {
  const { concurrency = 4, store = createMemoryStore(), onRecord, signal } = options;
  const meter = new ProgressMeter(options.onProgress);
  const running = new Map<string, Promise<unknown>>();

  const outcome = async (spec: RolloutSpec): Promise<RolloutRecord> => {
    const id = keyOf(spec);
    for (;;) {
      const known = store.get(id, { own: spec.fresh ?? false });
      if (known && suffices(known, spec)) return known;
      const already = running.get(id);
      if (!already) break;
      // It may end without what this spec needs, or be cut off: then this one plays.
      await already.catch(() => undefined);
    }
    const played = play(withSignal(spec, signal)).then((record) => {
      store.add(record);
      meter.played(record);
      onRecord?.(record);
      return record;
    });
    running.set(id, played);
    return played.finally(() => running.delete(id));
  };

  return {
    async run(specs) {
      const results: RolloutRecord[] = Array.from({ length: specs.length });
      let next = 0;
      let done = 0;
      let failed = false;
      let lastTurn = performance.now();
      const work = async (): Promise<void> => {
        while (next < specs.length && !failed) {
          const index = next;
          next += 1;
          try {
            results[index] = await outcome(specs[index]!);
            done += 1;
            meter.done();
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
      meter.begin(specs.length);
      try {
        const workers = Array.from(
          { length: Math.max(1, Math.min(concurrency, specs.length)) },
          work,
        );
        await Promise.allSettled(workers);
        await Promise.all(workers);
        return results;
      } finally {
        meter.end(specs.length - done);
      }
    },
  };
}

/** Whether an outcome has what a spec asks for. An episode that never began left nothing to ask for. */
function suffices(record: RolloutRecord, { traceDir, watch }: RolloutSpec): boolean {
  if (watch && record.fired === undefined) return false;
  if (traceDir === undefined) return true;
  if (record.trace === undefined) return record.infra !== undefined;
  return statSync(record.trace, { throwIfNoEntry: false })?.isFile() ?? false;
}

function withSignal(spec: RolloutSpec, signal: AbortSignal | undefined): RolloutSpec {
  if (!signal || spec.signal === signal) return spec;
  return { ...spec, signal: spec.signal ? AbortSignal.any([spec.signal, signal]) : signal };
}
