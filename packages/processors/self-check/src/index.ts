import {
  defineProcessor,
  replace,
  retry,
  textOf,
  type AfterModelEvent,
  type TaskEndEvent,
} from "@harnessx/core/plugin";
import { textChecks, type CheckResult } from "./checks.ts";
import { fileCheck } from "./cited-files.ts";
import type { SelfCheckOptions } from "./options.ts";

export type { AnswerPattern, CitedFiles, SelfCheckOptions } from "./options.ts";

/** What survives a swap. */
type Answers = { retries: number; answered: boolean };

const MAX_QUOTED_CHARS = 4_000;

/** Checks each answer by fixed rules, asks for a better one, and records what it found. */
export default defineProcessor<SelfCheckOptions>((run, options) => {
  const cell = run.cell<Answers>("answers", { retries: 0, answered: false });
  const byText = textChecks(options);
  const byFiles = options.files && fileCheck(run, options.files);

  /** Waits only where files are looked for: otherwise the run goes on at once. */
  const checked = <Result>(answer: string, then: (results: CheckResult[]) => Result) => {
    const results = byText(answer);
    return byFiles ? byFiles(answer).then((files) => then([...results, files])) : then(results);
  };

  run.hooks.afterModel.tap("check", ({ response }: AfterModelEvent) => {
    if (response.toolCalls.length > 0 || response.finish === "content_filter") return undefined;
    const answers = cell.value;
    answers.answered = true;
    if (answers.retries >= options.retries) return undefined;
    const answer = textOf(response.content);
    return checked(answer, (results) => {
      const problems = results.flatMap(({ problem }) => problem ?? []);
      if (problems.length === 0) return undefined;
      answers.retries += 1;
      return retry(feedback(answer, problems));
    });
  });

  run.hooks.taskEnd.tap("report", (event: TaskEndEvent) => {
    if (event.exit === "done" && !cell.value.answered) {
      // A tool or another processor has ended the task: nobody has given an answer.
      run.log("self-check: no answer to check");
      return undefined;
    }
    return checked(event.output, (results) => {
      const problems = results.flatMap(({ problem }) => problem ?? []);
      const passed = problems.length === 0;
      const checks = results.map((result) => ({ ...result, ok: result.problem === undefined }));
      return replace(
        event.withEvaluation({
          name: options.name,
          score: results.length === 0 ? 1 : 1 - problems.length / results.length,
          passed,
          ...(passed ? {} : { reason: problems.join(" ") }),
          details: { checks, retries: cell.value.retries },
        }),
      );
    });
  });
});

/** The dropped answer is no part of the conversation, so it is quoted. */
function feedback(answer: string, problems: readonly string[]): string {
  const quoted =
    answer.length > MAX_QUOTED_CHARS ? `${answer.slice(0, MAX_QUOTED_CHARS - 1)}…` : answer;
  return [
    ...(quoted.trim() === "" ? [] : ["Your answer was:", quoted, ""]),
    "It cannot be accepted:",
    ...problems.map((problem) => `- ${problem}`),
    "Answer again, and put this right.",
  ].join("\n");
}
