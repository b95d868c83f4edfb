import type { ProcedureFinding } from "../../mine/index.ts";
import type { GeneratedPackage } from "../types.ts";
import { layOut, percent, quotations, TEST_RUN, toolWords, withDefault } from "./package.ts";

const INDEX = `import { defineProcessor, replace } from "@harnessx/core/plugin";

/** See options.schema.json; the defaults there were learned from traces. */
export interface ProcedureOptions {
  readonly procedures: readonly {
    /** One of these words in the task text makes the procedure apply. */
    readonly words: readonly string[];
    readonly advice: string;
  }[];
}

/** Tells the agent how tasks with such a wording were done before. */
export default defineProcessor<ProcedureOptions>((run, options) => {
  run.hooks.taskStart.tap("advise", (event) => {
    const words = new Set(event.task.text.toLowerCase().match(/[a-z]+/g) ?? []);
    const fitting = options.procedures.filter((procedure) => procedure.words.some((word) => words.has(word)));
    if (fitting.length === 0) return undefined;
    return replace(event.appendSystem(fitting.map((procedure) => procedure.advice).join("\\n")));
  });
});
`;

const TEST = `import { test } from "node:test";
import assert from "node:assert/strict";
import type { Run } from "@harnessx/core/plugin";
import processor from "../src/index.ts";

const options = {
  procedures: [
    { words: ["peel"], advice: "First fetch, then peel." },
    { words: ["boil", "cook"], advice: "First fetch, then boil." },
  ],
};

${TEST_RUN}
test("advises by the words of the task", () => {
  assert.equal(openRun("Please peel a pear.", options).system(), "First fetch, then peel.");
  assert.equal(openRun("Cook a pear.", options).system(), "First fetch, then boil.");
});

test("is silent about other tasks, also when a word only contains one of the words", () => {
  assert.equal(openRun("Find a parboiled pear.", options).system(), "");
});
`;

/** Writes what passing runs of each kind of task have in common as advice for tasks with the same words. */
export function taskProcedures(
  procedures: readonly ProcedureFinding[],
  version: string,
): GeneratedPackage {
  const options = procedures.map((procedure) => ({
    words: procedure.words,
    advice: adviceOf(procedure),
  }));
  return layOut({
    name: "evolved-processor-task-procedures",
    version,
    description: "Tells the agent which steps tasks of this wording took when they passed.",
    dimension: "context",
    hooks: ["taskStart"],
    group: "task-procedures",
    optionsSchema: {
      type: "object",
      additionalProperties: false,
      properties: {
        procedures: withDefault(
          {
            description: "Advice by words of the task text.",
            type: "array",
            items: {
              type: "object",
              additionalProperties: false,
              required: ["words", "advice"],
              properties: {
                words: { type: "array", items: { type: "string" }, minItems: 1 },
                advice: { type: "string" },
              },
            },
          },
          options,
        ),
      },
    },
    readme: `# evolved-processor-task-procedures

Adds to the system prompt what passing runs of tasks with the same wording had in common.

## Why

${procedures.map(line).join("\n")}

${quotations(procedures.flatMap(({ evidence }) => evidence))}
## How

\`taskStart\` looks for the words in the task text and appends the advice of those that fit. Words are
those that stand in many task sentences of one kind and in few of the others; steps are the calls that
at least 70 % of the passing runs made with effect, in the commonest order.
`,
    src: { "index.ts": INDEX },
    test: TEST,
  });
}

function line({ words, decisive, passing, failing }: ProcedureFinding): string {
  return `- Tasks with ${words.map((word) => `"${word}"`).join(" or ")}: \`${decisive.tool}\` had an effect in ${percent(decisive.passing)} of ${passing} passing and
  ${percent(decisive.failing)} of ${failing} failing runs.`;
}

/** A sentence such as "To do a task that says clean: take the object, go to the sinkbasin, clean the object there, and only then move the object." */
function adviceOf({ words, steps, visit }: ProcedureFinding): string {
  const parts = steps.flatMap(({ tool, object, with: instrument, at }) => {
    const what = object === undefined ? "" : ` the ${object}`;
    const act = `${toolWords(tool)}${what}${instrument === undefined ? "" : ` with the ${instrument}`}`;
    return at === undefined ? [act] : [`${toolWords(visit ?? "go to")} the ${at}`, `${act} there`];
  });
  const last = parts.pop();
  return `To do a task that says ${words.join(" or ")}: ${parts.join(", ")}, and only then ${last}.`;
}
