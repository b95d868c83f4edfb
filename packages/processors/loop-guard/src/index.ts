import {
  callKey,
  describeCall,
  abort,
  defineProcessor,
  intercept,
  replace,
} from "@harnessx/core/plugin";
import { cycleAt, repeatsIn } from "./detect.ts";
import { emptyLog, readNewCalls, type LogState } from "./log.ts";
import type { LoopGuardOptions } from "./options.ts";

export type { LoopGuardOptions, LoopWording } from "./options.ts";

/** Detects an agent that goes in circles: advises it first, then refuses calls, then ends the task. */
export default defineProcessor<LoopGuardOptions>((run, options) => {
  const log = run.cell("history", emptyLog()).value;
  let advice: string | undefined;

  run.hooks.stepStart.tap("watch", (event) => {
    readNewCalls(log, event.history, options.window);
    advice = adviceFor(log, options);
    const reason = reasonToEnd(log, options);
    return reason === undefined ? undefined : abort(reason, "loop");
  });

  run.hooks.beforeModel.tap("advise", (event) =>
    advice === undefined ? undefined : replace(event.appendUser(advice)),
  );

  run.hooks.beforeTool.tap("block", (event) => {
    const key = callKey(event.call);
    const cycle = cycleAt(log.calls, options.blockCycles, options.maxPeriod);
    const blocked =
      cycle?.[0]?.key === key ||
      repeatsIn(log.calls, options.blockRepeats).some((repeat) => repeat.key === key);
    if (!blocked) return undefined;
    const content = fill(options.wording.refusal, { action: describeCall(event.call) });
    return intercept({ status: "refused", content });
  });
});

const maxNamed = 3;

function adviceFor(log: LogState, options: LoopGuardOptions): string | undefined {
  const { wording } = options;
  const repeats = repeatsIn(log.calls, options.adviseRepeats);
  const lines = repeats
    .slice(-maxNamed)
    .map(({ action, count }) => fill(wording.repeat, { action, count }));
  const cycle = cycleAt(log.calls, options.adviseCycles, options.maxPeriod);
  if (cycle && !cycle.every(({ key }) => repeats.some((repeat) => repeat.key === key))) {
    lines.push(fill(wording.cycle, { actions: cycle.map(({ action }) => action).join(", ") }));
  }
  if (lines.length === 0 && options.adviseStill > 0 && log.still >= options.adviseStill) {
    lines.push(fill(wording.still, { count: log.still }));
  }
  return lines.length === 0 ? undefined : lines.join("\n");
}

function reasonToEnd(log: LogState, options: LoopGuardOptions): string | undefined {
  const [repeat] = repeatsIn(log.calls, options.abortRepeats);
  if (repeat)
    return `The same call was made ${repeat.count} times without progress: ${repeat.action}.`;
  const cycle = cycleAt(log.calls, options.abortCycles, options.maxPeriod);
  if (cycle) {
    const actions = cycle.map(({ action }) => action).join(", ");
    return `The same calls went round ${options.abortCycles} times without progress: ${actions}.`;
  }
  if (options.abortStill > 0 && log.still >= options.abortStill) {
    return `The last ${log.still} calls showed nothing new.`;
  }
  return undefined;
}

function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}
