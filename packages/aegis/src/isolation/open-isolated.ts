import type { OpenPlugin, PluginToOpen } from "@harnessx/core";
import { isolationError } from "./errors.ts";
import type { IsolatedPlugin, Isolation } from "./types.ts";

/**
 * The `open` of `loadHarness` that puts packages behind the wall: none of their code ever runs
 * outside the tier, and the harness keeps its hash and its traces.
 *
 * `which` chooses (all); the others are imported. A package that is chosen and cannot be isolated,
 * such as a bundle, is refused with HX_ISOLATION_LOAD_FAILED. A package that is opened again is
 * opened once. Dispose the isolation when no run uses the harness any more.
 *
 * @example
 * ```ts
 * import { createWasmIsolation, openIsolated } from "@harnessx/aegis";
 * import { loadHarness } from "@harnessx/core";
 * const isolation = createWasmIsolation();
 * const generated = openIsolated(isolation, { which: ({ use }) => use.startsWith("./") });
 * const harness = await loadHarness({ name: "demo", version: "1" }, { open: generated });
 * await isolation.dispose();
 * ```
 */
export function openIsolated(
  isolation: Isolation,
  { which = () => true }: { readonly which?: (plugin: PluginToOpen) => boolean } = {},
): OpenPlugin {
  const known = new Map<string, Promise<IsolatedPlugin>>();
  return async (plugin) => {
    if (!which(plugin)) return undefined;
    const { entry: id, dir, integrity } = plugin;
    const { kind } = plugin.metadata;
    if (kind !== "processor" && kind !== "tools") {
      const problem = `a ${kind} cannot be isolated`;
      throw isolationError("HX_ISOLATION_LOAD_FAILED", { processor: id, problem });
    }
    const key = JSON.stringify([id, dir, integrity]);
    let opened = known.get(key);
    if (!opened) {
      opened = isolation.open({ id, dir, integrity });
      known.set(key, opened);
      opened.catch(() => known.delete(key));
    }
    return (await opened).definition;
  };
}
