import { randomUUID } from "node:crypto";
import type { Totals } from "@harnessx/core/plugin";
import { sendJson, type Exchange } from "../http/exchange.ts";
import { Failure } from "../http/failure.ts";
import { EventStream } from "../http/sse.ts";
import { factsOf, failureOf, finishOf } from "../run/outcome.ts";
import type { Runner } from "../run/runner.ts";
import type { ChatRequest } from "./request.ts";

/** Answers POST /v1/chat/completions. */
export async function answerChat(
  exchange: Exchange,
  runner: Runner,
  request: ChatRequest,
): Promise<void> {
  const head = {
    id: `chatcmpl-${randomUUID().replaceAll("-", "")}`,
    created: Math.floor(Date.now() / 1000),
    model: runner.name,
  };
  return request.stream
    ? streamed(exchange, runner, request, head)
    : inOnePiece(exchange, runner, request, head);
}

interface Head {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

async function inOnePiece(
  exchange: Exchange,
  runner: Runner,
  { task }: ChatRequest,
  head: Head,
): Promise<void> {
  let thinking = "";
  const { result, finish, text } = await runner.run(task, {
    signal: exchange.signal,
    streaming: false,
    emit: (kind, piece) => {
      if (kind === "thinking") thinking += piece;
    },
  });
  const failure = failureOf(result);
  if (failure) throw failure;
  sendJson(exchange, {
    ...head,
    object: "chat.completion",
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: text,
          refusal: null,
          ...(thinking === "" ? {} : { reasoning_content: thinking }),
        },
        logprobs: null,
        finish_reason: finishOf(result, finish),
      },
    ],
    usage: usageOf(result.totals),
    harnessx: factsOf(result),
  });
}

async function streamed(
  exchange: Exchange,
  runner: Runner,
  { task, includeUsage }: ChatRequest,
  head: Head,
): Promise<void> {
  let stream: EventStream | undefined;
  const chunk = (choices: readonly unknown[], more = {}): void =>
    stream?.send({
      ...head,
      object: "chat.completion.chunk",
      choices,
      ...(includeUsage ? { usage: null } : {}),
      ...more,
    });
  const delta = (fields: object, reason: string | null = null, more = {}): void =>
    chunk([{ index: 0, delta: fields, logprobs: null, finish_reason: reason }], more);
  // Opened by a run that has begun: one that is turned away gets a status of its own.
  const open = (): void => {
    if (stream) return;
    stream = new EventStream(exchange);
    delta({ role: "assistant", content: "" });
  };
  const running = runner.run(task, {
    signal: exchange.signal,
    streaming: true,
    emit: (kind, text) => {
      open();
      delta(kind === "text" ? { content: text } : { reasoning_content: text });
    },
  });
  await Promise.race([running, turn()]);
  open();
  try {
    const { result, finish } = await running;
    const failure = failureOf(result);
    if (failure) throw failure;
    delta({}, finishOf(result, finish), { harnessx: factsOf(result) });
    if (includeUsage) chunk([], { usage: usageOf(result.totals) });
    stream?.send("[DONE]");
  } catch (thrown) {
    stream?.send(thrown instanceof Failure ? thrown : internal());
  } finally {
    stream?.end();
  }
}

/** One turn of the event loop: what fails at once has failed by then. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

const internal = (): Failure =>
  new Failure(500, "server_error", "The server failed.", { code: "internal_error" });

/** What a run cost, all its model calls taken together. */
export const usageOf = ({ inputTokens, outputTokens }: Totals) => ({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
});
