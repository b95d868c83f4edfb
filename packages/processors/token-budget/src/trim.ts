import type { MessageList } from "@harnessx/core/plugin";
import { tokensOf } from "./size.ts";

/**
 * Positions of the oldest messages that together take at least `tokens`, or of all that may go.
 *
 * The system message, the first and the newest user message and the newest `keepLast` messages stay;
 * a call goes with its results or not at all.
 */
export function oldestToDrop(
  history: MessageList,
  tokens: number,
  keepLast: number,
): ReadonlySet<number> {
  const dropped = new Set<number>();
  const newestUser = history.lastUser();
  const end = borderBefore(history, history.length - keepLast);
  let freed = 0;
  let index = firstUser(history) + 1;
  while (index < end && freed < tokens) {
    const next = unitEnd(history, index);
    if (history.at(index) !== newestUser) {
      for (let position = index; position < next; position += 1) {
        freed += tokensOf(history.at(position)!);
        dropped.add(position);
      }
    }
    index = next;
  }
  return dropped;
}

function firstUser(history: MessageList): number {
  let index = 0;
  while (index < history.length && history.at(index)!.role !== "user") index += 1;
  return index;
}

/** The nearest position at or before `index` that does not part a call from its results. */
function borderBefore(history: MessageList, index: number): number {
  let border = Math.max(0, index);
  while (border > 0 && history.at(border)?.role === "tool") border -= 1;
  return border;
}

/** A message and, where it holds calls, their results. */
function unitEnd(history: MessageList, index: number): number {
  let end = index + 1;
  while (history.at(end)?.role === "tool") end += 1;
  return end;
}
