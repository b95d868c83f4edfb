import { fromJsonSchema, type CallToolResult, type McpServer } from "@modelcontextprotocol/server";
import type { RunResult } from "@harnessx/core";
import type { PastTurn } from "@harnessx/core/plugin";
import type { RunDesk } from "../runs/run-desk.ts";
import { traceUri } from "../resources/traces.ts";

interface AgentInput {
  readonly task: string;
  readonly conversation?: readonly PastTurn[];
}

const inputSchema = fromJsonSchema<AgentInput>({
  type: "object",
  properties: {
    task: { type: "string", minLength: 1, description: "What the agent is to do." },
    conversation: {
      type: "array",
      description: "What was said before, oldest first. The agent remembers nothing by itself.",
      items: {
        type: "object",
        properties: {
          role: { type: "string", enum: ["user", "assistant"] },
          text: { type: "string" },
        },
        required: ["role", "text"],
        additionalProperties: false,
      },
    },
  },
  required: ["task"],
  additionalProperties: false,
});

const count = { type: "integer", minimum: 0 } as const;

const outputSchema = fromJsonSchema({
  type: "object",
  properties: {
    output: {
      type: "string",
      description: "The answer; the best so far when the run did not end as done.",
    },
    exit: { type: "string", description: "Why the run ended: done, or what stopped it." },
    reason: { type: "string" },
    runId: { type: "string" },
    totals: {
      type: "object",
      properties: {
        steps: count,
        modelCalls: count,
        toolCalls: count,
        inputTokens: count,
        outputTokens: count,
        costUsd: { type: "number", minimum: 0 },
        skippedFaults: count,
      },
    },
    trace: { type: "string", description: "Resource with everything that happened." },
  },
  required: ["output", "exit", "runId", "totals"],
});

/** Registers the agent as one tool. */
export function registerAgent(server: McpServer, desk: RunDesk, era: "legacy" | "modern"): void {
  const { agent, toolName = "run_agent", description } = desk.options;
  server.registerTool(
    toolName,
    {
      title: agent.harness.manifest.name,
      description:
        description ??
        `Gives a task to the agent ${agent.harness.manifest.name}, which works on it with its own tools and answers.`,
      inputSchema,
      outputSchema,
      annotations: { openWorldHint: true },
    },
    ({ task, conversation }, context) =>
      desk.serve({
        server: server.server,
        era,
        context,
        start: (options) =>
          agent.start(
            { text: task, ...(conversation?.length ? { history: conversation } : {}) },
            options,
          ),
        resultOf: (result) => resultOf(result, desk),
      }),
  );
}

function resultOf(result: RunResult, desk: RunDesk): CallToolResult {
  const { output, exit, reason, error, runId, totals } = result;
  const why = error?.message ?? reason;
  const text =
    exit === "done"
      ? output
      : [`The run ended as ${exit}: ${why ?? "no reason given"}`, output]
          .filter(Boolean)
          .join("\n\n");
  return {
    content: [{ type: "text", text }],
    structuredContent: {
      output,
      exit,
      ...(why === undefined ? {} : { reason: why }),
      runId,
      totals: { ...totals },
      ...(desk.finished.has(runId) ? { trace: traceUri(runId) } : {}),
    },
    ...(exit === "done" ? {} : { isError: true }),
  };
}
