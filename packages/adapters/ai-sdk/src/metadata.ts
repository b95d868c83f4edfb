import type { SharedV3ProviderMetadata } from "@ai-sdk/provider";
import type { Part, ThinkingPart } from "@harnessx/core/plugin";

/**
 * Providers attach data to reasoning and to tool calls that must come back with them: signatures,
 * ids, encrypted thoughts. It travels as JSON in the signature of a thinking part; that of calls in
 * a part without text, by the number of the call, for ids may change.
 */
interface Carried {
  readonly type: "ai-sdk";
  readonly reasoning?: SharedV3ProviderMetadata;
  readonly calls?: Readonly<Record<number, SharedV3ProviderMetadata>>;
}

const BEGINNING = '{"type":"ai-sdk"';

/** A thinking part with what the provider attached to it. */
export function thinkingPart(text: string, reasoning?: SharedV3ProviderMetadata): ThinkingPart {
  const carried: Carried = { type: "ai-sdk", reasoning };
  return { type: "thinking", text, ...(reasoning ? { signature: JSON.stringify(carried) } : {}) };
}

/** What is attached to calls, as a part; nothing when nothing is. */
export function callsPart(calls: Record<number, SharedV3ProviderMetadata>): ThinkingPart[] {
  if (Object.keys(calls).length === 0) return [];
  const carried: Carried = { type: "ai-sdk", calls };
  return [{ type: "thinking", text: "", signature: JSON.stringify(carried) }];
}

/** What a part carries; nothing for thinking that came from elsewhere. */
export function carriedBy(part: Part): Carried | undefined {
  if (part.type !== "thinking" || !part.signature?.startsWith(BEGINNING)) return undefined;
  return JSON.parse(part.signature) as Carried;
}
