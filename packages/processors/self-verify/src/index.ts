import { defineProcessor, replace, retry, textOf } from "@harnessx/core/plugin";
import { createCallKinds, describeChange } from "./changes.ts";
import type { SelfVerifyOptions } from "./options.ts";

export type { SelfVerifyOptions, SelfVerifyWording } from "./options.ts";

/** What was changed and asked; plain JSON, because a swap hands it over. */
type Work = {
  /** The latest changes in words. */
  changes: string[];
  /** Something was changed that nobody has checked. */
  isUnchecked: boolean;
  asked: number;
  /** The model was asked and has not answered since. */
  isChecking: boolean;
  /** The answer that was held back, cut. */
  answer: string;
};

const maxChanges = 10;

/** Asks for one check of the work before the final answer, when the agent has changed something. */
export default defineProcessor<SelfVerifyOptions>((run, options) => {
  const { wording } = options;
  const untouched: Work = {
    changes: [],
    isUnchecked: false,
    asked: 0,
    isChecking: false,
    answer: "",
  };
  const work = run.cell("work", untouched).value;
  const kinds = createCallKinds(options);

  run.hooks.beforeModel.tap("remind", (event) => {
    // What asks for the check is not kept in the history; without it the steps of the check have no aim.
    if (!work.isChecking || event.attempt > 1) return undefined;
    return replace(event.appendUser(fill(wording.reminder, work, wording.nothing)));
  });

  run.hooks.afterModel.tap("ask", (event) => {
    const { response, attempt } = event;
    if (response.toolCalls.length > 0 || response.finish === "content_filter") return undefined;
    const isDue = work.isUnchecked || (options.always && work.asked === 0);
    const isPossible = attempt <= options.maxModelRetries && run.budget.steps >= options.minSteps;
    if (!isDue || !isPossible || work.asked >= options.times) {
      // Whatever it says, and however briefly, is the answer.
      work.isChecking = false;
      return undefined;
    }
    work.asked += 1;
    work.isUnchecked = false;
    work.isChecking = true;
    work.answer = shortened(textOf(response.content), options.maxAnswerChars);
    return retry(fill(wording.request, work, wording.nothing));
  });

  run.hooks.beforeTool.tap("meet", (event) => {
    if (event.tool) kinds.meet(event.tool);
  });

  run.hooks.afterTool.tap("watch", ({ call, result }) => {
    if (result.status !== "ok") return;
    if (kinds.isChange(call)) {
      const change = describeChange(call);
      work.changes = [...work.changes.filter((other) => other !== change), change].slice(
        -maxChanges,
      );
      work.isUnchecked = true;
    } else if (kinds.isCheck(call)) {
      work.isUnchecked = false;
    }
  });
});

function shortened(text: string, maxChars: number): string {
  return text.length > maxChars ? `${text.slice(0, maxChars)}…` : text;
}

function fill(template: string, { changes, answer }: Work, nothing: string): string {
  const list = changes.map((change) => `- ${change}`).join("\n");
  const values: Readonly<Record<string, string>> = { changes: list || nothing, answer };
  return template.replace(/\{(changes|answer)\}/g, (_whole, name: string) => values[name]!);
}
