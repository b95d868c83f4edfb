import type OpenAI from "openai";
import type { Api } from "../api.ts";
import { openaiError } from "../errors.ts";
import type { OpenAIOptions } from "../options.ts";
import { requireEventStream } from "../transport/connection.ts";
import { excerptOf } from "../transport/excerpt.ts";
import { abortedBy } from "../transport/failure.ts";
import { namesOnWire } from "../wire-names.ts";
import { responseOf } from "./answer.ts";
import { responsesRequest } from "./request.ts";

/** The Responses API. */
export function responsesApi(client: OpenAI, options: OpenAIOptions): Api {
  const { model } = options;
  const noTokens =
    options.logprobs || options.tokenIds
      ? ["The Responses API serves no token ids, so there are no log-probabilities either."]
      : [];
  return {
    async whole(request, signal) {
      const { body, warnings } = responsesRequest(request, options);
      // Not `responses.create`, which trips over an answer that is no object.
      const received: unknown = await client.post("/responses", { body, signal });
      if (!Array.isArray((received as { readonly output?: unknown } | null)?.output)) {
        const problem = `it has no output: ${excerptOf(received)}`;
        throw openaiError("HX_OPENAI_ANSWER", { model, problem }, false);
      }
      const nameOf = namesOnWire(request.tools);
      return responseOf(received as OpenAI.Responses.Response, {
        model,
        warnings: [...warnings, ...noTokens],
        nameOf,
      });
    },

    async *stream(request, signal) {
      const { body, warnings } = responsesRequest(request, options);
      const { data, response } = await client.responses
        .create({ ...body, stream: true }, { signal })
        .withResponse();
      requireEventStream(response, model);
      let received: OpenAI.Responses.Response | undefined;
      for await (const event of data) {
        switch (event.type) {
          case "response.output_text.delta":
          case "response.refusal.delta":
            yield { type: "text", text: event.delta };
            break;
          case "response.reasoning_text.delta":
          case "response.reasoning_summary_text.delta":
            yield { type: "thinking", text: event.delta };
            break;
          case "response.completed":
          case "response.incomplete":
          case "response.failed":
            received = event.response;
            break;
          case "error":
            throw openaiError("HX_OPENAI_UNAVAILABLE", { model, problem: event.message }, true);
          default:
        }
      }
      if (signal.aborted) throw abortedBy(signal);
      if (!received) {
        const problem = "the stream stopped without its last event.";
        throw openaiError("HX_OPENAI_CUT", { model, problem }, true);
      }
      const nameOf = namesOnWire(request.tools);
      yield {
        type: "response",
        response: responseOf(received, { model, warnings: [...warnings, ...noTokens], nameOf }),
      };
    },
  };
}
