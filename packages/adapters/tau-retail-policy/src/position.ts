import type { MessageList, ToolStatus } from "@harnessx/core/plugin";

/** What was sent for a gold call: the call, the same once more, or the rest of its items. */
export type CallPart = "call" | "again" | "rest";

/** How far a conversation has come. */
export interface Position {
  /** The newest call of this policy. */
  readonly newest?: {
    readonly index: number;
    readonly part: CallPart;
    /** How it ended; absent while there is no result. */
    readonly status?: ToolStatus;
  };
  /** Answers in words since then. */
  readonly answers: number;
  /** What tells this run from others, as the calls carry it; absent before the first. */
  readonly run?: string;
}

const callId = /^gold\.([0-9a-z]+)\.(\d+)\.(call|again|rest)$/;

/** The id of a call, from which `positionIn` reads where it stands. */
export const idOf = (run: string, index: number, part: CallPart): string =>
  `gold.${run}.${index}.${part}`;

/**
 * Reads the position from the history rather than counting inside, so that a retried, resumed or
 * replayed step gets the same answer again, and from its end, so that compaction does no harm.
 */
export function positionIn(messages: MessageList): Position {
  const statuses = new Map<string, ToolStatus>();
  let answers = 0;
  for (let at = messages.length - 1; at >= 0; at -= 1) {
    const message = messages.at(at)!;
    if (message.role === "tool") statuses.set(message.callId, message.status);
    if (message.role !== "assistant") continue;
    for (const call of message.toolCalls.toReversed()) {
      const match = callId.exec(call.id);
      if (match === null) continue;
      const [, run = "", index, part] = match;
      const status = statuses.get(call.id);
      const newest = { index: Number(index), part: part as CallPart, ...(status && { status }) };
      return { newest, answers, run };
    }
    if (message.toolCalls.length === 0) answers += 1;
  }
  return { answers };
}
