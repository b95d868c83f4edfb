import type { PlaceFinding } from "../../mine/index.ts";
import type { GeneratedPackage } from "../types.ts";
import { layOut, percent, TEST_RUN, toolWords, withDefault } from "./package.ts";

const INDEX = `import { defineProcessor, replace, textOf } from "@harnessx/core/plugin";

/** See options.schema.json; the defaults there were measured in traces. */
export interface FollowUpOptions {
  readonly advice: string;
  readonly look: readonly { readonly tool: string; readonly argument: string }[];
  /** Replies, with {place} for the name, and the words for the call that helps. */
  readonly replies: readonly { readonly reply: string; readonly act: string }[];
}

/** Tells the agent what to do when a reply keeps back what a place holds. */
export default defineProcessor<FollowUpOptions>((run, options) => {
  let reminder = "";
  run.hooks.taskStart.tap("advise", (event) => replace(event.appendSystem(options.advice)));
  run.hooks.afterTool.tap("notice", ({ call, result }) => {
    reminder = "";
    const argument = options.look.find((one) => one.tool === call.name)?.argument;
    const place = argument === undefined ? undefined : stringOf(call.input, argument)?.toLowerCase();
    if (place === undefined) return;
    const said = textOf(result.content).toLowerCase().split(place).join("{place}");
    const found = options.replies.find((one) => one.reply === said);
    if (found) reminder = \`You have not seen what \${place} holds: \${found.act} \${place} before you go on.\`;
  });
  run.hooks.beforeModel.tap("remind", (event) =>
    reminder === "" ? undefined : replace(event.appendUser(reminder)),
  );
});

function stringOf(input: unknown, argument: string): string | undefined {
  if (typeof input !== "object" || input === null) return undefined;
  const found = Object.entries(input).find(([name]) => name === argument)?.[1];
  return typeof found === "string" ? found : undefined;
}
`;

const TEST = `import { test } from "node:test";
import assert from "node:assert/strict";
import type { Run } from "@harnessx/core/plugin";
import processor from "../src/index.ts";

const options = {
  advice: "Unlock what is locked.",
  look: [{ tool: "visit", argument: "where" }],
  replies: [{ reply: "{place} is locked.", act: "unlock" }],
};

${TEST_RUN}
test("advises at the start", () => {
  assert.equal(openRun("Find a pear.", options).system(), "Unlock what is locked.");
});

test("reminds right after such a reply, and only then", () => {
  const run = openRun("Find a pear.", options);
  assert.equal(run.advice(), "");
  run.call("visit", { where: "crate 1" }, "Crate 1 is locked.");
  assert.match(run.advice(), /unlock crate 1 before you go on/);
  run.call("unlock", { where: "crate 1" }, "Crate 1 holds a pear 2.");
  assert.equal(run.advice(), "");
  run.call("visit", { where: "crate 2" }, "Crate 2 is empty.");
  assert.equal(run.advice(), "");
});
`;

/** Writes advice to make the call that, in the traces, showed what a reply had kept back. */
export function followUp({ hidden, look }: PlaceFinding, version: string): GeneratedPackage {
  const [first] = hidden;
  const kinds = (first?.kinds ?? []).slice(0, 6);
  const act = toolWords(first?.tool ?? "");
  const advice = `${sentence(kinds)} may keep back what it holds at first. Then ${act} it to see what is inside before you go on.`;
  return layOut({
    name: "evolved-processor-follow-up",
    version,
    description: "Tells the agent which call shows what a reply keeps back.",
    dimension: "control",
    hooks: ["taskStart", "beforeModel", "afterTool"],
    group: "follow-up",
    optionsSchema: {
      type: "object",
      additionalProperties: false,
      properties: {
        advice: withDefault({ description: "Part of the system prompt.", type: "string" }, advice),
        look: withDefault(
          {
            description: "Calls whose reply says what a place holds.",
            type: "array",
            items: pair("tool", "argument"),
          },
          look,
        ),
        replies: withDefault(
          {
            description: "Replies that keep it back, and what to do then.",
            type: "array",
            items: pair("reply", "act"),
          },
          hidden.slice(0, 20).map(({ reply, tool }) => ({ reply, act: toolWords(tool) })),
        ),
      },
    },
    readme: `# evolved-processor-follow-up

Tells the agent, at the start and right after such a reply, which call shows what a reply keeps back.

## Why

In recorded runs these replies named nothing, but another call on the same place then showed something.
The call was made after ${percent(first?.followed ?? 0)} of the commonest one:

${hidden
  .slice(0, 3)
  .map(({ reply, tool }) => `> ${reply} (then \`${tool}\`)\n`)
  .join("\n")}
## How

\`taskStart\` adds one sentence to the system prompt. \`afterTool\` compares each reply, with the place's
name taken out, with the list; \`beforeModel\` reminds in the very next request and not later.
`,
    src: { "index.ts": INDEX },
    test: TEST,
  });
}

/** "A cabinet, drawer or fridge" */
function sentence(kinds: readonly string[]): string {
  if (kinds.length === 0) return "A place";
  const list =
    kinds.length === 1 ? kinds[0] : `${kinds.slice(0, -1).join(", ")} or ${kinds.at(-1)}`;
  return `A place such as a ${list}`;
}

const pair = (a: string, b: string): object => ({
  type: "object",
  additionalProperties: false,
  required: [a, b],
  properties: { [a]: { type: "string" }, [b]: { type: "string" } },
});
