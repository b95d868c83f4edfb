import { textOf, type MessageList } from "@harnessx/core/plugin";

/** An answer and what was said to it. */
export interface Exchange {
  readonly answer: string;
  readonly feedback: string;
  /** Id of the message that holds the feedback. */
  readonly feedbackId: number;
}

/** An answer further back than this is not what the feedback is about. */
const maxLookback = 40;

/**
 * The last answer and the feedback on it; nothing when a tool has been used since, whose result is
 * evidence, or when nobody has said anything.
 */
export function lastExchange(
  messages: MessageList,
  isFeedbackTool: (name: string) => boolean,
): Exchange | undefined {
  let feedback: { readonly text: string; readonly id: number } | undefined;
  const end = Math.max(0, messages.length - maxLookback);
  for (let index = messages.length - 1; index >= end; index -= 1) {
    const message = messages.at(index)!;
    if (message.role === "system") return undefined;
    const text = textOf(message).trim();
    if (!feedback) {
      if (message.role === "assistant") {
        // What was said beside the call of a feedback tool is the answer that it judges.
        if (message.toolCalls.length === 0) return undefined;
      } else if (message.role === "tool" && !isFeedbackTool(message.name)) {
        return undefined;
      } else {
        feedback = { text, id: message.id };
      }
      continue;
    }
    if (message.role === "user") return undefined;
    if (message.role === "tool" && !isFeedbackTool(message.name)) continue;
    if (message.role === "assistant" && text !== "")
      return { answer: text, feedback: feedback.text, feedbackId: feedback.id };
  }
  return undefined;
}
