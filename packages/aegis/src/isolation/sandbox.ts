import { messageOf } from "@harnessx/core";
import { isolationError } from "./errors.ts";
import type { PackageModules } from "./modules.ts";
import { Session, type Usage } from "./session.ts";
import { LOAD_MS, LoadFailure, SandboxThread } from "./thread.ts";
import type { IsolatedPlugin, IsolationLimits } from "./types.ts";

/** The error of code that does not get into its sandbox. */
export const loadError = (processor: string, thrown: unknown) =>
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
      if (failed === "memory")
        throw isolationError("HX_ISOLATION_OUT_OF_MEMORY", { processor, where });
      if (failed === "time")
        throw isolationError("HX_ISOLATION_OUT_OF_TIME", {
          processor,
          where,
          ms: LOAD_MS,
        });
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
