import type { ToolContext } from "../plugin/tool.ts";

/**
 * What surrounds a tool call, for testing a tool without a run: nobody answers, there is no model
 * and no subagent, the clock stands still. `given` replaces single members.
 *
 * @example
 * ```ts
 * import { tool } from "@harnessx/core/plugin";
 * import { toolContext } from "@harnessx/core/testing";
 * const where = tool({
 *   name: "where",
 *   description: "Names the call.",
 *   inputSchema: { type: "object" },
 *   execute: (_input, { callId }) => callId,
 * });
 * where.execute({} as never, toolContext({ callId: "a" })); // "a"
 * ```
 */
export function toolContext(given: Partial<ToolContext> = {}): ToolContext {
  const missing = (what: string) => () => Promise.reject(new Error(`There is no ${what} here.`));
  return {
    signal: new AbortController().signal,
    callId: "call-1",
    runId: "run-1",
    step: 1,
    idempotencyKey: "run-1/call-1",
    now: () => 0,
    log: () => undefined,
    spawn: missing("subagent"),
    model: () => ({ generate: missing("model") }),
    ask: async () => ({ action: "cancel" }),
    slots: { get: () => undefined },
    ...given,
  };
}
