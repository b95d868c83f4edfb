import {
  createAgent,
  createMemorySink,
  defineHarness,
  tool,
  type FinishReason,
  type ModelClient,
  type TokenRecord,
  type TraceEvent,
} from "@harnessx/core";

/** What the model of a test samples in one call. */
export interface SampledCall {
  readonly tokens?: TokenRecord;
  /** Calls the tool `look`; else it answers. */
  readonly calls?: boolean;
  /** Tokens that it claims to have sampled. */
  readonly reported?: number;
  readonly finish?: FinishReason;
}

const look = tool({
  name: "look",
  description: "Looks around.",
  inputSchema: { type: "object", properties: {} },
  execute: () => "A wall.",
});

/** The trace of a run whose model samples these tokens. */
export async function playedTrace(calls: readonly SampledCall[]): Promise<readonly TraceEvent[]> {
  let next = 0;
  const model: ModelClient = {
    id: "sampler",
    policy: "scripted",
    generate: () => {
      const call = calls[next]!;
      next += 1;
      return Promise.resolve({
        content: call.calls ? [] : [{ type: "text", text: "Done." }],
        toolCalls: call.calls ? [{ id: `c${next}`, name: "look", input: {} }] : [],
        finish: call.finish ?? (call.calls ? "tool_calls" : "stop"),
        usage: { input: 1, output: call.reported ?? call.tokens?.output.length ?? 1 },
        ...(call.tokens ? { tokens: call.tokens } : {}),
      });
    },
  };
  const sink = createMemorySink();
  const agent = createAgent({
    harness: await defineHarness({ name: "looker", version: "3" }),
    models: { main: model },
    trace: () => sink,
  });
  await agent.run({ text: "Look.", id: "task-1" }, { seed: 5, tools: [look] });
  return sink.events;
}
