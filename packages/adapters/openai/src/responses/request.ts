import type { ModelRequest } from "@harnessx/core/plugin";
import { textOf } from "@harnessx/core/plugin";
import type OpenAI from "openai";
import type { OpenAIOptions } from "../options.ts";
import { withOverrides } from "../overrides.ts";
import { settingsToSend } from "../sampling.ts";
import { wireName } from "../wire-names.ts";
import { responsesInput } from "./input.ts";

/** The body of a Responses request, and what the settings could not say. */
export function responsesRequest(
  request: ModelRequest,
  options: OpenAIOptions,
): {
  readonly body: OpenAI.Responses.ResponseCreateParamsNonStreaming;
  readonly warnings: readonly string[];
} {
  const { temperature, topP, maxTokens, warnings } = settingsToSend(request, options, [
    "stop",
    "seed",
  ]);
  const first = request.messages.at(0);
  const { reasoningEffort: effort, reasoningSummary: summary, store = false } = options;
  const body = {
    model: options.model,
    input: responsesInput(request.messages),
    ...(first?.role === "system" ? { instructions: textOf(first) } : {}),
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(responsesTool) }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(maxTokens === undefined ? {} : { max_output_tokens: maxTokens }),
    ...(effort === undefined && summary === undefined
      ? {}
      : { reasoning: { ...(effort ? { effort } : {}), ...(summary ? { summary } : {}) } }),
    store,
    // The history is ours alone, so reasoning must travel with it.
    include: ["reasoning.encrypted_content"],
  };
  return {
    body: withOverrides(
      body,
      options.body,
    ) as unknown as OpenAI.Responses.ResponseCreateParamsNonStreaming,
    warnings,
  };
}

const responsesTool = ({ name, description, inputSchema }: ModelRequest["tools"][number]) => ({
  type: "function" as const,
  name: wireName(name),
  description,
  parameters: inputSchema,
  // The API's default, strict, refuses schemas with optional fields.
  strict: false,
});
