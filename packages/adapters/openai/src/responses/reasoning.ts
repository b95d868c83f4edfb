import type { ThinkingPart } from "@harnessx/core/plugin";
import type OpenAI from "openai";

type ReasoningItem = OpenAI.Responses.ResponseReasoningItem;

/**
 * A reasoning item as a thinking part. Its signature holds the item as JSON: what the provider
 * encrypted goes back to it unchanged. An item that was not encrypted cannot go back.
 */
export function thinkingPartOf(item: ReasoningItem): ThinkingPart {
  const { id, summary, content, encrypted_content: encrypted } = item;
  const texts = (content ?? []).length > 0 ? content! : summary;
  return {
    type: "thinking",
    text: texts.map(({ text }) => text).join("\n\n"),
    ...(encrypted
      ? {
          signature: JSON.stringify({
            type: "reasoning",
            id,
            summary,
            encrypted_content: encrypted,
          }),
        }
      : {}),
  };
}

/** The item of a thinking part that came from here; nothing for other models' thinking. */
export function reasoningItemOf({ signature }: ThinkingPart): ReasoningItem | undefined {
  if (!signature?.startsWith('{"type":"reasoning"')) return undefined;
  try {
    return JSON.parse(signature) as ReasoningItem;
  } catch {
    return undefined;
  }
}
