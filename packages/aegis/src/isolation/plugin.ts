import { messageOf, type ProcessorDefinition, type ToolsDefinition } from "@harnessx/core";
import { isolationError } from "./errors.ts";
import { ProcessorSession } from "./processor-session.ts";
import {
  LOAD_MS,
  LoadFailure,
  type Sandbox,
  type SandboxCode,
  type StartSandbox,
} from "./sandbox.ts";
import type { SessionSubject, Usage } from "./session.ts";
import { isolatedTools } from "./tools.ts";
import type { IsolatedPlugin, IsolationLimits, IsolationTier } from "./types.ts";

/** The error of code that does not get into its sandbox. */
export const loadError = (processor: string, thrown: unknown) =>
  isolationError("HX_ISOLATION_LOAD_FAILED", { processor, problem: messageOf(thrown) }, thrown);

/** How a tier runs code. */
export interface TierWall {
  readonly tier: IsolationTier;
  readonly start: StartSandbox;
  readonly limits: IsolationLimits;
}

/** Loads code into a sandbox of its own. */
export async function openCode(
  id: string,
  code: SandboxCode,
  { tier, start, limits }: TierWall,
): Promise<IsolatedPlugin> {
  const begin = (): Promise<Sandbox> =>
    start(code, limits).catch((thrown: unknown) => {
      throw startError(id, thrown);
    });
  const usage: Usage = new Map();
  let sandbox = await begin();
  let restarting: Promise<Sandbox> | undefined;
  let disposed = false;
  /** A sandbox that was stopped takes the machines of that moment with it; later ones get a new one. */
  const subject = async (): Promise<SessionSubject> => {
    if (disposed)
      throw isolationError("HX_ISOLATION_STOPPED", { processor: id, problem: "it was closed" });
    if (sandbox.dead !== undefined)
      sandbox = await (restarting ??= begin().finally(() => (restarting = undefined)));
    return { id, sandbox, limits, usage };
  };
  const processor: ProcessorDefinition<never> = {
    harnessx: "processor",
    setup: async (run, options) => ProcessorSession.start(await subject(), run, options),
  };
  const tools: ToolsDefinition<never> = {
    harnessx: "tools",
    create: (options, context) => isolatedTools(subject, options, context),
  };
  return {
    tier,
    definition: code.kind === "processor" ? processor : tools,
    usage: () => Object.fromEntries(usage),
    async dispose() {
      disposed = true;
      await sandbox.terminate();
    },
  };
}

function startError(processor: string, thrown: unknown): Error {
  const where = "its loading";
  const failed = thrown instanceof LoadFailure ? thrown.failed : undefined;
  if (failed === "fuel") return isolationError("HX_ISOLATION_OUT_OF_FUEL", { processor, where });
  if (failed === "memory")
    return isolationError("HX_ISOLATION_OUT_OF_MEMORY", { processor, where });
  if (failed === "time")
    return isolationError("HX_ISOLATION_OUT_OF_TIME", { processor, where, ms: LOAD_MS });
  return loadError(processor, thrown);
}
