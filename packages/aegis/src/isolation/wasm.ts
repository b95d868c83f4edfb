import { startInline } from "./inline.ts";
import type { TierWall } from "./plugin.ts";
import { probeWasm } from "./probe.ts";
import { startThread } from "./thread.ts";
import { createWalledIsolation } from "./tier.ts";
import { defaultIsolationLimits, type Isolation, type IsolationLimits } from "./types.ts";

export interface WasmIsolationOptions extends Partial<IsolationLimits> {
  /**
   * Where the engine runs (`thread`). `inline` is the same wall in the caller's thread: a call costs
   * a fraction, but engine code that burns no fuel, such as a long search in a long text, blocks that
   * thread until it is done, and `deadlineMs` has no effect. For worker processes that can be killed.
   */
  readonly placement?: "thread" | "inline";
}

/**
 * The sandbox tier: QuickJS compiled to WebAssembly, a machine for each run. Plugin code sees the
 * hook contract and nothing of Node.
 *
 * @example
 * ```ts
 * import { createWasmIsolation } from "@harnessx/aegis";
 * const isolation = createWasmIsolation({ placement: "inline" });
 * (await isolation.probe()).ok; // true
 * await isolation.dispose();
 * ```
 */
export function createWasmIsolation({
  placement = "thread",
  ...limits
}: WasmIsolationOptions = {}): Isolation {
  const wall: TierWall = {
    tier: "wasm",
    start: placement === "inline" ? startInline : startThread,
    limits: Object.freeze({ ...defaultIsolationLimits, ...limits }),
  };
  return createWalledIsolation(wall, () => probeWasm(wall.start, placement === "thread"));
}
