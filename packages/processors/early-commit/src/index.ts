import { defineProcessor, replace, retry, textOf } from "@harnessx/core/plugin";
import type { EarlyCommitOptions } from "./options.ts";
import { pressureOf, type Pressure } from "./spending.ts";

export type { EarlyCommitOptions } from "./options.ts";

/** Asks for the answer near the end of the budget, and takes the tools away in time. */
export default defineProcessor<EarlyCommitOptions>((run, options) => {
  // A cell: a swap must not start the clock anew.
  const startedAt = run.cell<number>("startedAt", -1);
  let pressure: Pressure = { level: "none", left: "" };

  run.hooks.stepStart.tap("weigh", (event) => {
    const now = run.clock.now();
    if (startedAt.value < 0) startedAt.value = now;
    pressure = pressureOf(
      {
        budget: event.budget,
        totals: event.totals,
        nextTokens: event.tokens,
        elapsedMs: now - startedAt.value,
      },
      options,
    );
    if (pressure.level !== "final" || event.tools.length === 0) return undefined;
    return replace(event.withTools(() => false));
  });

  run.hooks.beforeModel.tap("ask", (event) => {
    const { level, left } = pressure;
    if (level === "none") return undefined;
    return replace(event.appendUser(options[level].replaceAll("{left}", left)));
  });

  run.hooks.afterModel.tap("take the answer", (event) => {
    const { content, toolCalls } = event.response;
    // A model may call tools that it was not offered; without them its text is the answer.
    if (pressure.level !== "final" || toolCalls.length === 0) return undefined;
    if (textOf(content).trim() !== "") return replace(event.withToolCalls([]));
    return event.attempt === 1 ? retry("There are no tools any more. Answer in words.") : undefined;
  });
});
