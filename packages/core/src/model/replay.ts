import { hxError } from "../errors/index.ts";
import type { ModelClient, ModelResponse } from "../plugin/model.ts";
import type { ModelResponseEvent, TraceEvent } from "../trace/schema.ts";

/**
 * A model that answers with the responses of a trace, by the number of the conversation's turn.
 *
 * Unlike `agent.replay`, tools run and other harnesses may be tried: where they ask for a turn that
 * the trace does not have, HX_SCRIPT_EXHAUSTED is thrown. One client serves one run.
 */
export function replayModel(
  events: readonly TraceEvent[],
  options: { readonly id?: string } = {},
): ModelClient {
  const asked = new Set(
    events
      .filter((event) => event.type === "model.request" && event.by === undefined)
      .map((event) => (event as { call: number }).call),
  );
  const responses = events.filter(
    (event): event is ModelResponseEvent =>
      event.type === "model.response" && asked.has(event.call) && event.intercepted === undefined,
  );
  let next = 0;
  return {
    id: options.id ?? "replay",
    policy: "recorded",
    async generate(): Promise<ModelResponse> {
      const event = responses[next];
      if (!event) throw hxError("HX_SCRIPT_EXHAUSTED", { call: next + 1 });
      next += 1;
      const { content, toolCalls, finish, usage, tokens } = event;
      return { content, toolCalls, finish, usage, ...(tokens ? { tokens } : {}) };
    },
  };
}
