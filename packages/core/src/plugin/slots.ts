/** Names a shared singleton and its type; made by `slot`. */
export interface SlotKey<Value> {
  readonly name: string;
  /** Type only; never present. */
  readonly type?: Value;
}

/** Shared singletons of a run. */
export interface Slots {
  get<Value>(key: SlotKey<Value>): Value | undefined;
  /** Throws when the slot is taken. */
  provide<Value>(key: SlotKey<Value>, value: Value): void;
}

/**
 * Names a slot once, for its provider and its users.
 *
 * @example
 * ```ts
 * import { slot } from "@harnessx/core/plugin";
 * const workspace = slot<{ root: string }>("workspace");
 * workspace.name; // "workspace"
 * ```
 */
export const slot = <Value>(name: string): SlotKey<Value> => ({ name });
