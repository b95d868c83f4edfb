import {
  callKey,
  describeCall,
  textOf,
  type MessageList,
  type ToolCall,
} from "@harnessx/core/plugin";
import { hashText, type Outcome } from "./detect.ts";

/** The latest calls; plain JSON, because a swap hands it over. */
export type LogState = {
  /** Id of the last message that was read. */
  readUpTo: number;
  /** The last `window` calls, oldest first. */
  calls: Outcome[];
  /** Hashes of replies, to tell new ones. */
  seen: number[];
  /** Calls in a row that showed nothing new. */
  still: number;
};

/** State before anything has been read. */
export function emptyLog(): LogState {
  return { readUpTo: -1, calls: [], seen: [], still: 0 };
}

/** A reply that has not been seen for so long counts as new. */
const maxSeen = 500;

/** Reads the tool results behind the last message that was read, and no other. */
export function readNewCalls(log: LogState, history: MessageList, window: number): void {
  let start = history.length;
  // Ids grow with time, except that a summary stands before messages that are older than itself.
  while (start > 0 && history.at(start - 1)!.id > log.readUpTo) start -= 1;
  const calls = new Map<string, ToolCall>();
  for (let index = start; index < history.length; index += 1) {
    const message = history.at(index)!;
    if (message.role === "assistant")
      for (const call of message.toolCalls) calls.set(call.id, call);
    if (message.role !== "tool") continue;
    const call = calls.get(message.callId);
    if (call) add(log, call, textOf(message), message.status === "refused");
  }
  if (log.calls.length > window) log.calls.splice(0, log.calls.length - window);
  if (log.seen.length > maxSeen) log.seen.splice(0, log.seen.length - maxSeen);
  log.readUpTo = history.at(-1)?.id ?? log.readUpTo;
}

function add(log: LogState, call: ToolCall, text: string, refused: boolean): void {
  const key = callKey(call);
  // To insist on a call that is refused is to go on repeating it.
  const before = refused ? log.calls.findLast((other) => other.key === key) : undefined;
  const reply = before?.reply ?? hashText(text);
  const known = log.seen.lastIndexOf(reply);
  if (known >= 0) log.seen.splice(known, 1);
  log.seen.push(reply);
  log.still = known >= 0 ? log.still + 1 : 0;
  log.calls.push({ key, action: describeCall(call), reply });
}
