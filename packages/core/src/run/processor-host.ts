import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Scope from "effect/Scope";
import { hxError, HarnessXError, messageOf } from "../errors/index.ts";
import { compilePipeline, type Pipeline } from "../hooks/pipeline.ts";
import { Registrar } from "../hooks/registrar.ts";
import type { LoadedHarness, LoadedProcessor } from "../load/harness.ts";
import { LazySignal, runHasEnded } from "../model/lazy-signal.ts";
import type { Json } from "../plugin/json.ts";
import type { HookName } from "../plugin/hooks.ts";
import type { Host, RunCore, Steps } from "./core.ts";
import { ProcessorRun, SlotTable, type SharedByProcessors } from "./processor-run.ts";
import { recordLog, Serializer } from "./services.ts";

const declaredHooks = new WeakMap<LoadedProcessor, ReadonlySet<HookName>>();

/** The processors of one harness within one run, from their setup to their disposal. */
export class ProcessorHost implements Host {
  readonly #core: RunCore;
  readonly #shared: SharedByProcessors;
  readonly #signal = new LazySignal();
  #calls = new LazySignal();
  #scope: Scope.Closeable | undefined;
  #disposed = false;

  constructor(core: RunCore) {
    this.#core = core;
    this.#shared = {
      core,
      slots: new SlotTable(core.harness.manifest.slots),
      signal: this.#signal,
      callSignal: () => this.#calls.signal,
      serial: new Serializer(),
      log: (by, message, data) => this.log(by, message, data),
      onDispose: (by, dispose) => this.#onDispose(by, dispose),
    };
  }

  get slots(): SlotTable {
    return this.#shared.slots;
  }

  /** Sets up every processor of `harness` in order and compiles their taps. Leaves the run as it was when that fails. */
  *start(harness: LoadedHarness): Steps<Pipeline> {
    const registrar = new Registrar();
    for (const [rank, processor] of harness.processors.entries()) {
      const declared = hooksOf(processor);
      const registration = registrar.open({
        processor: processor.id,
        rank,
        onError: processor.onError,
        declared,
      });
      const fail = (thrown: unknown): HarnessXError =>
        HarnessXError.isInstance(thrown)
          ? thrown
          : hxError(
              "HX_PROCESSOR_SETUP_FAILED",
              { processor: processor.id, problem: messageOf(thrown) },
              thrown,
            );
      let pending: void | Promise<void>;
      try {
        pending = processor.setup(
          new ProcessorRun(this.#shared, processor, registration.hooks),
          processor.options as never,
        );
      } catch (thrown) {
        return yield* Effect.fail(fail(thrown));
      }
      if (pending) yield* Effect.tryPromise({ try: () => pending as Promise<void>, catch: fail });
      try {
        registration.close();
      } catch (thrown) {
        return yield* Effect.fail(thrown as HarnessXError);
      }
    }
    const { recorder, ledger } = this.#core;
    return compilePipeline(registrar, {
      tapTimeoutMs: this.#core.limits.hookTimeoutMs,
      onTapTimeout: () => this.cancelCalls(),
      ...(recorder.replaying
        ? { stoppedHere: (hook, done) => recorder.stoppedIn(hook, done) }
        : {}),
      onSkippedFault: (fault) => {
        ledger.skippedFault();
        this.log("runtime", fault.message, fault.toJSON() as unknown as Json);
      },
      ...(recorder.detailed
        ? {
            record: (hook, event, taps) => {
              // The caller stopped a resume in the middle of its replay: the trace stays as it was.
              const { stop, replayedStop } = this.#core;
              if (stop && !replayedStop && recorder.replaying) return;
              const call = "call" in event ? (event.call as { readonly id: string }).id : undefined;
              recorder.emit({
                seq: 0,
                at: 0,
                type: "hook",
                hook,
                step: this.#core.step,
                ...(call === undefined ? {} : { call }),
                taps,
              });
            },
          }
        : {}),
    });
  }

  /** Stops the model calls that processors are waiting for; later ones may start. */
  cancelCalls(): void {
    this.#calls.abort(runHasEnded);
    this.#calls = new LazySignal();
  }

  /** Aborts what the processors still do, then runs their disposers, newest first. */
  dispose(): Effect.Effect<void> {
    this.#disposed = true;
    this.#signal.abort(runHasEnded);
    this.#calls.abort(runHasEnded);
    return this.#scope ? Scope.close(this.#scope, Exit.void) : Effect.void;
  }

  #onDispose(by: string, dispose: () => void | Promise<void>): void {
    const ms = this.#core.limits.hookTimeoutMs;
    const report = (problem: string) =>
      Effect.sync(() => this.log(by, `Disposing failed: ${problem}`));
    const attempt = Effect.tryPromise({ try: async () => dispose(), catch: (thrown) => thrown });
    const limited = Number.isFinite(ms)
      ? Effect.timeoutOrElse(attempt, {
          duration: ms,
          orElse: () => report(`it took more than ${ms} ms`),
        })
      : attempt;
    const finalizer = Effect.catch(limited, (thrown) => report(messageOf(thrown)));
    if (this.#disposed) {
      // A setup that went on behind an abort still gets its resources released.
      Effect.runFork(finalizer);
      return;
    }
    this.#scope ??= Scope.makeUnsafe();
    Effect.runSync(Scope.addFinalizer(this.#scope, finalizer));
  }

  log(by: string, message: string, data?: Json): void {
    recordLog(this.#core, by, message, data);
  }
}

function hooksOf(processor: LoadedProcessor): ReadonlySet<HookName> {
  let declared = declaredHooks.get(processor);
  if (!declared) declaredHooks.set(processor, (declared = new Set(processor.metadata.hooks)));
  return declared;
}
