import type { Message } from "@harnessx/core/plugin";
import type { TokenBudgetOptions } from "./options.ts";

/** What the runtime's own estimate assumes. */
const runtimeCharsPerToken = 4;
const tokensPerImage = 800;

/** Tokens of a request whose messages the runtime estimates at `messageTokens`. */
export function requestTokens(messageTokens: number, options: TokenBudgetOptions): number {
  const { charsPerToken, reserveTokens } = options;
  return Math.ceil((messageTokens * runtimeCharsPerToken) / charsPerToken) + reserveTokens;
}

/** The runtime's estimate at which a request reaches `share` of the window. */
export function messageTokensAt(share: number, options: TokenBudgetOptions): number {
  const { maxTokens, charsPerToken, reserveTokens } = options;
  const tokens = ((maxTokens * share - reserveTokens) * charsPerToken) / runtimeCharsPerToken;
  return Math.max(0, tokens);
}

/** Tokens of one message, estimated as the runtime does. */
export function tokensOf(message: Message): number {
  let tokens = 0;
  for (const part of message.content) {
    tokens += part.type === "image" ? tokensPerImage : tokensIn(part.text);
  }
  if (message.role === "assistant") {
    for (const { name, input } of message.toolCalls) tokens += tokensIn(name + asText(input));
  }
  return tokens;
}

function tokensIn(text: string): number {
  return Math.ceil(text.length / runtimeCharsPerToken);
}

function asText(input: unknown): string {
  return typeof input === "string" ? input : (JSON.stringify(input) ?? "");
}
