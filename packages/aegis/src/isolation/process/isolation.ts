import { startProcesses } from "./start.ts";
import { createWalledIsolation } from "../tier.ts";
import { defaultIsolationLimits, type Isolation, type IsolationLimits } from "../types.ts";
import { probeProcess } from "./probe.ts";

/** What limits a walled process; the others are fixed or those of an engine. */
export type ProcessIsolationOptions = Partial<
  Pick<IsolationLimits, "deadlineMs" | "outputChars" | "hostCalls" | "messages" | "textChars">
>;

/**
 * The tier for code that needs Node: a Linux process for each machine behind bubblewrap, a seccomp
 * filter, resource limits and Node's permission model. No files but its own, no network, no other
 * processes, no environment. Needs the program `bwrap`; `probe` says whether it holds here.
 *
 * @example
 * ```ts
 * import { createProcessIsolation } from "@harnessx/aegis";
 * const isolation = createProcessIsolation({ deadlineMs: 2_000 });
 * isolation.tier; // "process"
 * await isolation.dispose();
 * ```
 */
export function createProcessIsolation(options: ProcessIsolationOptions = {}): Isolation {
  const limits = Object.freeze({ ...defaultIsolationLimits, ...options });
  return createWalledIsolation({ tier: "process", start: startProcesses, limits }, probeProcess);
}
