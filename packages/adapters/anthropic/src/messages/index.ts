import type Anthropic from "@anthropic-ai/sdk";
import type { ModelDelta, ModelRequest, ModelResponse } from "@harnessx/core/plugin";
import { anthropicError } from "../errors.ts";
import type { AnthropicOptions } from "../options.ts";
import { requireEventStream } from "../transport/connection.ts";
import { excerptOf } from "../transport/excerpt.ts";
import { abortedBy } from "../transport/failure.ts";
import { namesOnWire } from "../wire-names.ts";
import { Leg, responseOf } from "./answer.ts";
import { messagesRequest } from "./request.ts";

/** Not `messages.create`, which prints warnings about old models. */
const PATH = "/v1/messages";

/** How often a model that paused in the middle of its turn is asked to go on. */
const MAX_LEGS = 8;

/** The Messages API. Failures are whatever the client throws. */
export function messagesApi(client: Anthropic, options: AnthropicOptions) {
  const { model } = options;

  const ask = async (body: Anthropic.MessageCreateParamsNonStreaming, signal: AbortSignal) => {
    const message = await client.post<Anthropic.Message>(PATH, { body, signal });
    if (!Array.isArray((message as { readonly content?: unknown } | null)?.content)) {
      const problem = `it has no content: ${excerptOf(message)}`;
      throw anthropicError("HX_ANTHROPIC_ANSWER", { model, problem }, false);
    }
    return Leg.of(message);
  };

  async function* listen(
    body: Anthropic.MessageCreateParamsNonStreaming,
    signal: AbortSignal,
  ): AsyncGenerator<ModelDelta, Leg> {
    const { data, response } = await client
      .post<AsyncIterable<Anthropic.RawMessageStreamEvent>>(PATH, {
        body: { ...body, stream: true },
        stream: true,
        signal,
      })
      .withResponse();
    requireEventStream(response, model);
    const leg = new Leg();
    for await (const event of data) {
      const news = leg.take(event);
      if (news?.thinking) yield { type: "thinking", text: news.thinking };
      if (news?.text) yield { type: "text", text: news.text };
    }
    // The client ends its stream in silence when it is aborted.
    if (signal.aborted) throw abortedBy(signal);
    if (!leg.isComplete) {
      const problem = "the stream stopped without its last event.";
      throw anthropicError("HX_ANTHROPIC_CUT", { model, problem }, true);
    }
    return leg;
  }

  return {
    async whole(request: ModelRequest, signal: AbortSignal): Promise<ModelResponse> {
      const { body, warnings } = messagesRequest(request, options);
      const legs: Leg[] = [];
      do {
        legs.push(await ask(continued(body, legs), signal));
      } while (isPaused(legs));
      return responseOf(legs, warnings, namesOnWire(request.tools));
    },

    async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelDelta> {
      const { body, warnings } = messagesRequest(request, options);
      const legs: Leg[] = [];
      do {
        legs.push(yield* listen(continued(body, legs), signal));
      } while (isPaused(legs));
      const response = responseOf(legs, warnings, namesOnWire(request.tools));
      yield { type: "response", response };
    },
  };
}

const isPaused = (legs: readonly Leg[]): boolean =>
  legs.at(-1)!.stopReason === "pause_turn" && legs.length < MAX_LEGS;

/** The request with what the model said before its pauses, word for word. */
function continued(
  body: Anthropic.MessageCreateParamsNonStreaming,
  legs: readonly Leg[],
): Anthropic.MessageCreateParamsNonStreaming {
  if (legs.length === 0) return body;
  const content = legs.flatMap(({ blocks }) => blocks) as Anthropic.ContentBlockParam[];
  return { ...body, messages: [...body.messages, { role: "assistant", content }] };
}
