import type { Message, MessageList, Part } from "@harnessx/core/plugin";

/** What may be kept. */
export interface WindowLimits {
  readonly maxMessages: number;
  readonly maxTokens: number;
  readonly slack: number;
}

const charsPerToken = 4;
const tokensPerImage = 800;

/**
 * Where the window begins, or nothing when all fits into it.
 *
 * A call and its results lie on one side of the border; the newest of such groups is always kept.
 * Looks at the kept messages and at most one group beyond, never at the whole history.
 */
export function windowStart(
  history: MessageList,
  isPinned: (id: number, role: string) => boolean,
  { maxMessages, maxTokens, slack }: WindowLimits,
): number | undefined {
  const tooMany = maxMessages > 0 && looseCount(history, isPinned, maxMessages) > maxMessages;
  const tooLong = maxTokens > 0 && history.tokens > maxTokens;
  if (!tooMany && !tooLong) return undefined;
  const goalMessages = tooMany ? Math.max(1, Math.floor(maxMessages * (1 - slack))) : Infinity;
  // What has to go, rather than what may stay: the estimate of the whole is the runtime's own.
  const goalTokens = tooLong ? maxTokens * (1 - slack) - pinnedTokens(history, isPinned) : Infinity;
  let start = history.length;
  let count = 0;
  let tokens = 0;
  for (let end = history.length; end > 0;) {
    let first = end - 1;
    while (first > 0 && history.at(first)!.role === "tool") first -= 1;
    const group = history.slice(first, end).filter(({ id, role }) => !isPinned(id, role));
    count += group.length;
    for (const message of group) tokens += tokensOf(message);
    if (start < history.length && (count > goalMessages || tokens > goalTokens)) break;
    start = first;
    end = first;
  }
  return start > 0 && hasLoose(history, start, isPinned) ? start : undefined;
}

/** Messages that are not pinned, as far as it matters: pinned ones are two at most. */
function looseCount(
  history: MessageList,
  isPinned: (id: number, role: string) => boolean,
  limit: number,
): number {
  if (history.length <= limit) return 0;
  if (history.length > limit + 2) return history.length;
  return history.slice().filter(({ id, role }) => !isPinned(id, role)).length;
}

/** Whether anything before `start` may go; a history that was cut before begins with the pinned messages. */
function hasLoose(
  history: MessageList,
  start: number,
  isPinned: (id: number, role: string) => boolean,
): boolean {
  for (let index = 0; index < start; index += 1) {
    const { id, role } = history.at(index)!;
    if (!isPinned(id, role)) return true;
  }
  return false;
}

/** The system prompt is the first message, and behind an earlier cut the task is the second. */
function pinnedTokens(
  history: MessageList,
  isPinned: (id: number, role: string) => boolean,
): number {
  let tokens = 0;
  for (let index = 0; index < Math.min(2, history.length); index += 1) {
    const message = history.at(index)!;
    if (isPinned(message.id, message.role)) tokens += tokensOf(message);
  }
  return tokens;
}

/** Four characters a token, arguments of calls included: as the runtime counts. */
function tokensOf(message: Message): number {
  let tokens = 0;
  for (const part of message.content) tokens += partTokens(part);
  if (message.role !== "assistant") return tokens;
  for (const { name, input } of message.toolCalls) {
    const length = typeof input === "string" ? input.length : (JSON.stringify(input)?.length ?? 0);
    tokens += Math.ceil((name.length + length) / charsPerToken);
  }
  return tokens;
}

function partTokens(part: Part): number {
  return part.type === "image" ? tokensPerImage : Math.ceil(part.text.length / charsPerToken);
}
