import type { ExitReason, Totals } from "./outcome.ts";

/** How a subagent ended. */
export interface SpawnResult {
  readonly runId: string;
  readonly exit: ExitReason;
  readonly output: string;
  readonly totals: Totals;
}
