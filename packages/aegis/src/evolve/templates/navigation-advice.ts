import type { NavigationFinding } from "../../mine/index.ts";
import type { GeneratedPackage } from "../types.ts";
import { INDEX, SIGHTINGS } from "./navigation-advice-source.ts";
import { layOut, percent, quotations, TEST_RUN, textList, withDefault } from "./package.ts";

/** Things that the advice names at most. */
const LISTED = 8;

/** Writes advice for agents that go on from list to list, with the tools, names and threshold of the traces. */
export function navigationAdvice(found: NavigationFinding, version: string): GeneratedPackage {
  const { tool, argument, pattern } = found.follow;
  const positive = { type: "integer", minimum: 1 };
  return layOut({
    name: "evolved-processor-navigation-advice",
    version,
    description: "Tells an agent that moves on and on to decide among what it has seen.",
    dimension: "control",
    hooks: ["beforeModel", "afterTool"],
    group: "navigation-advice",
    optionsSchema: {
      type: "object",
      additionalProperties: false,
      properties: {
        tools: withDefault(
          { description: "Tools whose replies list things.", ...textList },
          found.tools,
        ),
        follow: withDefault(
          {
            description: "The call that follows one thing up, and the argument that names it.",
            type: "object",
            additionalProperties: false,
            required: ["tool", "argument"],
            properties: { tool: { type: "string" }, argument: { type: "string" } },
          },
          { tool, argument },
        ),
        reference: withDefault(
          {
            description: "How the names of things look: a regular expression.",
            type: "string",
            minLength: 1,
          },
          pattern,
        ),
        lines: withDefault(
          { description: "Lines of a list that belong to one thing.", ...positive },
          found.lines,
        ),
        tolerated: withDefault(
          { description: "Moves in a row after which the agent is not told yet.", ...positive },
          found.tolerated,
        ),
        finish: withDefault(
          { description: "Tools by which runs that passed came to an end.", ...textList },
          found.finish,
        ),
        listed: withDefault(
          { description: "Things that the advice names at most.", ...positive },
          LISTED,
        ),
      },
    },
    readme: readme(found),
    src: { "index.ts": INDEX, "sightings.ts": SIGHTINGS },
    test: TEST,
  });
}

function readme({
  tools,
  follow,
  tolerated,
  beyond,
  followed,
  evidence,
}: NavigationFinding): string {
  const listing = tools.map((tool) => `\`${tool}\``).join(", ");
  return `# evolved-processor-navigation-advice

Tells an agent that goes on from list to list to stop and decide, and names what it has seen and not
looked into, best match with the task first.

## Why

${percent(beyond.failing)} of the failing and ${percent(beyond.passing)} of the passing runs made more than ${tolerated} moves in a row with
${listing} and nothing else between. Of the things that the lists named, failing runs
followed up ${percent(followed.failing)} with \`${follow.tool}\`, passing ones ${percent(followed.passing)}. The last replies of the longest rows:

${quotations(evidence)}
## How

- \`afterTool\` counts moves in a row, reads what each list says of the things that it names, and notes
  which of them were followed up.
- \`beforeModel\` speaks once there were more than ${tolerated} moves in a row, and from then on in every request. Things
  are ranked by the words that they share with the task: words that few of them have weigh more, and
  what the agent passed over sinks. The advice is part of that request only: the history does not grow.

All parameters are in \`options.schema.json\`, with the values measured in the traces as defaults.
`;
}

const TEST = `import { test } from "node:test";
import assert from "node:assert/strict";
import type { Run } from "@harnessx/core/plugin";
import processor from "../src/index.ts";

const options = {
  tools: ["turn_over", "lookUp"],
  follow: { tool: "read_card", argument: "card" },
  reference: "(?<![A-Za-z0-9])c-\\\\d+(?![A-Za-z0-9])",
  lines: 2,
  tolerated: 2,
  finish: ["sign_off"],
  listed: 3,
};

${TEST_RUN}
const list = (from: number, about: string): string =>
  [\`Drawer \${from}\`, \`c-\${from}\`, about, \`c-\${from + 1}\`, "a note on rain"].join("\\n");

test("is silent while the agent looks around, and after it has looked into something", () => {
  const run = openRun("Find the letter about the grey heron.", options);
  run.call("lookUp", { words: "heron" }, list(1, "a bill"));
  run.call("turn_over", {}, list(3, "a map"));
  assert.equal(run.advice(), "");
  run.call("read_card", { card: "c-1" }, "A bill for ink.");
  run.call("turn_over", {}, list(5, "a song"));
  assert.equal(run.advice(), "");
});

test("does not count the same reply twice", () => {
  const run = openRun("Find the letter about the grey heron.", options);
  for (let time = 0; time < 5; time += 1) run.call("turn_over", {}, "That was the last drawer.");
  assert.equal(run.advice(), "");
});

test("speaks after the third move in a row and names the best match first", () => {
  const run = openRun("Find the letter about the grey heron.", options);
  run.call("lookUp", { words: "letter" }, list(1, "a letter about rain"));
  run.call("turn_over", {}, list(3, "a letter about a grey heron"));
  run.call("turn_over", {}, list(5, "a letter"));
  const advice = run.advice();
  assert.match(advice, /moved on 3 times in a row \\(turn over, look up\\)/);
  assert.match(advice, /\\(read card\\):\\n- c-3 a letter about a grey heron\\n/);
  assert.equal(advice.match(/^- /gm)?.length, 3);
  assert.match(advice, /then sign off/);
});

test("goes on speaking, and leaves out what was followed up", () => {
  const run = openRun("Find the letter about the grey heron.", options);
  for (const from of [1, 3, 5]) run.call("turn_over", {}, list(from, \`a letter, \${from}\`));
  run.call("read_card", { card: "c-3" }, "Dear heron.");
  const advice = run.advice();
  assert.ok(!advice.includes("- c-3"));
  assert.match(advice, /Followed up already: c-3\\./);
});

test("moves what the agent passed over down the list", () => {
  const run = openRun("Find the letter about the grey heron.", options);
  run.call("lookUp", { words: "letter" }, list(1, "a letter about a grey heron"));
  for (const from of [3, 5, 7]) run.call("turn_over", {}, list(from, "a letter about the heron"));
  assert.match(run.advice(), /\\(read card\\):\\n- c-1 /);
  run.call("read_card", { card: "c-3" }, "Dear heron.");
  assert.ok(!/\\(read card\\):\\n- c-1 /.test(run.advice()));
});

test("keeps runs apart", () => {
  const first = openRun("Find a card.", options);
  for (const from of [1, 3, 5]) first.call("turn_over", {}, list(from, "a card"));
  assert.notEqual(first.advice(), "");
  assert.equal(openRun("Find a card.", options).advice(), "");
});
`;
