import type { ModelClient, ModelDelta, ModelResponse } from "@harnessx/core/plugin";
import { chatApi } from "./chat/index.ts";
import { openaiError } from "./errors.ts";
import type { OpenAIOptions } from "./options.ts";
import { responsesApi } from "./responses/index.ts";
import { connect } from "./transport/connection.ts";
import { failureOf } from "./transport/failure.ts";
import { scrubber } from "./transport/secrets.ts";

/**
 * A model behind the OpenAI API or a compatible one.
 *
 * Calls reject with an `OpenAIModelError`; its `retryable` tells the retry policy of `models.json`
 * whether to repeat, and `details.retryAfterMs` is what the server asked for. Nothing is retried here.
 *
 * @example
 * ```ts
 * import { createOpenAIModel } from "@harnessx/adapter-openai";
 * const model = createOpenAIModel({ model: "gpt-5", apiKey: "…", api: "responses" });
 * model.id; // "gpt-5"
 * ```
 */
export function createOpenAIModel(options: OpenAIOptions): ModelClient {
  const client = connect(options);
  const api =
    options.api === "responses" ? responsesApi(client, options) : chatApi(client, options);
  const { model } = options;
  const scrub = scrubber([options.apiKey, ...Object.values(options.headers ?? {})]);

  const stream: NonNullable<ModelClient["stream"]> = async function* (request, { signal }) {
    try {
      yield* api.stream(request, signal);
    } catch (thrown) {
      throw failureOf(thrown, { model, signal, scrub });
    }
  };
  return {
    id: model,
    policy: "model",
    async generate(request, context) {
      if (options.alwaysStream) return lastOf(stream(request, context), model);
      const { signal } = context;
      try {
        return await api.whole(request, signal);
      } catch (thrown) {
        throw failureOf(thrown, { model, signal, scrub });
      }
    },
    stream,
  };
}

async function lastOf(deltas: AsyncIterable<ModelDelta>, model: string): Promise<ModelResponse> {
  for await (const delta of deltas) if (delta.type === "response") return delta.response;
  throw openaiError("HX_OPENAI_CUT", { model, problem: "there was no response." }, true);
}
