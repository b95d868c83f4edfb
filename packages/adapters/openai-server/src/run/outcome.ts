import type { RunResult } from "@harnessx/core";
import type { ExitReason, FinishReason, Totals } from "@harnessx/core/plugin";
import { Failure } from "../http/failure.ts";

/** What the API has no field for; clients ignore it. */
export interface RunFacts {
  readonly runId: string;
  readonly exit: ExitReason;
  readonly reason?: string;
  readonly totals: Totals;
}

/** What stands beside an answer under `harnessx`. */
export const factsOf = ({ runId, exit, reason, totals }: RunResult): RunFacts => ({
  runId,
  exit,
  ...(reason === undefined ? {} : { reason }),
  totals,
});

/** Why the answer ends where it does, in OpenAI's words. */
export function finishOf(
  { exit }: RunResult,
  model: FinishReason,
): "stop" | "length" | "content_filter" {
  if (exit.startsWith("budget_")) return "length";
  return exit === "done" && (model === "length" || model === "content_filter") ? model : "stop";
}

/** The failure that a run came to; undefined when there is an answer. */
export function failureOf({ exit, reason, error }: RunResult): Failure | undefined {
  const code = error?.code.toLowerCase() ?? exit;
  const message = error?.message ?? reason ?? `The run ended as ${exit}.`;
  switch (exit) {
    case "model_error":
      return new Failure(502, "server_error", message, { code });
    case "harness_fault":
      return new Failure(500, "server_error", message, { code });
    case "aborted":
      return new Failure(503, "server_error", message, { code });
    case "interrupted":
      return new Failure(409, "permission_error", message, { code: "approval_needed" });
    default:
      return undefined;
  }
}
