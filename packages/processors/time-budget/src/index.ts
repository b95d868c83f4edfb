import { abort, defineProcessor, replace } from "@harnessx/core/plugin";
import type { TimeBudgetOptions } from "./options.ts";
import { begin, inWords, timeUsed, type TimeUsed } from "./progress.ts";

export type { TimeBudgetOptions, TimeBudgetWording } from "./options.ts";

/** Tells the model how much of its time is used, asks for the answer near the end, and may end the task. */
export default defineProcessor<TimeBudgetOptions>((run, options) => {
  const { maxMs, atLimit, finalTools, wording } = options;
  // A cell, so that a swap neither starts the time anew nor repeats a reminder.
  const progress = run.cell("progress", begin(run)).value;
  const elapsed = (): number => run.clock.now() - progress.startedAt;
  const now = (): TimeUsed | undefined => timeUsed(elapsed(), progress.runMs, maxMs);
  const isFinal = ({ share }: TimeUsed): boolean => options.finalAt < 1 && share >= options.finalAt;

  run.hooks.stepStart.tap("limit", (event) => {
    const time = now();
    if (!time) return undefined;
    if (maxMs !== undefined && atLimit === "end" && elapsed() >= maxMs) {
      return abort(`The time of ${inWords(maxMs)} for the task is used up.`);
    }
    if (finalTools === undefined || !isFinal(time)) return undefined;
    return replace(event.withTools(({ name }) => finalTools.includes(name)));
  });

  run.hooks.beforeModel.tap("tell", (event) => {
    const time = now();
    if (!time) return undefined;
    const due = Math.max(0, ...options.remindAt.filter((share) => share <= time.share));
    const isNew = due > progress.told;
    if (isNew) progress.told = due;
    if (isFinal(time)) return replace(event.appendUser(fill(wording.final, time)));
    return isNew ? replace(event.appendUser(fill(wording.reminder, time))) : undefined;
  });
});

function fill(template: string, { share, leftMs }: TimeUsed): string {
  const values: Readonly<Record<string, string>> = {
    percent: String(Math.min(100, Math.floor(share * 100))),
    left: inWords(leftMs),
  };
  return template.replace(/\{(percent|left)\}/g, (_whole, name: string) => values[name]!);
}
