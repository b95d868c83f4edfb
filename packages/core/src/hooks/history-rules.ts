import type { HistoryItem } from "./events.ts";

/** The invariants of a conversation: checked after every structural edit, in every run. Says what is broken. */
export function historyProblem(items: readonly HistoryItem[]): string | undefined {
  if (items.length === 0) return "the history would be empty";
  const open = new Set<string>();
  for (const [index, item] of items.entries()) {
    if ("summary" in item || item.role === "user") {
      if (open.size > 0) return `call ${[...open][0]} would lose its result`;
      continue;
    }
    if (item.role === "system") {
      if (index !== 0) return "a system message would not be first";
    } else if (item.role === "assistant") {
      if (open.size > 0) return `call ${[...open][0]} would lose its result`;
      for (const call of item.toolCalls) open.add(call.id);
    } else if (!open.delete(item.callId)) {
      return `the result of call ${item.callId} would have no call`;
    }
  }
  if (open.size > 0) return `call ${[...open][0]} would lose its result`;
  return items.some((item) => "summary" in item || item.role !== "system")
    ? undefined
    : "only the system message would be left";
}
