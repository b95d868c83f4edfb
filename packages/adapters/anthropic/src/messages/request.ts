import type Anthropic from "@anthropic-ai/sdk";
import { textOf, type ModelRequest } from "@harnessx/core/plugin";
import { MAX_TOKENS, THINKING_BUDGET, type AnthropicOptions } from "../options.ts";
import { withOverrides } from "../overrides.ts";
import { wireName } from "../wire-names.ts";
import { markForCaching } from "./caching.ts";
import { conversation, type Turn } from "./conversation.ts";

/** The body of a Messages request, and what the settings could not say. */
export function messagesRequest(
  request: ModelRequest,
  options: AnthropicOptions,
): {
  readonly body: Anthropic.MessageCreateParamsNonStreaming;
  readonly warnings: readonly string[];
} {
  const { cache = "5m", effort, maxTokens = MAX_TOKENS } = options;
  const warnings: string[] = [];
  const turns: Turn[] = conversation(request.messages);
  const tools = request.tools.map(toolOf);
  const system = systemOf(request);
  if (cache !== "off") markForCaching({ tools, system, turns }, cache);
  const limit = request.sampling.maxTokens ?? maxTokens;
  const thinking = thinkingOf(options, limit, warnings);
  const body = {
    model: options.model,
    max_tokens: limit,
    messages: turns,
    ...(system.length === 0 ? {} : { system }),
    ...(tools.length === 0 ? {} : { tools }),
    ...samplingOf(request, options, thinking !== undefined, warnings),
    ...(thinking ? { thinking } : {}),
    ...(effort === undefined ? {} : { output_config: { effort } }),
  };
  return {
    body: withOverrides(body, options.body) as unknown as Anthropic.MessageCreateParamsNonStreaming,
    warnings,
  };
}

function systemOf({ messages }: ModelRequest): Anthropic.TextBlockParam[] {
  const first = messages.at(0);
  const text = first?.role === "system" ? textOf(first) : "";
  return text.trim() === "" ? [] : [{ type: "text", text }];
}

const toolOf = ({
  name,
  description,
  inputSchema,
}: ModelRequest["tools"][number]): Anthropic.Tool => ({
  name: wireName(name),
  description,
  input_schema: inputSchema as Anthropic.Tool.InputSchema,
});

const LEAST_BUDGET = 1_024;

function thinkingOf(
  { thinking = "none", thinkingBudget = THINKING_BUDGET }: AnthropicOptions,
  limit: number,
  warnings: string[],
): Anthropic.ThinkingConfigParam | undefined {
  if (thinking === "none") return undefined;
  if (thinking === "adaptive") return { type: "adaptive" };
  // The budget is a part of the limit and must leave something for the answer.
  const budget_tokens = Math.min(thinkingBudget, limit - 1);
  if (budget_tokens >= LEAST_BUDGET) return { type: "enabled", budget_tokens };
  warnings.push(`A limit of ${limit} tokens leaves no room to think; thinking was left out.`);
  return undefined;
}

function samplingOf(
  { sampling: { temperature, topP, stop } }: ModelRequest,
  { omit = [] }: AnthropicOptions,
  thinks: boolean,
  warnings: string[],
): Record<string, unknown> {
  const wanted = {
    temperature: ["temperature", temperature],
    topP: ["top_p", topP],
    stop: ["stop_sequences", stop?.length ? [...stop] : undefined],
  } as const;
  const sent: Record<string, unknown> = {};
  for (const [setting, [name, value]] of Object.entries(wanted)) {
    if (value === undefined) continue;
    if (omit.includes(setting as keyof typeof wanted))
      warnings.push(`The model does not take the setting ${setting}; it was left out.`);
    else if (thinks && setting !== "stop")
      warnings.push(`The setting ${setting} cannot go with thinking; it was left out.`);
    else sent[name] = value;
  }
  return sent;
}
