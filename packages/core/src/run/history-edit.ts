import { StepStart } from "../hooks/events.ts";
import type { Message } from "../plugin/message.ts";
import type { RunCore } from "./core.ts";
import { toParts } from "./history.ts";
import { toRanges } from "../trace/ranges.ts";

/** Puts an edited history in force. Does nothing when nobody edited. */
export function commitHistory(core: RunCore, event: StepStart): void {
  const items = StepStart.edited(event);
  if (!items) return;
  const messages = items.map((item): Message => {
    if (!("summary" in item)) return item;
    const message = Object.freeze({
      id: core.messageId(),
      role: "user" as const,
      content: toParts(item.summary),
    });
    // The summary joins the history at its end first; the history event then puts it in its place.
    core.recorder.emit({
      seq: 0,
      at: 0,
      type: "message",
      id: message.id,
      role: "user",
      content: message.content,
    });
    return message;
  });
  core.history.reset(messages);
  core.recorder.emit({
    seq: 0,
    at: 0,
    type: "history",
    step: core.step,
    messages: toRanges(messages.map(({ id }) => id)),
  });
}
