import { defineProcessor, replace, retry, textOf } from "@harnessx/core/plugin";
import { faultOf, shortened, type Fault } from "./fault.ts";
import type { ParseRetryOptions } from "./options.ts";

export type { ParseRetryOptions, ParseRetryWording } from "./options.ts";

/** Asks the model again when its call cannot be read, and quotes what was wrong. */
export default defineProcessor<ParseRetryOptions>((run, options) => {
  // A cell, so that a swap does not grant a confused model another round of retries.
  const faults = run.cell("faults", { inRow: 0 }).value;
  /** Of the present step: what the model wrote last in place of a call, and what it said beside it. */
  let before = { text: "", speech: "" };

  run.hooks.afterModel.tap("parse", (event) => {
    const { response, request, attempt } = event;
    if (attempt === 1) before = { text: "", speech: "" };
    const text = textOf(response.content);
    const fault = faultOf(response, request.tools, options.writtenCalls);
    // Sent once more unchanged, as the feedback says, it is an answer.
    const isMeant = fault?.kind === "written" && text === before.text;
    if (fault && !isMeant) {
      if (faults.inRow >= options.maxRetries || attempt > options.maxModelRetries) return undefined;
      faults.inRow += 1;
      before = { text, speech: fault.speech || before.speech };
      return retry(feedbackOn(fault, response.finish === "length", options));
    }
    faults.inRow = 0;
    if (text !== "" || before.speech === "" || response.toolCalls.length === 0) return undefined;
    // What was said beside the faulty call is not lost with it.
    return replace(event.withContent([...response.content, { type: "text", text: before.speech }]));
  });
});

function feedbackOn(fault: Fault, isCutOff: boolean, options: ParseRetryOptions): string {
  const { wording, maxQuoteChars } = options;
  const values: Readonly<Record<string, string>> = {
    tool: fault.tool,
    problem: shortened(fault.problem, maxQuoteChars),
    quote: shortened(fault.quote, maxQuoteChars),
  };
  const feedback = wording[fault.kind].replace(
    /\{(tool|problem|quote)\}/g,
    (_whole, name: string) => values[name]!,
  );
  return isCutOff ? `${feedback}\n${wording.truncated}` : feedback;
}
