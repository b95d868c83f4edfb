import type { ModelRequest } from "@harnessx/core/plugin";
import type OpenAI from "openai";
import { OPENAI_URL, type OpenAIOptions } from "../options.ts";
import { withOverrides } from "../overrides.ts";
import { settingsToSend } from "../sampling.ts";
import { wireName } from "../wire-names.ts";
import { chatMessages } from "./messages.ts";

/** The body of a Chat Completions request, and what the settings could not say. */
export function chatRequest(
  request: ModelRequest,
  options: OpenAIOptions,
): {
  readonly body: OpenAI.ChatCompletionCreateParamsNonStreaming;
  readonly warnings: readonly string[];
} {
  const { temperature, topP, maxTokens, stop, seed, warnings } = settingsToSend(request, options);
  const body = {
    model: options.model,
    messages: chatMessages(request.messages, options.sendReasoning ?? false),
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(chatTool) }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(maxTokens === undefined ? {} : { [limitField(options)]: maxTokens }),
    ...(stop === undefined || stop.length === 0 ? {} : { stop: [...stop] }),
    ...(seed === undefined ? {} : { seed }),
    ...(options.reasoningEffort === undefined ? {} : { reasoning_effort: options.reasoningEffort }),
    ...(options.logprobs ? { logprobs: true } : {}),
    ...(options.tokenIds ? { return_token_ids: true } : {}),
  };
  return {
    body: withOverrides(
      body,
      options.body,
    ) as unknown as OpenAI.ChatCompletionCreateParamsNonStreaming,
    warnings,
  };
}

/** OpenAI's reasoning models refuse the old name; many other servers do not know the new one. */
function limitField({ maxTokensField = "auto", baseURL = OPENAI_URL }: OpenAIOptions): string {
  if (maxTokensField !== "auto") return maxTokensField;
  const isOpenAI = /^https:\/\/([\w-]+\.)*(openai\.com|openai\.azure\.com)(\/|$)/.test(baseURL);
  return isOpenAI ? "max_completion_tokens" : "max_tokens";
}

const chatTool = ({ name, description, inputSchema }: ModelRequest["tools"][number]) => ({
  type: "function" as const,
  function: { name: wireName(name), description, parameters: inputSchema },
});
