import { isolationError } from "./errors.ts";
import { readModules } from "./modules.ts";
import { probeWasm } from "./probe.ts";
import { loadError, openModules } from "./sandbox.ts";
import {
  defaultIsolationLimits,
  type IsolatedPlugin,
  type Isolation,
  type IsolationLimits,
  type ProbeReport,
} from "./types.ts";

/**
 * The sandbox tier: QuickJS compiled to WebAssembly, a worker thread for each plugin, a machine for
 * each run. Plugin code sees the hook contract and nothing of Node.
 *
 * @example
 * ```ts
 * import { createWasmIsolation } from "@harnessx/aegis";
 * const isolation = createWasmIsolation();
 * (await isolation.probe()).ok; // true
 * await isolation.dispose();
 * ```
 */
export function createWasmIsolation(limits: Partial<IsolationLimits> = {}): Isolation {
  const all = Object.freeze({ ...defaultIsolationLimits, ...limits });
  const opened = new Set<IsolatedPlugin>();
  let report: Promise<ProbeReport> | undefined;
  return {
    tier: "wasm",
    probe: () => (report ??= probeWasm()),
    async open({ processor, dir }) {
      const { ok, checks } = await this.probe();
      if (!ok) {
        const failed = checks
          .filter(({ held }) => !held)
          .map(({ attack, detail }) => `${attack}: ${detail}`);
        throw isolationError("HX_ISOLATION_UNAVAILABLE", {
          tier: "wasm",
          problem: failed.join("; "),
        });
      }
      const modules = await readModules(dir).catch((thrown: unknown) => {
        throw loadError(processor.id, thrown);
      });
      const plugin = await openModules(processor.id, modules, all);
      opened.add(plugin);
      return plugin;
    },
    async dispose() {
      await Promise.all([...opened].map((plugin) => plugin.dispose()));
      opened.clear();
    },
  };
}
