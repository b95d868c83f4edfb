import type { ModelRequest } from "@harnessx/core/plugin";
import type { OmittedSetting, OpenAIOptions } from "./options.ts";

/** What of a request's sampling goes out, and what of it cannot. */
export interface SettingsToSend {
  readonly temperature?: number;
  readonly topP?: number;
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
  /** A positive 31-bit integer, which every server accepts. */
  readonly seed?: number;
  readonly warnings: readonly string[];
}

/** The settings of a request that this model and API take. */
export function settingsToSend(
  { sampling, seed }: ModelRequest,
  { omit = [], maxTokens }: OpenAIOptions,
  unknownToApi: readonly OmittedSetting[] = [],
): SettingsToSend {
  const wanted = {
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...sampling,
    seed: seed & 0x7fff_ffff,
  };
  const left = [...omit, ...unknownToApi];
  const sent = Object.entries(wanted).filter(
    ([name, value]) => value !== undefined && !left.includes(name as OmittedSetting),
  );
  const warnings = left
    // A seed is in every request; that it is not used is no news.
    .filter((name) => name !== "seed" && wanted[name] !== undefined)
    .map((name) => `The model does not take the setting ${name}; it was left out.`);
  return { ...Object.fromEntries(sent), warnings };
}
