import type { ModelClient, ModelDelta, ModelResponse } from "@harnessx/core/plugin";
import { anthropicError } from "./errors.ts";
import { messagesApi } from "./messages/index.ts";
import type { AnthropicOptions } from "./options.ts";
import { connect } from "./transport/connection.ts";
import { failureOf } from "./transport/failure.ts";
import { scrubber } from "./transport/secrets.ts";

/**
 * A Claude model behind the Messages API.
 *
 * Calls reject with an `AnthropicModelError`; its `retryable` tells the retry policy of `models.json`
 * whether to repeat, and `details.retryAfterMs` is what the server asked for. Nothing is retried here.
 *
 * @example
 * ```ts
 * import { createAnthropicModel } from "@harnessx/adapter-anthropic";
 * const model = createAnthropicModel({ model: "claude-sonnet-5-5", apiKey: "…" });
 * model.id; // "claude-sonnet-5-5"
 * ```
 */
export function createAnthropicModel(options: AnthropicOptions): ModelClient {
  const { model } = options;
  const api = messagesApi(connect(options), options);
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
  throw anthropicError("HX_ANTHROPIC_CUT", { model, problem: "there was no response." }, true);
}
