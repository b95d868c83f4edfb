import type { PlaceFinding } from "../../mine/index.ts";
import type { GeneratedPackage } from "../types.ts";
import { layOut, percent, TEST_RUN, toolWords, withDefault } from "./package.ts";

const INDEX = `import { defineProcessor, replace, textOf } from "@harnessx/core/plugin";

/** See options.schema.json; the defaults there were measured in traces. */
export interface FollowUpOptions {
  readonly advice: string;
  readonly look: readonly { readonly tool: string; readonly argument: string }[];
  /** Replies, with {place} for the name, what they say of it, and the words for the call that helps. */
  readonly replies: readonly { readonly reply: string; readonly state: string; readonly act: string }[];
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
    if (found) reminder = \`\${place} \${found.state}: \${found.act} \${place} to see what it holds.\`;
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
  replies: [{ reply: "{place} is locked.", state: "is locked", act: "unlock" }],
};

${TEST_RUN}
test("advises at the start", () => {
  assert.equal(openRun("Find a pear.", options).system(), "Unlock what is locked.");
});

test("reminds right after such a reply, and only then", () => {
  const run = openRun("Find a pear.", options);
  assert.equal(run.advice(), "");
  run.call("visit", { where: "crate 1" }, "Crate 1 is locked.");
  assert.equal(run.advice(), "crate 1 is locked: unlock crate 1 to see what it holds.");
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
  const state = stateOf(first?.reply ?? "");
  const advice = `If ${listOf(kinds)} ${state}, ${act} it: what it holds shows only then.`;
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
            items: record("tool", "argument"),
          },
          look,
        ),
        replies: withDefault(
          {
            description: "Replies that keep it back, and what to do then.",
            type: "array",
            items: record("reply", "state", "act"),
          },
          hidden
            .slice(0, 20)
            .map(({ reply, tool }) => ({ reply, state: stateOf(reply), act: toolWords(tool) })),
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

/** What a reply says of the place at its end: "is closed" of "you arrive at {place}. the {place} is closed." */
function stateOf(reply: string): string {
  const said = /\{place\}\s+([a-z][a-z ]*)[.!]?$/.exec(reply)?.[1];
  return said?.trim() ?? "shows nothing yet";
}

/** "a cabinet, drawer or fridge" */
function listOf(kinds: readonly string[]): string {
  if (kinds.length === 0) return "a place";
  if (kinds.length === 1) return `a ${kinds[0]}`;
  return `a ${kinds.slice(0, -1).join(", ")} or ${kinds.at(-1)}`;
}

const record = (...names: readonly string[]): object => ({
  type: "object",
  additionalProperties: false,
  required: names,
  properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])),
});
