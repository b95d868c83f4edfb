import { defineProcessor, retry, textOf, type Retry } from "@harnessx/core/plugin";
import { lastExchange } from "./exchange.ts";
import { compileRules } from "./flip.ts";
import { isJustified } from "./judge.ts";
import { nameMatcher } from "./names.ts";
import type { SycophancyGuardOptions } from "./options.ts";

export type { SycophancyGuardOptions } from "./options.ts";

/** What is known of the doubts so far; plain JSON, because a swap hands it over. */
type Doubts = {
  /** Flips in a row. */
  flips: number;
  /** Id of the last feedback that was looked at. */
  feedback: number;
};

/** Asks for evidence when the model gives up an answer that was merely doubted. */
export default defineProcessor<SycophancyGuardOptions>((run, options) => {
  const rules = compileRules(options);
  const isFeedbackTool = nameMatcher(options.feedbackTools);
  const state = run.cell<Doubts>("doubts", { flips: 0, feedback: -1 }).value;

  run.hooks.afterModel.tap("ask for evidence", (event) => {
    const { content, toolCalls } = event.response;
    // Who uses a tool looks for evidence; and nobody is asked twice about one doubt.
    if (toolCalls.length > 0 || event.attempt > 1) return undefined;
    // Not the request: other processors add messages to that which nobody has said.
    const exchange = lastExchange(run.state.messages, isFeedbackTool);
    if (!exchange || exchange.feedbackId === state.feedback) return undefined;
    if (!rules.isMereDoubt(exchange.feedback)) {
      state.flips = 0;
      return undefined;
    }
    state.feedback = exchange.feedbackId;
    const next = textOf(content);
    state.flips = rules.isFlip(exchange, next) ? state.flips + 1 : 0;
    if (state.flips === 0 || state.flips < options.streak) return undefined;
    run.log("An answer was given up because it was doubted.", { flips: state.flips });
    const verdict = retry(options.feedback.replaceAll("{answer}", () => short(exchange.answer)));
    return options.judge ? judged(exchange, next, verdict) : verdict;
  });

  const judged = async (
    exchange: { readonly answer: string; readonly feedback: string },
    next: string,
    verdict: Retry,
  ): Promise<Retry | undefined> => {
    try {
      const input = { answer: exchange.answer, feedback: exchange.feedback, next };
      if (!(await isJustified(run.model("judge"), options.judgeInstruction, input))) return verdict;
      state.flips = 0;
      return undefined;
    } catch (thrown) {
      run.log("The judge could not be asked.", {
        problem: thrown instanceof Error ? thrown.message : String(thrown),
      });
      return verdict;
    }
  };
});

const maxShown = 500;

function short(answer: string): string {
  return answer.length > maxShown ? `${answer.slice(0, maxShown)}…` : answer;
}
