import type { PlaceFinding } from "../../mine/index.ts";
import type { GeneratedPackage } from "../types.ts";
import { INDEX, MEMORY } from "./place-memory-source.ts";
import { layOut, percent, quotations, TEST_RUN, textList, withDefault } from "./package.ts";

/** Writes a memory for the places that the traces showed. */
export function placeMemory(
  places: PlaceFinding,
  noEffect: readonly string[],
  version: string,
): GeneratedPackage {
  const toolArgument = record({ tool: { type: "string" }, argument: { type: "string" } });
  const move = record({
    tool: { type: "string" },
    thing: { type: "string" },
    place: { type: "string" },
  });
  const options = {
    look: places.look,
    taking: places.taking,
    placing: places.placing,
    names: places.names,
    empty: places.empty.slice(0, 20),
    hidden: places.hidden.slice(0, 20).map(({ reply, tool }) => ({ reply, tool })),
    noEffect: noEffect.slice(0, 20),
    maxPlaces: 60,
  };
  return layOut({
    name: "evolved-processor-place-memory",
    version,
    description: "Remembers what each place held and renders it before every model call.",
    dimension: "memory",
    hooks: ["beforeModel", "afterTool"],
    group: "place-memory",
    optionsSchema: {
      type: "object",
      additionalProperties: false,
      properties: {
        look: withDefault(
          {
            description: "Calls whose reply says what a place holds.",
            type: "array",
            items: toolArgument,
          },
          options.look,
        ),
        taking: withDefault(
          { description: "Calls that take a thing from a place.", type: "array", items: move },
          options.taking,
        ),
        placing: withDefault(
          { description: "Calls that leave a thing at a place.", type: "array", items: move },
          options.placing,
        ),
        names: withDefault(
          { description: "How names look: a regular expression.", type: "string", minLength: 1 },
          options.names,
        ),
        empty: withDefault(
          {
            description: "Replies that mean that nothing is there; {place} stands for the name.",
            ...textList,
          },
          options.empty,
        ),
        hidden: withDefault(
          {
            description:
              "Replies that mean that one has to do something first, and the tool that helps.",
            type: "array",
            items: record({ reply: { type: "string" }, tool: { type: "string" } }),
          },
          options.hidden,
        ),
        noEffect: withDefault(
          { description: "Replies that mean that a call did nothing.", ...textList },
          options.noEffect,
        ),
        maxPlaces: withDefault(
          { description: "Places to list at most.", type: "integer", minimum: 1 },
          options.maxPlaces,
        ),
      },
    },
    readme: readme(places),
    src: { "index.ts": INDEX, "memory.ts": MEMORY },
    test: TEST,
  });
}

const record = (properties: Readonly<Record<string, object>>): object => ({
  type: "object",
  additionalProperties: false,
  required: Object.keys(properties),
  properties,
});

function readme({ visit, revisits, evidence, look, hidden }: PlaceFinding): string {
  return `# evolved-processor-place-memory

Before every model call, lists what each place turned out to hold, which places are left, and what the
agent carries.

## Why

In recorded runs, ${percent(revisits.failing)} of the calls of \`${visit.tool}\` in failing runs and ${percent(revisits.passing)} in passing ones went to a
place that the run had seen before. Such replies came back to a second visit:

${quotations(evidence)}
## How

- \`afterTool\` reads the replies to ${look.map(({ tool }) => `\`${tool}\``).join(", ")}: names in the reply are what the place holds;
  a reply that never led to a find means that nothing is there${hidden.length > 0 ? `; one after which \`${hidden[0]!.tool}\` showed\n  something means that the place has not been looked into` : ""}.
- \`beforeModel\` appends the list as a user message to this request only: the history does not grow.

All parameters are in \`options.schema.json\`, with the values measured in the traces as defaults.
`;
}

const TEST = `import { test } from "node:test";
import assert from "node:assert/strict";
import type { Run } from "@harnessx/core/plugin";
import processor from "../src/index.ts";

const options = {
  look: [{ tool: "visit", argument: "where" }],
  taking: [{ tool: "grab", thing: "what", place: "where" }],
  placing: [{ tool: "drop", thing: "what", place: "where" }],
  names: "[a-z]+ \\\\d+",
  empty: ["there is nothing at {place}."],
  hidden: [{ reply: "{place} is shut.", tool: "unlock" }],
  noEffect: ["No."],
  maxPlaces: 60,
};

${TEST_RUN}
test("says nothing before anything is known", () => {
  assert.equal(openRun("You see crate 1 and crate 2. Find a pear.", options).advice(), "");
});

test("remembers what a place held, that it was empty, and that it is shut", () => {
  const run = openRun("You see crate 1, crate 2, crate 3 and crate 4. Find a pear.", options);
  run.call("visit", { where: "crate 1" }, "At crate 1 there is a nail 2.");
  run.call("visit", { where: "crate 2" }, "There is nothing at crate 2.");
  run.call("visit", { where: "crate 3" }, "Crate 3 is shut.");
  const advice = run.advice();
  assert.match(advice, /crate 1: already searched, only nail 2/);
  assert.match(advice, /crate 2: already searched, nothing there/);
  assert.match(advice, /crate 3: not searched yet; unlock it/);
  assert.match(advice, /Not searched yet: crate 4/);
});

test("follows a thing that is taken and put down", () => {
  const run = openRun("You see crate 1 and crate 2. Find a pear.", options);
  run.call("visit", { where: "crate 1" }, "At crate 1 there is a pear 1.");
  run.call("grab", { what: "pear 1", where: "crate 1" }, "Taken.");
  assert.match(run.advice(), /You are carrying pear 1/);
  run.call("visit", { where: "crate 2" }, "There is nothing at crate 2.");
  run.call("drop", { what: "pear 1", where: "crate 2" }, "Done.");
  assert.match(run.advice(), /crate 2: pear 1/);
  assert.ok(!run.advice().includes("carrying"));
});

test("keeps runs apart", () => {
  const first = openRun("You see crate 1.", options);
  first.call("visit", { where: "crate 1" }, "There is nothing at crate 1.");
  assert.equal(openRun("You see crate 1.", options).advice(), "");
});
`;
