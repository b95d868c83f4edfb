import { defineProcessor, replace, type BeforeModelEvent } from "@harnessx/core/plugin";
import { classify } from "./classifier.ts";
import type { ModelRouterOptions } from "./options.ts";
import { lastToolFailed, rulesFor, shareSpent } from "./rules.ts";

export type { ClassifierOptions, ModelRouterOptions, RoutingRule } from "./options.ts";

/** The classifier's latest answer, which survives a swap. */
type Route = {
  /** Step in which it was asked; 0 never. */
  askedAt: number;
  /** Empty where its answer was not usable. */
  role: string;
};

/** Chooses the model role of each step: the first rule that holds, else the classifier, else the fallback. */
export default defineProcessor<ModelRouterOptions>((run, options) => {
  const { classifier, fallback } = options;
  const rules = rulesFor(run.task.text, options.rules);
  const cell = run.cell<Route>("route", { askedAt: 0, role: "" });

  run.hooks.beforeModel.tap("route", (event) => {
    const rule = rules.find(({ holds }) =>
      holds({
        step: event.step,
        tokens: event.request.messages.tokens,
        tools: event.request.tools,
        lastToolFailed: lastToolFailed(run.state.messages),
        spent: shareSpent(run),
      }),
    );
    if (rule) return towards(event, rule.role);
    if (!classifier) return towards(event, fallback);
    const route = cell.value;
    const isDue =
      route.askedAt === 0 ||
      (classifier.every > 0 && event.step - route.askedAt >= classifier.every);
    if (!isDue) return towards(event, route.role || fallback);
    return ask(event);
  });

  const ask = async (event: BeforeModelEvent) => {
    const answer = await classify(run, classifier!);
    // A failed question is not asked again before its time: it would cost as much in every step.
    cell.value = { askedAt: event.step, role: "" };
    if ("problem" in answer) {
      run.log("model-router: fallback", { role: fallback, problem: answer.problem });
    } else if (answer.confidence < classifier!.minConfidence) {
      run.log("model-router: fallback", { role: fallback, unsure: answer });
    } else {
      cell.value.role = answer.role;
      run.log("model-router: route", answer);
    }
    return towards(event, cell.value.role || fallback);
  };
});

/** Nothing where the role is chosen already: a verdict without a change would only fill the trace. */
function towards(event: BeforeModelEvent, role: string) {
  return event.request.role === role ? undefined : replace(event.withRole(role));
}
