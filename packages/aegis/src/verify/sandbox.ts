import { HarnessXError } from "@harnessx/core";
import { createWasmIsolation, type IsolatedPlugin } from "../isolation/index.ts";

/*
 * Everything that the verification knows of isolation: the only place where a candidate's code is
 * made to run, and always behind the wall.
 */

/** For one call: a hook of a sane processor needs a hundredth of it, and a loop must not cost a second. */
const FUEL = 200;

/** Tests make many calls of their own within one. */
const TEST_FUEL = 400;

/** Fuel must run out first, also on a busy machine: only it refuses. */
const DEADLINE_MS = 10_000;

let isolations: { readonly hooks: Isolation; readonly tests: Isolation } | undefined;
type Isolation = ReturnType<typeof createWasmIsolation>;

/** Kept for the life of the process: its probe attacks the sandbox, which takes as long as a package. */
function shared(): { readonly hooks: Isolation; readonly tests: Isolation } {
  if (!isolations) {
    const hooks = createWasmIsolation({ fuel: FUEL, deadlineMs: DEADLINE_MS });
    const tests = createWasmIsolation({ fuel: TEST_FUEL, deadlineMs: DEADLINE_MS });
    // One machine, one answer.
    isolations = { hooks, tests: { ...tests, probe: () => hooks.probe() } };
  }
  return isolations;
}

/** Probes the sandbox while the static checks run; the answer is awaited by whoever opens one. */
export function warmUp(): void {
  void shared().hooks.probe();
}

/** Loads the package in `dir` into a sandbox with the limits of the verification. */
export const openSandbox = (id: string, dir: string): Promise<IsolatedPlugin> =>
  shared().hooks.open({ id, dir });

/** The same for code that runs tests. */
export const openTestSandbox = (id: string, dir: string): Promise<IsolatedPlugin> =>
  shared().tests.open({ id, dir });

/** How a sandbox ended a call, when it was the sandbox that did. */
export type Ended = "fuel" | "memory" | "data" | "stuck" | "time" | "load";

const ENDS: Readonly<Record<string, Ended>> = {
  HX_ISOLATION_OUT_OF_FUEL: "fuel",
  HX_ISOLATION_OUT_OF_MEMORY: "memory",
  HX_ISOLATION_BAD_DATA: "data",
  HX_ISOLATION_STUCK: "stuck",
  HX_ISOLATION_OUT_OF_TIME: "time",
  HX_ISOLATION_LOAD_FAILED: "load",
};

export const endedBy = (thrown: unknown): Ended | undefined =>
  HarnessXError.isInstance(thrown) ? ENDS[thrown.code] : undefined;

/** The machine at hand cannot isolate: that says nothing about a package. */
export const isUnavailable = (thrown: unknown): boolean =>
  HarnessXError.isInstance(thrown) && thrown.code === "HX_ISOLATION_UNAVAILABLE";
