import { randomUUID } from "node:crypto";
import type { Totals } from "@harnessx/core/plugin";
import type { Failure } from "../http/failure.ts";
import { factsOf, finishOf } from "../run/outcome.ts";
import type { Ended } from "../run/runner.ts";

/** What every form of one response has in common. */
export interface ResponseHead {
  readonly id: string;
  readonly item: string;
  readonly created: number;
  readonly model: string;
  readonly instructions: string | null;
}

const plainId = (): string => randomUUID().replaceAll("-", "");

/** A new response. */
export const responseHead = (model: string, instructions: string | null): ResponseHead => ({
  id: `resp_${plainId()}`,
  item: `msg_${plainId()}`,
  created: Math.floor(Date.now() / 1000),
  model,
  instructions,
});

const base = ({ id, created, model, instructions }: ResponseHead) => ({
  id,
  object: "response",
  created_at: created,
  model,
  instructions,
  error: null,
  incomplete_details: null,
  metadata: {},
  parallel_tool_calls: false,
  previous_response_id: null,
  store: false,
  temperature: null,
  text: { format: { type: "text" } },
  tool_choice: "auto",
  tools: [],
  top_p: null,
});

/** A response that has no output yet. */
export const begunResponse = (head: ResponseHead) => ({
  ...base(head),
  status: "in_progress",
  output: [],
  output_text: "",
  usage: null,
});

/** A response that failed. */
export const failedResponse = (head: ResponseHead, { facts, message }: Failure) => ({
  ...begunResponse(head),
  status: "failed",
  error: { code: facts.code ?? "server_error", message },
});

/** The message of a response. */
export const outputMessage = (
  { item }: ResponseHead,
  text: string,
  status: "in_progress" | "completed" | "incomplete",
) => ({
  id: item,
  type: "message",
  role: "assistant",
  status,
  content: status === "in_progress" ? [] : [outputText(text)],
});

/** The one part of the message. */
export const outputText = (text: string) => ({
  type: "output_text",
  text,
  annotations: [],
  logprobs: [],
});

/** A response with its output. */
export function endedResponse(head: ResponseHead, { result, finish, text }: Ended) {
  const reason = finishOf(result, finish);
  const cut = reason !== "stop";
  const status = cut ? "incomplete" : "completed";
  return {
    ...base(head),
    status,
    incomplete_details: cut
      ? { reason: reason === "length" ? "max_output_tokens" : "content_filter" }
      : null,
    output: [outputMessage(head, text, status)],
    output_text: text,
    usage: usageOf(result.totals),
    harnessx: factsOf(result),
  };
}

const usageOf = ({ inputTokens, outputTokens }: Totals) => ({
  input_tokens: inputTokens,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: outputTokens,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: inputTokens + outputTokens,
});
