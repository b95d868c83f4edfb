import { defineProcessor, HarnessXError, replace, textOf } from "@harnessx/core/plugin";
import { addStep, emptyDigest } from "./digest.ts";
import type { LlmJudgeOptions } from "./options.ts";
import { evidence, instruction } from "./prompt.ts";
import { readVerdict, type Judgement } from "./verdict.ts";

export type { LlmJudgeOptions } from "./options.ts";
export type { Judgement, JudgeVerdict } from "./verdict.ts";

/** Asked once more when the first answer is not usable. */
const ATTEMPTS = 2;

/** Asks the role `judge` at the end of a task and attaches its verdict as an evaluation. */
export default defineProcessor<LlmJudgeOptions>((run, options) => {
  const digest = run.cell("digest", emptyDigest());

  run.hooks.stepEnd.tap("digest", (event) => {
    if (options.maxDigestChars > 0) addStep(digest.value, event, options);
  });

  run.hooks.taskEnd.tap("judge", async (event) => {
    if (!options.exits.includes(event.exit)) {
      run.log("llm-judge: not judged", { exit: event.exit });
      return undefined;
    }
    const judged = await judge(evidence(run, event, digest.value, options));
    if (typeof judged !== "string") {
      const { verdict, score, confidence, reason } = judged;
      const passed = verdict === "plausible" && score >= options.passAt;
      const details = { verdict, confidence };
      return replace(event.withEvaluation({ name: options.name, score, passed, reason, details }));
    }
    // No verdict is not a bad verdict: a score of 0 would count against the agent.
    run.log("llm-judge: no verdict", { problem: judged });
    if (options.onUnavailable === "skip") return undefined;
    return replace(
      event.withEvaluation({
        name: options.name,
        score: 0,
        passed: false,
        reason: `There is no verdict: ${judged}`,
        details: { unavailable: true },
      }),
    );
  });

  /** A verdict, or in words why there is none. */
  const judge = async (shown: string): Promise<Judgement | string> => {
    let problem = "";
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const again =
        attempt === 1
          ? ""
          : `\n\nYour answer before was not usable: ${problem}. Answer with the JSON object alone.`;
      let text: string;
      try {
        const response = await run.model("judge").generate({
          system: instruction(options.criteria),
          user: shown + again,
          sampling: { temperature: 0 },
        });
        text = textOf(response.content);
      } catch (thrown) {
        // Anything else is the end of the run or of its recording.
        if (!HarnessXError.isInstance(thrown) || thrown._tag !== "ModelError") throw thrown;
        return thrown.message;
      }
      const read = readVerdict(text);
      if (typeof read !== "string") return read;
      problem = read;
    }
    return `The judge's answer was not usable: ${problem}.`;
  };
});
