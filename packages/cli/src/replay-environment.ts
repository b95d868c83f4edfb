import type { TraceEvent } from "@harnessx/core";
import type { Environment, Tool, ToolCall, ToolContext, ToolResult } from "@harnessx/core/plugin";
import { cliError } from "./errors.ts";
import { partsText } from "./output/event-printer.ts";

/**
 * Brings a fresh environment to where a recorded run left its own, by making the same calls and
 * giving its user the same answers again. Throws HX_CLI_ENVIRONMENT_CHANGED when one is answered otherwise.
 */
export async function replayEnvironment(
  environment: Environment,
  events: readonly TraceEvent[],
): Promise<void> {
  const { tools } = environment;
  let said = "";
  let stepEnded = false;
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const calls = new Map<string, ToolCall>();
  for (const event of events) {
    if (event.type === "model.response") said = partsText(event.content);
    // What follows the end of a step is the user's turn; other messages of this role are the runtime's.
    if (stepEnded && event.type === "message" && event.role === "user")
      await repeatTurn(environment, said, partsText(event.content ?? []));
    stepEnded = event.type === "step.end";
    if (event.type === "tool.call") calls.set(event.call.id, event.call);
    if (event.type !== "tool.result" || event.intercepted !== undefined) continue;
    const call = calls.get(event.call);
    const tool = byName.get(event.name);
    // What never reached the environment did not change it.
    if (!call || !tool || (event.status !== "ok" && event.status !== "error")) continue;
    const result = await repeat(tool, call, event.step);
    const content = typeof result === "string" ? result : result.content;
    if (event.status === "ok" && JSON.stringify(content) !== JSON.stringify(event.content)) {
      throw await cliError("HX_CLI_ENVIRONMENT_CHANGED", {
        call: call.id,
        recorded: event.content,
        now: content,
      });
    }
  }
}

async function repeatTurn(
  environment: Environment,
  answer: string,
  recorded: string,
): Promise<void> {
  const now = await environment.user?.(answer);
  if (now !== recorded)
    throw await cliError("HX_CLI_ENVIRONMENT_CHANGED", {
      call: "the user",
      recorded,
      now: now ?? null,
    });
}

async function repeat(tool: Tool, call: ToolCall, step: number): Promise<ToolResult | string> {
  try {
    return await tool.execute(call.input as never, contextOf(call, step));
  } catch (thrown) {
    return { status: "error", content: String(thrown) };
  }
}

function contextOf(call: ToolCall, step: number): ToolContext {
  return {
    signal: new AbortController().signal,
    callId: call.id,
    runId: "resume",
    step,
    idempotencyKey: call.id,
    now: () => 0,
    log: () => undefined,
    spawn: missing("subagents"),
    model: () => ({ generate: missing("models") }),
    ask: async () => ({ action: "cancel" }),
    slots: { get: () => undefined },
  };
}

const missing = (what: string) => () =>
  Promise.reject(new Error(`The tools of a suite have no ${what} while their past is repeated.`));
