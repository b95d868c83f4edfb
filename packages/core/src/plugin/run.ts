import type { BudgetView, Task } from "./events.ts";
import type { Totals } from "./outcome.ts";
import type { Hooks } from "./hooks.ts";
import type { Json } from "./json.ts";
import type { MessageList } from "./message.ts";
import type { RoleModel } from "./role-model.ts";
import type { Slots } from "./slots.ts";
import type { SpawnResult } from "./spawn.ts";

/** What a processor sees of the run at any moment. */
export interface RunState {
  readonly step: number;
  readonly messages: MessageList;
  readonly totals: Totals;
}

/**
 * A value that belongs to the run rather than to one instance of a processor: a swap hands it over.
 * Assign to `value`, or change an object or array in it in place.
 */
export interface Cell<Value extends Json> {
  value: Value;
}

/** `boolean` for `false`, `number` for `0`, `string` for `""`: a cell is made to change. */
export type Widened<Value> = Value extends boolean
  ? boolean
  : Value extends number
    ? number
    : Value extends string
      ? string
      : Value;

/**
 * One run, as a processor sees it. Made anew for every run: state lives in the setup closure.
 *
 * Call its methods on the object (`run.log(…)`): they do not work when they are taken off it.
 */
export interface Run {
  readonly id: string;
  readonly hooks: Hooks;
  readonly task: Task;
  readonly state: RunState;
  readonly slots: Slots;
  readonly budget: BudgetView;
  /** Aborts when the run ends early. */
  readonly signal: AbortSignal;
  /** Time of the latest recorded event in milliseconds since 1970: stands still inside a hook and repeats in a replay. */
  readonly clock: { now(): number };
  /** Seeded generator in [0, 1); each processor has its own stream, the same in a replay. */
  random(): number;
  /** The cell `name`, created with `initial`; `name` must be listed in the metadata's `state`. */
  cell<Value extends Json>(name: string, initial: Value): Cell<Widened<Value>>;
  model(role: string): RoleModel;
  /** Runs a subagent with the same harness and spends from this run's budget; needs `capabilities.spawn`. */
  spawn(task: { readonly text: string; readonly metadata?: Json }): Promise<SpawnResult>;
  /**
   * Reads something from outside the run (a file, a store) and records it: a replay gets the
   * recorded value and does not call `read`. `label` names the reading in the trace.
   */
  recorded<Value extends Json>(label: string, read: () => Value | Promise<Value>): Promise<Value>;
  /** Annotates the trace. */
  log(message: string, data?: Json): void;
  /** Called once when the run ends or a swap retires this instance, however it ends. */
  onDispose(dispose: () => void | Promise<void>): void;
}
