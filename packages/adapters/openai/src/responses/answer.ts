import type { FinishReason, ModelResponse, Part, ToolCall, Usage } from "@harnessx/core/plugin";
import type OpenAI from "openai";
import { openaiError } from "../errors.ts";
import { callOf } from "../tool-arguments.ts";
import { thinkingPartOf } from "./reasoning.ts";

type Received = OpenAI.Responses.Response;

/** What a finished Responses object says, as a response. */
export function responseOf(
  received: Received,
  facts: {
    readonly model: string;
    readonly warnings: readonly string[];
    readonly nameOf: (wire: string) => string;
  },
): ModelResponse {
  if (received.status === "failed" || received.status === "cancelled")
    throw failureOfResponse(received, facts.model);
  const warnings = [...facts.warnings];
  const content: Part[] = [];
  const toolCalls: ToolCall[] = [];
  let refused = false;
  for (const item of received.output) {
    switch (item.type) {
      case "reasoning":
        content.push(thinkingPartOf(item));
        break;
      case "message":
        for (const part of item.content) {
          if (part.type === "refusal") refused = true;
          const text = part.type === "refusal" ? part.refusal : part.text;
          if (text !== "") content.push({ type: "text", text });
        }
        break;
      case "function_call":
        toolCalls.push(callOf(item.call_id, facts.nameOf(item.name), item.arguments));
        break;
      default:
        warnings.push(`An item of the type ${item.type} was left out.`);
    }
  }
  if (refused) warnings.push("The model refused.");
  return {
    content,
    toolCalls,
    finish: finishOf(received, refused, toolCalls.length > 0, warnings),
    usage: usageOf(received, warnings),
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

function finishOf(
  { status, incomplete_details: incomplete }: Received,
  refused: boolean,
  hasCalls: boolean,
  warnings: string[],
): FinishReason {
  if (refused) return "content_filter";
  if (status !== "incomplete") return hasCalls ? "tool_calls" : "stop";
  if (incomplete?.reason === "content_filter") return "content_filter";
  if (incomplete?.reason !== "max_output_tokens")
    warnings.push(
      `The answer is incomplete for the unknown reason ${incomplete?.reason ?? "none"}.`,
    );
  return "length";
}

function usageOf({ usage }: Received, warnings: string[]): Usage {
  if (!usage) {
    warnings.push("The server reported no usage; it counts as 0.");
    return { input: 0, output: 0 };
  }
  const cached = usage.input_tokens_details?.cached_tokens;
  return {
    input: usage.input_tokens,
    output: usage.output_tokens,
    ...(cached == null ? {} : { cachedInput: Math.min(cached, usage.input_tokens) }),
  };
}

const PASSING = /server_error|rate_limit|timeout|overloaded|unavailable/;

/** A response that the provider itself calls failed. */
export function failureOfResponse({ error, status }: Received, model: string): Error {
  const problem = error?.message ?? `the response is ${status}.`;
  return PASSING.test(error?.code ?? "server_error")
    ? openaiError("HX_OPENAI_UNAVAILABLE", { model, problem, type: error?.code }, true)
    : openaiError("HX_OPENAI_REFUSED", { model, problem, status: error?.code }, false);
}
