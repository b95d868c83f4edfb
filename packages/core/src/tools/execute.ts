import * as Effect from "effect/Effect";
import { hxError, messageOf, type HarnessXError } from "../errors/index.ts";
import { runHasEnded } from "../model/lazy-signal.ts";
import { cleanParts } from "../boundary/content.ts";
import { mutableJson } from "../boundary/json.ts";
import { after } from "../boundary/timer.ts";
import { cleanToolResult } from "../boundary/tool-result.ts";
import type { Part, ToolCall } from "../plugin/message.ts";
import type { ToolContext, ToolResult } from "../plugin/tool.ts";
import type { RegisteredTool, ToolRegistry } from "./registry.ts";
import { isThenable } from "../thenable.ts";

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
  /** From here on the call can no longer act on the run. */
  close(): void;
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
    const finish = (make: () => ToolResult): void => {
      let result: ToolResult;
      try {
        result = make();
      } catch (thrown) {
        result = threw(tool.name, thrown);
      }
      resume(Effect.succeed(result));
    };
    let answered: unknown;
    let waits: boolean;
    try {
      answered = tool.execute(mutableJson(call.input) as never, scope.context);
      waits = isThenable(answered);
    } catch (thrown) {
      finish(() => threw(tool.name, thrown));
      return undefined;
    }
    if (!waits) {
      finish(() => normalize(entry, answered));
      return undefined;
    }
    const cancel = after(limit, () => {
      const error = hxError("HX_TOOL_TIMEOUT", { tool: tool.name, ms: limit });
      scope.abort(() => error);
      finish(() => errorResult(error, "timeout"));
    });
    Promise.resolve(answered as PromiseLike<unknown>).then(
      (value) => {
        cancel();
        finish(() => normalize(entry, value));
      },
      (thrown: unknown) => {
        cancel();
        finish(() => threw(tool.name, thrown));
      },
    );
    return Effect.sync(() => {
      cancel();
      scope.abort(runHasEnded);
      scope.close();
    });
  });
}

function threw(tool: string, thrown: unknown): ToolResult {
  return errorResult(hxError("HX_TOOL_THREW", { tool, problem: messageOf(thrown) }, thrown));
}

/** Checks what a tool returned and gives it one shape. */
function normalize(entry: RegisteredTool, value: unknown): ToolResult {
  const name = entry.tool.name;
  const result = cleanToolResult(value);
  if (!result) {
    return errorResult(
      hxError("HX_TOOL_RESULT_INVALID", {
        tool: name,
        found: value === null ? "null" : typeof value,
      }),
    );
  }
  if (entry.checkOutput && result.status === "ok") {
    const problem = entry.checkOutput(result.structured);
    if (problem !== undefined)
      return errorResult(hxError("HX_TOOL_OUTPUT_INVALID", { tool: name, problem }));
  }
  return result;
}

/** Head and tail of a text longer than `limit`, with a line that says what is missing. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = Math.ceil(limit * 0.7);
  const tail = limit - head;
  const omitted = text.length - limit;
  return `${text.slice(0, head)}\n[… ${omitted} characters left out …]\n${tail > 0 ? text.slice(-tail) : ""}`;
}

/** Cuts the text of a result to `limit` characters in all; images stay. */
export function shortenContent(
  content: string | readonly Part[],
  limit: number,
): string | readonly Part[] {
  if (typeof content === "string") return shorten(content, limit);
  const length = content.reduce(
    (sum, part) => sum + (part.type === "image" ? 0 : part.text.length),
    0,
  );
  if (length <= limit) return content;
  let left = limit;
  const parts = content.map((part): Part => {
    if (part.type === "image") return part;
    const text = shorten(part.text, Math.max(0, left));
    left -= part.text.length;
    return { ...part, text };
  });
  return cleanParts(parts) ?? content;
}
