import type { UsualFinding } from "../../mine/index.ts";
import type { GeneratedPackage } from "../types.ts";
import { layOut, quotations, TEST_RUN, withDefault } from "./package.ts";

const INDEX = `import { defineProcessor, replace } from "@harnessx/core/plugin";

/** See options.schema.json; the defaults there were counted in traces. */
export interface UsualOptions {
  readonly usual: readonly { readonly thing: string; readonly places: readonly string[] }[];
}

/** Tells the agent where things that the task names have usually been. */
export default defineProcessor<UsualOptions>((run, options) => {
  run.hooks.taskStart.tap("suggest", (event) => {
    const text = event.task.text.toLowerCase();
    const asked = options.usual.filter(({ thing }) => new RegExp(\`\\\\b\${thing}(?:s|es)?\\\\b\`).test(text));
    if (asked.length === 0) return undefined;
    const lines = asked.map(({ thing, places }) => \`- \${thing}: \${present(places, text).join(", ")}\`);
    return replace(event.appendSystem(["Where to search first:", ...lines].join("\\n")));
  });
});

/** The first four kinds, of those that the text speaks of when it names any. */
function present(places: readonly string[], text: string): readonly string[] {
  const named = places.filter((place) => new RegExp(\`\\\\b\${place}\\\\b\`).test(text));
  return (named.length > 0 ? named : places).slice(0, 4);
}
`;

const TEST = `import { test } from "node:test";
import assert from "node:assert/strict";
import type { Run } from "@harnessx/core/plugin";
import processor from "../src/index.ts";

const options = {
  usual: [
    { thing: "pear", places: ["crate", "basket"] },
    { thing: "nail", places: ["toolbox"] },
  ],
};

${TEST_RUN}
test("names the usual places of what the task asks for", () => {
  const system = openRun("Bring two pears home.", options).system();
  assert.match(system, /- pear: crate, basket/);
  assert.ok(!system.includes("nail"));
});

test("leaves out kinds of places that are not there", () => {
  const system = openRun("You see a basket 1 and a shed 1. Find a pear.", options).system();
  assert.match(system, /- pear: basket$/m);
});

test("is silent when the task names nothing that it knows", () => {
  assert.equal(openRun("Go home.", options).system(), "");
});
`;

/** Writes where kinds of things were seen in the traces. */
export function usualPlaces({ kinds, evidence }: UsualFinding, version: string): GeneratedPackage {
  return layOut({
    name: "evolved-processor-usual-places",
    version,
    description: "Tells the agent where things that the task names have usually been.",
    dimension: "context",
    hooks: ["taskStart"],
    group: "usual-places",
    optionsSchema: {
      type: "object",
      additionalProperties: false,
      properties: {
        usual: withDefault(
          {
            description: "Kinds of things and kinds of places, likeliest first.",
            type: "array",
            items: {
              type: "object",
              additionalProperties: false,
              required: ["thing", "places"],
              properties: {
                thing: { type: "string", pattern: "^[a-z ]+$" },
                places: { type: "array", items: { type: "string" } },
              },
            },
          },
          kinds,
        ),
      },
    },
    readme: `# evolved-processor-usual-places

Adds to the system prompt at which kinds of places things of the kind that the task names have been seen.

## Why

Failing runs searched in no particular order. The replies of recorded runs showed ${kinds.length} kinds of things,
each at some kinds of places far more often than at others:

${quotations(evidence)}
## How

\`taskStart\` looks for the kinds in the task text. Places are ordered by the share of the places of that
kind that held such a thing; what an agent had moved itself does not count.
`,
    src: { "index.ts": INDEX },
    test: TEST,
  });
}
