import type { LanguageModelV3CallOptions, LanguageModelV3FunctionTool } from "@ai-sdk/provider";
import type { ModelRequest } from "@harnessx/core/plugin";
import type { CallOptions, OmittedSetting } from "./options.ts";
import { promptOf, type Generation } from "./prompt.ts";
import { wireName } from "./wire-names.ts";

/** What a provider's model is called with, and what the settings could not say. */
export function callOf(
  request: ModelRequest,
  options: CallOptions,
  generation: Generation,
  signal: AbortSignal,
): { readonly call: LanguageModelV3CallOptions; readonly warnings: readonly string[] } {
  const { omit = [], maxTokens, providerOptions } = options;
  const { sampling } = request;
  const wanted: Record<OmittedSetting, readonly [string, unknown]> = {
    temperature: ["temperature", sampling.temperature],
    topP: ["topP", sampling.topP],
    maxTokens: ["maxOutputTokens", sampling.maxTokens ?? maxTokens],
    stop: ["stopSequences", sampling.stop?.length ? [...sampling.stop] : undefined],
    seed: ["seed", request.seed & 0x7fff_ffff],
  };
  const warnings: string[] = [];
  const settings: Record<string, unknown> = {};
  for (const [setting, [name, value]] of Object.entries(wanted)) {
    if (value === undefined) continue;
    if (!omit.includes(setting as OmittedSetting)) settings[name] = value;
    else if (setting !== "seed")
      warnings.push(`The model does not take the setting ${setting}; it was left out.`);
  }
  const call = {
    prompt: promptOf(request.messages, generation),
    ...settings,
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(toolOf) }),
    ...(providerOptions ? { providerOptions } : {}),
    abortSignal: signal,
  };
  return { call: call as LanguageModelV3CallOptions, warnings };
}

const toolOf = ({ name, description, inputSchema }: ModelRequest["tools"][number]) =>
  ({
    type: "function",
    name: wireName(name),
    description,
    inputSchema: inputSchema as LanguageModelV3FunctionTool["inputSchema"],
  }) satisfies LanguageModelV3FunctionTool;
