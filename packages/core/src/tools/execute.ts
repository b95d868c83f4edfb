import * as Effect from "effect/Effect";
import { hxError, messageOf, type HarnessXError } from "../errors/index.ts";
import { runHasEnded } from "../model/lazy-signal.ts";
import type { Part, ToolCall } from "../plugin/message.ts";
import type { ToolContext, ToolResult } from "../plugin/tool.ts";
import type { RegisteredTool, ToolRegistry } from "./registry.ts";
import { isThenable } from "../thenable.ts";

const STATUSES: ReadonlySet<string> = new Set(["ok", "error", "refused", "timeout", "cancelled"]);

/** A result that tells the model what went wrong and what to do. */
export function errorResult(
  error: HarnessXError,
  status: ToolResult["status"] = "error",
): ToolResult {
  return {
    status,
    content: `${error.message} ${error.hint}`,
    error: { code: error.code, message: error.message },
  };
}

/** Why a call cannot run, as a result for the model; nothing when it can. */
export function refuseCall(
  call: ToolCall,
  registry: ToolRegistry,
  offered: readonly string[],
): ToolResult | undefined {
  const entry = registry.get(call.name);
  if (!entry || !offered.includes(call.name)) {
    return errorResult(
      hxError("HX_TOOL_UNKNOWN", { tool: call.name, available: offered.join(", ") || "none" }),
    );
  }
  if (call.malformed !== undefined) {
    return errorResult(
      hxError("HX_TOOL_INPUT_INVALID", {
        tool: call.name,
        problem: `they are no JSON: ${call.malformed}`,
      }),
    );
  }
  const problem = entry.checkInput(call.input);
  return problem === undefined
    ? undefined
    : errorResult(hxError("HX_TOOL_INPUT_INVALID", { tool: call.name, problem }));
}

/** The context of one call and the switch that aborts its signal. */
export interface CallScope {
  readonly context: ToolContext;
  abort(reason: () => unknown): void;
}

/**
 * Runs a tool. Never fails: a throw, a wrong result and a missed deadline are results; when the run
 * is interrupted the call's signal aborts.
 */
export function executeTool(
  entry: RegisteredTool,
  call: ToolCall,
  scope: CallScope,
  timeoutMs: number,
): Effect.Effect<ToolResult> {
  const { tool } = entry;
  const limit = tool.timeoutMs ?? timeoutMs;
  return Effect.callback<ToolResult>((resume) => {
    let answered: ToolResult | string | Promise<ToolResult | string>;
    try {
      answered = tool.execute(call.input as never, scope.context);
    } catch (thrown) {
      resume(Effect.succeed(threw(tool.name, thrown)));
      return undefined;
    }
    if (!(answered instanceof Promise) && !isThenable(answered)) {
      resume(Effect.succeed(normalize(entry, answered)));
      return undefined;
    }
    const timer = Number.isFinite(limit)
      ? setTimeout(() => {
          const error = hxError("HX_TOOL_TIMEOUT", { tool: tool.name, ms: limit });
          scope.abort(() => error);
          resume(Effect.succeed(errorResult(error, "timeout")));
        }, limit)
      : undefined;
    Promise.resolve(answered).then(
      (value) => {
        clearTimeout(timer);
        resume(Effect.succeed(normalize(entry, value)));
      },
      (thrown: unknown) => {
        clearTimeout(timer);
        resume(Effect.succeed(threw(tool.name, thrown)));
      },
    );
    return Effect.sync(() => {
      clearTimeout(timer);
      scope.abort(runHasEnded);
    });
  });
}

function threw(tool: string, thrown: unknown): ToolResult {
  return errorResult(hxError("HX_TOOL_THREW", { tool, problem: messageOf(thrown) }, thrown));
}

/** Checks what a tool returned and gives it one shape. */
function normalize(entry: RegisteredTool, value: unknown): ToolResult {
  const name = entry.tool.name;
  if (typeof value === "string") return { status: "ok", content: value };
  if (!isToolResult(value)) {
    return errorResult(
      hxError("HX_TOOL_RESULT_INVALID", {
        tool: name,
        found: value === null ? "null" : typeof value,
      }),
    );
  }
  if (entry.checkOutput && value.status === "ok") {
    const problem = entry.checkOutput(value.structured);
    if (problem !== undefined)
      return errorResult(hxError("HX_TOOL_OUTPUT_INVALID", { tool: name, problem }));
  }
  return value;
}

/** Whether a value has the shape of a tool result; also for results that processors make. */
export function isToolResult(value: unknown): value is ToolResult {
  if (typeof value !== "object" || value === null) return false;
  const { status, content } = value as Record<string, unknown>;
  return typeof status === "string" && STATUSES.has(status) && isContent(content);
}

/** Whether a value is text or a list of parts. */
export function isContent(value: unknown): value is string | readonly Part[] {
  if (typeof value === "string") return true;
  return Array.isArray(value) && value.every(isPart);
}

function isPart(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const part = value as Record<string, unknown>;
  if (part["type"] === "text" || part["type"] === "thinking")
    return typeof part["text"] === "string";
  return (
    part["type"] === "image" &&
    typeof part["mediaType"] === "string" &&
    typeof part["data"] === "string"
  );
}

/** Head and tail of a text longer than `limit`, with a line that says what is missing. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = Math.ceil(limit * 0.7);
  const tail = limit - head;
  const omitted = text.length - limit;
  return `${text.slice(0, head)}\n[… ${omitted} characters left out …]\n${tail > 0 ? text.slice(-tail) : ""}`;
}
