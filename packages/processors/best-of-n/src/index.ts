import {
  defineProcessor,
  replace,
  textOf,
  type AfterModelEvent,
  type Totals,
} from "@harnessx/core/plugin";
import { ask } from "./asking.ts";
import { fence } from "./fence.ts";
import { judge } from "./judge.ts";
import { comparable, isDecided, majority } from "./majority.ts";
import type { BestOfNOptions } from "./options.ts";
import { systemOf, transcript } from "./transcript.ts";

export type { BestOfNOptions } from "./options.ts";

/** What it has cost so far; survives a swap. */
type Spent = { answers: number; samples: number; tokens: number; costUsd: number };

const INSTRUCTION =
  "The conversation so far stands between the marked lines. Write the assistant's final answer to " +
  "it, and nothing else: no tools can be called any more.";

/** Samples further answers beside the model's own one and keeps the best. */
export default defineProcessor<BestOfNOptions>((run, options) => {
  const cell = run.cell<Spent>("spent", { answers: 0, samples: 0, tokens: 0, costUsd: 0 });
  const keyOf = comparable(options.answerPattern);

  run.hooks.afterModel.tap("choose", (event) => {
    const { toolCalls, finish, content } = event.response;
    // Only an answer can be sampled: a role of the models file is asked without tools.
    if (toolCalls.length > 0 || finish !== "stop" || textOf(content).trim() === "")
      return undefined;
    if (cell.value.answers >= options.maxAnswers || isSpent()) return undefined;
    cell.value.answers += 1;
    return choose(event);
  });

  run.hooks.taskEnd.tap("report", () => {
    if (cell.value.samples > 0) run.log("best-of-n: spent", cell.value);
  });

  const choose = async (event: AfterModelEvent) => {
    const before = run.state.totals;
    const { answers, problem } = await sample(event);
    const picked = answers.length > 1 ? await pick(event, answers) : { index: 0 };
    charge(before, run.state.totals);
    run.log("best-of-n", {
      step: event.step,
      answers: answers.length,
      picked: picked.index,
      ...("note" in picked ? { note: picked.note } : {}),
      ...(problem === undefined ? {} : { problem }),
    });
    return picked.index === 0 ? undefined : replace(event.withContent(answers[picked.index]!));
  };

  /** The model's own answer and those that were sampled, within the limits. */
  const sample = async ({ request, response }: AfterModelEvent) => {
    const answers = [textOf(response.content)];
    const began = run.clock.now();
    const before = run.state.totals;
    const system = [systemOf(request.messages), INSTRUCTION].filter((text) => text !== "");
    const user = fence({ conversation: transcript(request.messages, options.maxChars) }, () =>
      run.random(),
    );
    const prompt = {
      system: system.join("\n\n"),
      user,
      sampling: { temperature: options.temperature },
    };
    while (answers.length < options.n) {
      if (options.pick === "majority" && isDecided(answers.map(keyOf), options.n)) break;
      // The run's clock: a replay stops at the same sample.
      if (run.clock.now() - began >= options.maxMs) return { answers, problem: "out of time" };
      if (isSpent(before)) return { answers, problem: "the limit is spent" };
      const said = await ask(run, "sampler", prompt);
      cell.value.samples += 1;
      // The next one would fail in the same way.
      if ("problem" in said) return { answers, problem: said.problem };
      if (said.text.trim() !== "") answers.push(said.text);
      else return { answers, problem: "a sample was empty" };
    }
    return { answers, problem: undefined };
  };

  const pick = async (event: AfterModelEvent, answers: readonly string[]) => {
    const keys = answers.map(keyOf);
    if (options.pick === "majority") {
      const { index, votes } = majority(keys);
      return { index, note: `${votes} of ${answers.length} agree` };
    }
    // Nothing to choose between.
    if (new Set(keys).size === 1) return { index: 0, note: "all agree" };
    const conversation = transcript(event.request.messages, options.maxChars);
    const choice = await judge(run, conversation, answers, options.criteria);
    return "problem" in choice
      ? { index: 0, note: choice.problem }
      : { index: choice.index, note: choice.reason };
  };

  /** Whether a limit of the task is reached, with what has been spent since `before`. */
  const isSpent = (before?: Totals): boolean => {
    const now = run.state.totals;
    const { tokens, costUsd } = cell.value;
    const since = before ?? now;
    return (
      (options.maxTokens > 0 && tokens + tokensOf(now) - tokensOf(since) >= options.maxTokens) ||
      (options.maxCostUsd > 0 && costUsd + now.costUsd - since.costUsd >= options.maxCostUsd)
    );
  };

  const charge = (before: Totals, after: Totals): void => {
    const spent = cell.value;
    spent.tokens += tokensOf(after) - tokensOf(before);
    spent.costUsd = Math.round((spent.costUsd + after.costUsd - before.costUsd) * 1e9) / 1e9;
  };
});

function tokensOf({ inputTokens, outputTokens }: Totals): number {
  return inputTokens + outputTokens;
}
