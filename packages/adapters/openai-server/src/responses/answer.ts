import { sendJson, type Exchange } from "../http/exchange.ts";
import { Failure } from "../http/failure.ts";
import { EventStream } from "../http/sse.ts";
import { failureOf } from "../run/outcome.ts";
import type { Runner } from "../run/runner.ts";
import type { ResponsesRequest } from "./request.ts";
import {
  begunResponse,
  endedResponse,
  failedResponse,
  outputMessage,
  outputText,
  responseHead,
  type ResponseHead,
} from "./response.ts";

/** Answers POST /v1/responses. */
export async function answerResponses(
  exchange: Exchange,
  runner: Runner,
  request: ResponsesRequest,
): Promise<void> {
  const head = responseHead(runner.name, request.instructions);
  if (request.stream) return streamed(exchange, runner, request, head);
  const ended = await runner.run(request.task, {
    signal: exchange.signal,
    streaming: false,
    emit: () => undefined,
  });
  const failure = failureOf(ended.result);
  if (failure) throw failure;
  sendJson(exchange, endedResponse(head, ended));
}

async function streamed(
  exchange: Exchange,
  runner: Runner,
  { task }: ResponsesRequest,
  head: ResponseHead,
): Promise<void> {
  let stream: ResponseEvents | undefined;
  const open = (): ResponseEvents => (stream ??= new ResponseEvents(exchange, head));
  const running = runner.run(task, {
    signal: exchange.signal,
    streaming: true,
    emit: (kind, text) => {
      if (kind === "text") open().delta(text);
    },
  });
  await Promise.race([running, new Promise((resolve) => void setImmediate(resolve))]);
  const events = open();
  try {
    const ended = await running;
    const failure = failureOf(ended.result);
    if (failure) throw failure;
    events.end(endedResponse(head, ended), ended.text);
  } catch (thrown) {
    events.fail(
      thrown instanceof Failure
        ? thrown
        : new Failure(500, "server_error", "The server failed.", { code: "internal_error" }),
    );
  }
}

/** The events of one streamed response, in the order in which clients expect them. */
class ResponseEvents {
  readonly #stream: EventStream;
  #number = 0;

  constructor(
    exchange: Exchange,
    readonly head: ResponseHead,
  ) {
    this.#stream = new EventStream(exchange);
    this.#send("response.created", { response: begunResponse(head) });
    this.#send("response.in_progress", { response: begunResponse(head) });
    const item = outputMessage(head, "", "in_progress");
    this.#send("response.output_item.added", { output_index: 0, item });
    this.#send("response.content_part.added", { ...this.#place, part: outputText("") });
  }

  delta(delta: string): void {
    this.#send("response.output_text.delta", { ...this.#place, delta, logprobs: [] });
  }

  end(response: ReturnType<typeof endedResponse>, text: string): void {
    this.#send("response.output_text.done", { ...this.#place, text, logprobs: [] });
    this.#send("response.content_part.done", { ...this.#place, part: outputText(text) });
    this.#send("response.output_item.done", { output_index: 0, item: response.output[0] });
    this.#send(`response.${response.status}`, { response });
    this.#stream.end();
  }

  fail(failure: Failure): void {
    this.#send("response.failed", { response: failedResponse(this.head, failure) });
    this.#stream.end();
  }

  get #place() {
    return { item_id: this.head.item, output_index: 0, content_index: 0 };
  }

  #send(type: string, fields: object): void {
    this.#stream.send({ type, sequence_number: this.#number, ...fields }, type);
    this.#number += 1;
  }
}
