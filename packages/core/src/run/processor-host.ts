import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Scope from "effect/Scope";
import { hxError, HarnessXError, messageOf } from "../errors/index.ts";
import { compilePipeline, type Pipeline } from "../hooks/pipeline.ts";
import { Registrar } from "../hooks/registrar.ts";
import type { LoadedHarness, LoadedProcessor } from "../load/harness.ts";
import { LazySignal } from "../model/roles.ts";
import type { Json } from "../plugin/json.ts";
import type { Cell, RoleModel, Run, SlotKey, Slots } from "../plugin/run.ts";
import type { HookName } from "../plugin/hooks.ts";
import type { RunCore, Steps } from "./core.ts";
import { seededRandom } from "./random.ts";
import { Serializer, spawnChild, generateForRole } from "./services.ts";

const declaredHooks = new WeakMap<LoadedProcessor, ReadonlySet<HookName>>();

/** The processors of one harness within one run, from their setup to their disposal. */
export class ProcessorHost {
  readonly #core: RunCore;
  readonly #slots: SlotTable;
  readonly #signal = new LazySignal();
  readonly #serial = new Serializer();
  #scope: Scope.Closeable | undefined;

  constructor(core: RunCore) {
    this.#core = core;
    this.#slots = new SlotTable(core.harness.manifest.slots);
  }

  /** Sets up every processor of `harness` in order and compiles their taps. Leaves the run as it was when that fails. */
  *start(harness: LoadedHarness): Steps<Pipeline> {
    const registrar = new Registrar();
    for (const [rank, processor] of harness.processors.entries()) {
      const declared = hooksOf(processor);
      const registration = registrar.open({ processor: processor.id, rank, onError: processor.onError, declared });
      const fail = (thrown: unknown): HarnessXError =>
        HarnessXError.isInstance(thrown)
          ? thrown
          : hxError("HX_PROCESSOR_SETUP_FAILED", { processor: processor.id, problem: messageOf(thrown) }, thrown);
      let pending: void | Promise<void>;
      try {
        pending = processor.setup(this.#facade(processor, registration.hooks), processor.options as never);
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
      onSkippedFault: (fault) => {
        ledger.skippedFault();
        this.log("runtime", fault.message, fault.toJSON() as unknown as Json);
      },
      ...(recorder.detailed
        ? {
            record: (hook, event, taps) => {
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

  /** Aborts what the processors still do, then runs their disposers, newest first. */
  dispose(): Effect.Effect<void> {
    this.#signal.abort(new Error("The run has ended."));
    return this.#scope ? Scope.close(this.#scope, Exit.void) : Effect.void;
  }

  log(by: string, message: string, data?: Json): void {
    this.#core.recorder.emit({
      seq: 0,
      at: 0,
      type: "log",
      by,
      message,
      ...(data === undefined ? {} : { data }),
    });
  }

  #facade(processor: LoadedProcessor, hooks: Run["hooks"]): Run {
    const core = this.#core;
    const { id, capabilities } = processor;
    const { state = [] } = processor.metadata;
    const slots = this.#slots.of(id);
    const signal = this.#signal;
    const { recorder } = core;
    let random: (() => number) | undefined;
    const demand = (granted: boolean | undefined, capability: string): void => {
      if (!granted) throw hxError("HX_PLUGIN_UNDECLARED_CAPABILITY", { processor: id, capability });
    };
    return {
      id: core.id,
      hooks,
      task: core.task,
      slots,
      state: {
        get step() {
          return core.step;
        },
        get messages() {
          return core.history.view();
        },
        get totals() {
          return core.ledger.totals();
        },
      },
      get budget() {
        return core.ledger.left(recorder.now);
      },
      get signal() {
        return signal.signal;
      },
      clock: { now: () => recorder.now },
      random: () => (random ??= seededRandom(`${core.seed}/${id}`))(),
      cell: <Value extends Json>(name: string, initial: Value): Cell<Value> => {
        if (!state.includes(name)) throw hxError("HX_PLUGIN_UNDECLARED_STATE", { processor: id, cell: name });
        const key = `${processor.metadata.group ?? id}/${name}`;
        let cell = core.cells.get(key);
        if (!cell) core.cells.set(key, (cell = { value: initial }));
        return cell as Cell<Value>;
      },
      model: (role): RoleModel => {
        demand(capabilities.model?.includes(role), `the model role ${role}`);
        return { generate: (prompt) => this.#serial.run(() => generateForRole(core, role, prompt, id)) };
      },
      spawn: (task) => {
        demand(capabilities.spawn, "spawn");
        return this.#serial.run(() => spawnChild(core, task, id));
      },
      log: (message, data) => this.log(id, message, data),
      onDispose: (dispose) => {
        this.#scope ??= Scope.makeUnsafe();
        const finalizer = Effect.catchDefect(
          Effect.catch(
            Effect.tryPromise({ try: async () => dispose(), catch: (thrown) => thrown }),
            (thrown) => Effect.sync(() => this.log(id, `Disposing failed: ${messageOf(thrown)}`)),
          ),
          () => Effect.void,
        );
        Effect.runSync(Scope.addFinalizer(this.#scope, finalizer));
      },
    };
  }
}

function hooksOf(processor: LoadedProcessor): ReadonlySet<HookName> {
  let declared = declaredHooks.get(processor);
  if (!declared) declaredHooks.set(processor, (declared = new Set(processor.metadata.hooks)));
  return declared;
}

class SlotTable {
  readonly #values = new Map<string, { readonly value: unknown; readonly by: string }>();

  constructor(configured: Readonly<Record<string, Json | undefined>> | undefined) {
    for (const [name, value] of Object.entries(configured ?? {})) this.#values.set(name, { value, by: "the manifest" });
  }

  of(processor: string): Slots {
    return {
      get: <Value>(key: SlotKey<Value>) => this.#values.get(key.name)?.value as Value | undefined,
      provide: (key, value) => {
        const taken = this.#values.get(key.name);
        if (taken) throw hxError("HX_SLOT_TAKEN", { slot: key.name, first: taken.by, second: processor });
        this.#values.set(key.name, { value, by: processor });
      },
    };
  }
}
