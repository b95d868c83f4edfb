import type OpenAI from "openai";
import type { Api } from "../api.ts";
import { openaiError } from "../errors.ts";
import type { OpenAIOptions } from "../options.ts";
import { abortedBy } from "../transport/failure.ts";
import { requireEventStream } from "../transport/connection.ts";
import { excerptOf } from "../transport/excerpt.ts";
import { namesOnWire } from "../wire-names.ts";
import { ChatAnswer, type ChatChunk } from "./answer.ts";
import { chatRequest } from "./request.ts";

/** Chat Completions. */
export function chatApi(client: OpenAI, options: OpenAIOptions): Api {
  const { model } = options;
  const wantsTokens = options.logprobs === true;
  return {
    async whole(request, signal) {
      const { body, warnings } = chatRequest(request, options);
      const received: unknown = await client.chat.completions.create(body, { signal });
      const chunk = (typeof received === "object" ? received : null) as ChatChunk | null;
      if (!Array.isArray(chunk?.choices) || chunk.choices.length === 0) {
        const problem = `it has no choices: ${excerptOf(received)}`;
        throw openaiError("HX_OPENAI_ANSWER", { model, problem }, false);
      }
      const answer = new ChatAnswer();
      answer.take(chunk);
      return answer.response({ model, warnings, wantsTokens, nameOf: namesOnWire(request.tools) });
    },

    async *stream(request, signal) {
      const { body, warnings } = chatRequest(request, options);
      const streaming = {
        stream_options: { include_usage: true },
        ...body,
        stream: true,
      } as unknown as OpenAI.ChatCompletionCreateParamsStreaming;
      if (options.body?.["stream_options"] === null) delete streaming.stream_options;
      const { data, response } = await client.chat.completions
        .create(streaming, { signal })
        .withResponse();
      requireEventStream(response, model);
      const answer = new ChatAnswer();
      for await (const chunk of data) {
        const { text, thinking } = answer.take(chunk as unknown as ChatChunk);
        if (thinking !== "") yield { type: "thinking", text: thinking };
        if (text !== "") yield { type: "text", text };
      }
      // The client ends its stream in silence when it is aborted.
      if (signal.aborted) throw abortedBy(signal);
      if (!answer.isFinished) {
        const problem = "the stream stopped without a finish reason.";
        throw openaiError("HX_OPENAI_CUT", { model, problem }, true);
      }
      const nameOf = namesOnWire(request.tools);
      yield {
        type: "response",
        response: answer.response({ model, warnings, wantsTokens, nameOf }),
      };
    },
  };
}
