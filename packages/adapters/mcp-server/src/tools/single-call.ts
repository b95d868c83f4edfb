import type { ModelClient, ModelRequest, ModelResponse } from "@harnessx/core/plugin";

/** Id of the one call. */
export const CALL_ID = "mcp-call";

/**
 * Stands in for a model and makes one call, so that a tool which a client calls passes everything
 * that a call of a model passes: policies, approvals, limits, redaction, the trace.
 */
export const singleCall = (name: string, input: unknown): ModelClient => ({
  id: "mcp-client",
  policy: "scripted",
  generate: (request) => Promise.resolve(answered(request) ? end : called(name, input)),
});

function answered({ messages }: ModelRequest): boolean {
  for (const message of messages) if (message.role === "tool") return true;
  return false;
}

const end: ModelResponse = {
  content: [],
  toolCalls: [],
  finish: "stop",
  usage: { input: 0, output: 0 },
};

const called = (name: string, input: unknown): ModelResponse => ({
  ...end,
  toolCalls: [{ id: CALL_ID, name, input }],
  finish: "tool_calls",
});
