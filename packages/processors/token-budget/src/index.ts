import { abort, defineProcessor, replace, type StepStartEvent } from "@harnessx/core/plugin";
import type { TokenBudgetOptions } from "./options.ts";
import { messageTokensAt, requestTokens } from "./size.ts";
import { oldestToDrop } from "./trim.ts";

export type { TokenBudgetOptions, TokenBudgetWording } from "./options.ts";

/** Keeps the request below a share of the context window: tells the model once, then trims or ends the task. */
export default defineProcessor<TokenBudgetOptions>((run, options) => {
  // A cell, so that a swap in the middle of the task does not warn a second time.
  const warned = run.cell<boolean>("warned", false);
  const limit = messageTokensAt(options.limitAt, options);
  const warnFrom = messageTokensAt(options.warnAt, options);
  let notice: string | undefined;

  run.hooks.stepStart.tap("limit", (event) => {
    notice = undefined;
    if (event.tokens <= limit) return undefined;
    if (options.onExceed === "end") return abort(reasonToEnd(event.tokens, options));
    const trimmed = trim(event, limit, options);
    if (trimmed === event) {
      run.log("Nothing is left to trim.", { tokens: requestTokens(event.tokens, options) });
      return undefined;
    }
    const count = event.history.length - trimmed.history.length;
    notice = fill(options.wording.trimmed, { count });
    return replace(trimmed);
  });

  run.hooks.beforeModel.tap("tell", (event) => {
    const lines: string[] = [];
    const { tokens } = event.request.messages;
    if (!warned.value && options.warnAt < 1 && tokens >= warnFrom) {
      warned.value = true;
      const { warnEnd, warnTrim } = options.wording;
      const percent = Math.round((requestTokens(tokens, options) / options.maxTokens) * 100);
      lines.push(fill(options.onExceed === "end" ? warnEnd : warnTrim, { percent }));
    }
    if (notice !== undefined) lines.push(notice);
    return lines.length === 0 ? undefined : replace(event.appendUser(lines.join("\n")));
  });
});

/** Reads the whole history, but frees the room between `limitAt` and `trimTo` for the steps to come. */
function trim(event: StepStartEvent, limit: number, options: TokenBudgetOptions): StepStartEvent {
  const target = Math.min(limit, messageTokensAt(options.trimTo, options));
  const trimmed = dropOldest(event, target, options.keepLast);
  return trimmed.tokens > limit ? dropOldest(trimmed, target, 1) : trimmed;
}

function dropOldest(event: StepStartEvent, target: number, keepLast: number): StepStartEvent {
  const dropped = oldestToDrop(event.history, event.tokens - target, keepLast);
  return event.evict((_message, index) => !dropped.has(index));
}

function reasonToEnd(messageTokens: number, options: TokenBudgetOptions): string {
  const used = requestTokens(messageTokens, options);
  const limit = Math.floor(options.maxTokens * options.limitAt);
  return `The conversation takes about ${used} tokens, and ${limit} of ${options.maxTokens} are allowed.`;
}

function fill(template: string, values: Readonly<Record<string, number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}
