import type Anthropic from "@anthropic-ai/sdk";
import type { ThinkingPart } from "@harnessx/core/plugin";

/** What marks the signature of thinking that the provider hides: its data follows, as JSON. */
const REDACTED = '{"type":"redacted_thinking"';

/** A thinking block as a part; hidden thinking has no text, and its data is the signature. */
export function thinkingPartOf(
  block: Anthropic.ThinkingBlock | Anthropic.RedactedThinkingBlock,
): ThinkingPart {
  if (block.type === "thinking") {
    const { thinking: text, signature } = block;
    return { type: "thinking", text, ...(signature ? { signature } : {}) };
  }
  const { type, data } = block;
  return { type: "thinking", text: "", signature: JSON.stringify({ type, data }) };
}

/** The block of a part that came from here, unchanged; nothing for other models' thinking, which the API refuses. */
export function thinkingBlockOf({
  text,
  signature,
}: ThinkingPart): Anthropic.ThinkingBlockParam | Anthropic.RedactedThinkingBlockParam | undefined {
  if (signature?.startsWith(REDACTED)) {
    const { data } = JSON.parse(signature) as { data: string };
    return { type: "redacted_thinking", data };
  }
  // Other adapters put JSON into their signatures.
  if (!signature || signature.startsWith("{")) return undefined;
  return { type: "thinking", thinking: text, signature };
}
