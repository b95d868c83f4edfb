import type { RepetitionFinding } from "../../mine/index.ts";
import type { GeneratedPackage } from "../types.ts";
import { layOut, percent, quotations, TEST_RUN, textList, withDefault } from "./package.ts";

const INDEX = `import { defineProcessor, replace, textOf } from "@harnessx/core/plugin";

/** See options.schema.json; the defaults there were measured in traces. */
export interface AdviceOptions {
  readonly repeats: number;
  readonly noEffect: readonly string[];
}

/** The latest call, and how often it has been made with this very answer. */
interface Latest {
  readonly action: string;
  readonly times: number;
  readonly noEffect: boolean;
}

/** Tells the agent when it repeats a call whose answer it knows, or when a call did nothing. */
export default defineProcessor<AdviceOptions>((run, options) => {
  const counts = new Map<string, number>();
  let latest: Latest | undefined;
  run.hooks.afterTool.tap("count", ({ call, result }) => {
    const reply = textOf(result.content);
    const action = describe(call.name, call.input);
    const key = JSON.stringify([action, reply]);
    const times = (counts.get(key) ?? 0) + 1;
    counts.set(key, times);
    latest = { action, times, noEffect: result.status !== "ok" || options.noEffect.includes(reply) };
  });
  run.hooks.beforeModel.tap("advise", (event) => {
    if (!latest) return undefined;
    const { action, times, noEffect } = latest;
    if (times >= options.repeats) {
      return replace(event.appendUser(\`You have done "\${action}" \${times} times with the same answer. Doing it again will not help; do something different.\`));
    }
    return noEffect ? replace(event.appendUser(\`Your last action, "\${action}", had no effect. Try something else.\`)) : undefined;
  });
});

/** A call in words: the tool's name and what it was given. */
function describe(tool: string, input: unknown): string {
  const words = tool.replace(/[^a-zA-Z0-9]+/g, " ").trim();
  const values = typeof input === "object" && input !== null ? Object.values(input).map(String) : [];
  return [words, values.join(", ")].filter((part) => part !== "").join(" ");
}
`;

const TEST = `import { test } from "node:test";
import assert from "node:assert/strict";
import type { Run } from "@harnessx/core/plugin";
import processor from "../src/index.ts";

const options = { repeats: 3, noEffect: ["No."] };

${TEST_RUN}
test("is silent while there is progress", () => {
  const run = openRun("Find a pear.", options);
  assert.equal(run.advice(), "");
  run.call("visit", { where: "crate 1" }, "Nothing at crate 1.");
  run.call("visit", { where: "crate 2" }, "Nothing at crate 2.");
  assert.equal(run.advice(), "");
});

test("speaks up at the third call with one answer, and not when the answer changes", () => {
  const run = openRun("Find a pear.", options);
  for (const reply of ["a", "a", "b", "a"]) run.call("look_at", { what: "sky" }, reply);
  assert.match(run.advice(), /"look at sky" 3 times/);
  run.call("look_at", { what: "sky" }, "c");
  assert.equal(run.advice(), "");
});

test("names a call that did nothing", () => {
  const run = openRun("Find a pear.", options);
  run.call("grab", { what: "pear 1", where: "crate 1" }, "No.");
  assert.match(run.advice(), /"grab pear 1, crate 1", had no effect/);
});
`;

/** Writes advice against repetition with the thresholds that passing runs suggest. */
export function progressAdvice(
  repetition: RepetitionFinding,
  noEffect: readonly string[],
  version: string,
): GeneratedPackage {
  const repeats = repetition.tolerated + 1;
  return layOut({
    name: "evolved-processor-progress-advice",
    version,
    description: "Tells the agent when it repeats a call or when a call did nothing.",
    dimension: "control",
    hooks: ["beforeModel", "afterTool"],
    group: "progress-advice",
    optionsSchema: {
      type: "object",
      additionalProperties: false,
      properties: {
        repeats: withDefault(
          {
            description: "Calls with one answer from which on the agent is told.",
            type: "integer",
            minimum: 2,
          },
          Math.max(2, repeats),
        ),
        noEffect: withDefault(
          { description: "Replies that mean that a call did nothing.", ...textList },
          noEffect.slice(0, 20),
        ),
      },
    },
    readme: `# evolved-processor-progress-advice

Appends one sentence to the request when the agent has made the same call with the same answer too
often, or when its last call did nothing.

## Why

${percent(repetition.beyond.failing)} of the failing and ${percent(repetition.beyond.passing)} of the passing runs made one call with one answer more than
${times(repetition.tolerated)}, most often with ${repetition.tools.map((tool) => `\`${tool}\``).join(", ")}:

${quotations(repetition.evidence)}
## How

\`afterTool\` counts calls by tool, arguments and reply. \`beforeModel\` speaks from the ${Math.max(2, repeats)}th on; the
sentence is part of that request only.
`,
    src: { "index.ts": INDEX },
    test: TEST,
  });
}

const times = (count: number): string =>
  count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
