import type Anthropic from "@anthropic-ai/sdk";
import type { Turn } from "./conversation.ts";

/** Marks the ends of what stays the same from call to call: tools, system prompt, conversation. */
export function markForCaching(
  parts: {
    readonly tools: Anthropic.Tool[];
    readonly system: Anthropic.TextBlockParam[];
    readonly turns: readonly Turn[];
  },
  ttl: "5m" | "1h",
): void {
  const mark: Anthropic.CacheControlEphemeral = {
    type: "ephemeral",
    ...(ttl === "1h" ? { ttl } : {}),
  };
  const ends: { cache_control?: Anthropic.CacheControlEphemeral | null }[] = [
    ...parts.tools.slice(-1),
    ...parts.system.slice(-1),
    // The one before last finds what the previous call has stored, whatever was added since.
    ...parts.turns
      .filter(({ role }) => role === "user")
      .slice(-2)
      .flatMap(({ content }) => content.slice(-1) as { cache_control?: null }[]),
  ];
  for (const end of ends) end.cache_control = mark;
}
