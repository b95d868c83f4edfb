import type { MessageList } from "@harnessx/core/plugin";

/** Positions of messages: `start` inclusive, `end` exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * What may go: everything between the first user message and the last `keepLast` messages. The
 * border never falls between a tool call and its results.
 */
export function middleOf(history: MessageList, keepLast: number): Range | undefined {
  let start = 0;
  while (start < history.length && history.at(start)!.role !== "user") start += 1;
  start += 1;
  let end = Math.max(start, history.length - keepLast);
  while (end > start && history.at(end)?.role === "tool") end -= 1;
  return end > start ? { start, end } : undefined;
}
