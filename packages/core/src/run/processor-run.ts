import { isPlainJson, mutableJson } from "../boundary/json.ts";
import { hxError } from "../errors/index.ts";
import type { LoadedProcessor } from "../load/harness.ts";
import type { LazySignal } from "../model/lazy-signal.ts";
import type { BudgetView } from "../plugin/events.ts";
import type { Hooks } from "../plugin/hooks.ts";
import type { Json } from "../plugin/json.ts";
import type { RoleModel } from "../plugin/role-model.ts";
import type { Widened, Cell, Run, RunState } from "../plugin/run.ts";
import type { SlotKey, Slots } from "../plugin/slots.ts";
import type { SpawnResult } from "../plugin/spawn.ts";
import type { RunCore } from "./core.ts";
import { seededRandom } from "./random.ts";
import { generateForRole, readRecorded, spawnChild, type Serializer } from "./services.ts";

/** What all processors of a run have in common. */
export interface SharedByProcessors {
  readonly core: RunCore;
  readonly slots: SlotTable;
  readonly signal: LazySignal;
  /** Aborts the model calls that are in flight. */
  readonly callSignal: () => AbortSignal;
  readonly serial: Serializer;
  log(by: string, message: string, data?: Json): void;
  onDispose(by: string, dispose: () => void | Promise<void>): void;
}

/** The run as one processor sees it. A class rather than closures: one is made for every processor of every run. */
export class ProcessorRun implements Run {
  readonly id: string;
  readonly hooks: Hooks;
  readonly #shared: SharedByProcessors;
  readonly #processor: LoadedProcessor;
  #random: (() => number) | undefined;

  constructor(shared: SharedByProcessors, processor: LoadedProcessor, hooks: Hooks) {
    this.id = shared.core.id;
    this.hooks = hooks;
    this.#shared = shared;
    this.#processor = processor;
  }

  get task(): Run["task"] {
    return this.#shared.core.task;
  }

  get state(): RunState {
    return new State(this.#shared.core);
  }

  get slots(): Slots {
    return this.#shared.slots.of(this.#processor.id);
  }

  get budget(): BudgetView {
    const { core } = this.#shared;
    return core.ledger.left(core.recorder.now);
  }

  get signal(): AbortSignal {
    return this.#shared.signal.signal;
  }

  get clock(): { now(): number } {
    const { recorder } = this.#shared.core;
    return { now: () => recorder.now };
  }

  random(): number {
    return (this.#random ??= seededRandom(`${this.#shared.core.seed}/${this.#processor.id}`))();
  }

  cell<Value extends Json>(name: string, initial: Value): Cell<Widened<Value>> {
    const { id, metadata } = this.#processor;
    if (!metadata.state?.includes(name))
      throw hxError("HX_PLUGIN_UNDECLARED_STATE", { processor: id, cell: name });
    const { cells } = this.#shared.core;
    const key = `${metadata.group ?? id}/${name}`;
    let cell = cells.get(key);
    if (!cell) {
      if (!isPlainJson(initial)) throw hxError("HX_STATE_INVALID", { processor: id, cell: name });
      // A copy: the initial value is often a constant of the module, shared by all runs.
      cells.set(key, (cell = { value: mutableJson(initial) }));
    }
    return cell as Cell<Widened<Value>>;
  }

  model(role: string): RoleModel {
    const { id, capabilities } = this.#processor;
    this.#demand(capabilities.model?.includes(role), `the model role ${role}`);
    const { core, serial, callSignal } = this.#shared;
    return {
      generate: (prompt) => serial.run(() => generateForRole(core, role, prompt, id, callSignal())),
    };
  }

  spawn(task: { readonly text: string; readonly metadata?: Json }): Promise<SpawnResult> {
    const { id, capabilities } = this.#processor;
    this.#demand(capabilities.spawn, "spawn");
    const { core, serial } = this.#shared;
    return serial.run(() => spawnChild(core, task, id));
  }

  recorded<Value extends Json>(label: string, read: () => Value | Promise<Value>): Promise<Value> {
    const { core, serial } = this.#shared;
    const { id } = this.#processor;
    return serial.run(() => readRecorded(core, id, label, read)) as Promise<Value>;
  }

  log(message: string, data?: Json): void {
    this.#shared.log(this.#processor.id, message, data);
  }

  onDispose(dispose: () => void | Promise<void>): void {
    this.#shared.onDispose(this.#processor.id, dispose);
  }

  #demand(granted: boolean | undefined, capability: string): void {
    if (!granted)
      throw hxError("HX_PLUGIN_UNDECLARED_CAPABILITY", {
        processor: this.#processor.id,
        capability,
      });
  }
}

/** Reads through to the run: always the present moment. */
class State implements RunState {
  readonly #core: RunCore;

  constructor(core: RunCore) {
    this.#core = core;
  }

  get step(): number {
    return this.#core.step;
  }

  get messages(): RunState["messages"] {
    return this.#core.history.view();
  }

  get totals(): RunState["totals"] {
    return this.#core.ledger.totals();
  }
}

/** Shared singletons of a run by name. */
export class SlotTable {
  readonly #values = new Map<string, { readonly value: unknown; readonly by: string }>();

  constructor(configured: Readonly<Record<string, Json | undefined>> = {}) {
    for (const name in configured)
      this.#values.set(name, { value: configured[name], by: "the manifest" });
  }

  get<Value>(key: SlotKey<Value>): Value | undefined {
    return this.#values.get(key.name)?.value as Value | undefined;
  }

  of(processor: string): Slots {
    return {
      get: (key) => this.get(key),
      provide: (key, value) => {
        const taken = this.#values.get(key.name);
        if (taken)
          throw hxError("HX_SLOT_TAKEN", { slot: key.name, first: taken.by, second: processor });
        this.#values.set(key.name, { value, by: processor });
      },
    };
  }
}
