import { defineProcessor, replace, textOf, type StepStartEvent } from "@harnessx/core/plugin";
import { middleOf } from "./middle.ts";
import { isSummary, mechanicalSummary, titled, transcriptOf } from "./summary.ts";

/** Options of the compaction processor. */
export interface CompactionOptions {
  /** Compact when the history is estimated at more tokens; 0 never. */
  readonly maxTokens: number;
  /** Compact when the history has more messages; 0 never. */
  readonly maxMessages: number;
  /** Newest messages to keep; more where a tool call would lose its result. */
  readonly keepLast: number;
  readonly strategy: "summarize" | "evict" | "model";
  /** Longest summary that is made from the messages. */
  readonly maxSummaryChars: number;
  /** System prompt of the strategy `model`. */
  readonly instruction: string;
}

/** The role that writes summaries for the strategy `model`. */
const summarizer = "summarizer";

/** Takes the middle out of a conversation that has grown too long. */
export default defineProcessor<CompactionOptions>((run, options) => {
  run.hooks.stepStart.tap("compact", (event) => {
    if (!isTooLong(event, options) || isEdited(event)) return undefined;
    const range = middleOf(event.history, options.keepLast);
    if (!range) return undefined;
    const { start, end } = range;
    if (options.strategy === "evict") {
      return replace(event.evict((_message, index) => index < start || index >= end));
    }
    const messages = event.history.slice(start, end);
    if (messages.length === 1 && isSummary(messages[0]!)) return undefined;
    if (options.strategy === "summarize") {
      const body = mechanicalSummary(messages, options.maxSummaryChars);
      return replace(event.summarize(start, end, titled(messages, body)));
    }
    return run
      .model(summarizer)
      .generate({ system: options.instruction, user: transcriptOf(messages) })
      .then(({ content }) =>
        replace(event.summarize(start, end, titled(messages, textOf(content)))),
      );
  });
});

function isTooLong(event: StepStartEvent, { maxTokens, maxMessages }: CompactionOptions): boolean {
  return (
    (maxTokens > 0 && event.tokens > maxTokens) ||
    (maxMessages > 0 && event.history.length > maxMessages)
  );
}

/** Another processor has edited the history in this step: positions no longer fit, so wait for the next. */
function isEdited(event: StepStartEvent): boolean {
  return event.edits.some(({ op }) => op === "evict" || op === "summarize");
}
