import { messageOf } from "@harnessx/core";
import { isolationError } from "./errors.ts";
import { readModules, type PackageModules } from "./modules.ts";
import { probeWasm } from "./probe.ts";
import { Session, type Usage } from "./session.ts";
import { LoadFailure, SandboxThread } from "./thread.ts";
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
 * import { createWasmIsolation, isolateHarness } from "@harnessx/aegis";
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
        const failed = checks.filter(({ held }) => !held).map(({ attack, detail }) => `${attack}: ${detail}`);
        throw isolationError("HX_ISOLATION_UNAVAILABLE", { tier: "wasm", problem: failed.join("; ") });
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

const loadError = (processor: string, thrown: unknown) =>
  isolationError("HX_ISOLATION_LOAD_FAILED", { processor, problem: messageOf(thrown) }, thrown);

/** Loads code into a sandbox of its own. */
export async function openModules(
  processor: string,
  modules: PackageModules,
  limits: IsolationLimits,
): Promise<IsolatedPlugin> {
  const start = (): Promise<SandboxThread> =>
    SandboxThread.start(modules, limits).catch((thrown: unknown) => {
      const where = "its loading";
      const failed = thrown instanceof LoadFailure ? thrown.failed : undefined;
      if (failed === "fuel") throw isolationError("HX_ISOLATION_OUT_OF_FUEL", { processor, where });
      if (failed === "memory") throw isolationError("HX_ISOLATION_OUT_OF_MEMORY", { processor, where });
      if (failed === "time")
        throw isolationError("HX_ISOLATION_OUT_OF_TIME", { processor, where, ms: 2 * limits.deadlineMs });
      throw loadError(processor, thrown);
    });
  const usage: Usage = new Map();
  let thread = await start();
  let restarting: Promise<SandboxThread> | undefined;
  let disposed = false;
  /** A thread that was stopped takes the runs of that moment with it; later runs get a new one. */
  const alive = async (): Promise<SandboxThread> => {
    if (disposed)
      throw isolationError("HX_ISOLATION_STOPPED", { processor, problem: "it was closed" });
    if (thread.dead === undefined) return thread;
    thread = await (restarting ??= start().finally(() => (restarting = undefined)));
    return thread;
  };
  return {
    tier: "wasm",
    async setup(run, options) {
      await Session.start(processor, await alive(), run, options as never, limits, usage);
    },
    usage: () => Object.fromEntries(usage),
    async dispose() {
      disposed = true;
      await thread.terminate();
    },
  };
}
