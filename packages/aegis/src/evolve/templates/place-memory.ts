import type { PlaceFinding } from "../../mine/index.ts";
import type { GeneratedPackage } from "../types.ts";
import { layOut, percent, quotations, TEST_RUN, textList, withDefault } from "./package.ts";

const INDEX = `import { defineProcessor, replace, textOf } from "@harnessx/core/plugin";
import { PlaceMemory, type MemoryOptions } from "./memory.ts";

/** Keeps what each place turned out to hold in front of the agent, so that it need not look twice. */
export default defineProcessor<MemoryOptions>((run, options) => {
  const memory = new PlaceMemory(options, run.task.text);
  run.hooks.afterTool.tap("remember", ({ call, result }) => {
    if (result.status === "ok") memory.record(call.name, call.input, textOf(result.content));
  });
  run.hooks.beforeModel.tap("remind", (event) => {
    const notes = memory.render();
    return notes === "" ? undefined : replace(event.appendUser(notes));
  });
});
`;

const MEMORY = `/** A tool and the name of one of its arguments. */
export interface ToolArgument {
  readonly tool: string;
  readonly argument: string;
}

/** A tool that has a thing and a place as arguments. */
export interface Move {
  readonly tool: string;
  readonly thing: string;
  readonly place: string;
}

/** See options.schema.json; the defaults there were measured in traces. */
export interface MemoryOptions {
  readonly look: readonly ToolArgument[];
  readonly taking: readonly Move[];
  readonly placing: readonly Move[];
  readonly names: string;
  readonly empty: readonly string[];
  readonly hidden: readonly { readonly reply: string; readonly tool: string }[];
  readonly noEffect: readonly string[];
  readonly maxPlaces: number;
}

/** What is known of one place: the things seen there, or what must be done to see them. */
type Known = { readonly things: readonly string[] } | { readonly unlock: string };

/** What an episode has shown so far. */
export class PlaceMemory {
  readonly #options: MemoryOptions;
  readonly #task: string;
  readonly #listed: readonly string[];
  readonly #known = new Map<string, Known>();
  readonly #carried = new Set<string>();

  constructor(options: MemoryOptions, task: string) {
    this.#options = options;
    this.#task = task.toLowerCase();
    this.#listed = this.#namesIn(this.#task);
  }

  /** Takes note of one successful call. */
  record(tool: string, input: unknown, reply: string): void {
    const { look, taking, placing, noEffect } = this.#options;
    if (noEffect.includes(reply)) return;
    const args = stringsOf(input);
    const looked = look.find((one) => one.tool === tool);
    const place = looked && Object.keys(args).length === 1 ? args[looked.argument] : undefined;
    if (place !== undefined) this.#look(place, reply);
    const taken = taking.find((one) => one.tool === tool);
    if (taken) this.#move(args[taken.thing], args[taken.place], "taken");
    const put = placing.find((one) => one.tool === tool);
    if (put) this.#move(args[put.thing], args[put.place], "put");
  }

  /** Everything known as text; empty at the start. */
  render(): string {
    if (this.#known.size === 0) return "";
    const lines = ["What you know so far:"];
    for (const [place, known] of [...this.#known].slice(-this.#options.maxPlaces)) lines.push(this.#line(place, known));
    const rest = this.#listed.filter((place) => !this.#known.has(place)).slice(0, this.#options.maxPlaces);
    if (rest.length > 0) lines.push(\`Not searched yet: \${rest.join(", ")}.\`);
    for (const thing of this.#carried) lines.push(\`You are carrying \${thing}.\`);
    return lines.join("\\n");
  }

  #line(place: string, known: Known): string {
    if ("unlock" in known) return \`- \${place}: not searched yet; \${known.unlock} it to see what it holds.\`;
    if (known.things.length === 0) return \`- \${place}: already searched, nothing there.\`;
    const list = known.things.join(", ");
    return known.things.some((thing) => this.#asked(thing))
      ? \`- \${place}: \${list}.\`
      : \`- \${place}: already searched, only \${list}.\`;
  }

  /** Whether the task speaks of things of this kind. */
  #asked(thing: string): boolean {
    const kind = thing.replace(/[^a-z]+/g, " ").trim();
    return kind !== "" && new RegExp(\`\\\\b\${kind}(?:s|es)?\\\\b\`).test(this.#task);
  }

  #look(argument: string, reply: string): void {
    const place = argument.toLowerCase();
    // A call on a thing looks the same as one on a place; only places are listed or said to hold something.
    if (!this.#listed.includes(place) && !this.#known.has(place)) return;
    const text = reply.toLowerCase();
    const things = this.#namesIn(text).filter((name) => name !== place);
    if (things.length > 0 && text.includes(place)) {
      this.#known.set(place, { things });
      return;
    }
    const said = text.split(place).join("{place}");
    const hidden = this.#options.hidden.find((one) => one.reply === said);
    if (this.#options.empty.includes(said)) this.#known.set(place, { things: [] });
    else if (hidden) this.#known.set(place, { unlock: hidden.tool });
  }

  #move(thing: string | undefined, where: string | undefined, how: "taken" | "put"): void {
    if (thing === undefined || where === undefined) return;
    const name = thing.toLowerCase();
    const place = where.toLowerCase();
    const known = this.#known.get(place);
    if (how === "taken") this.#carried.add(name);
    else this.#carried.delete(name);
    if (!known || "unlock" in known) return;
    const others = known.things.filter((other) => other !== name);
    this.#known.set(place, { things: how === "put" ? [...others, name] : others });
  }

  #namesIn(text: string): string[] {
    return [...new Set(text.match(new RegExp(\`\\\\b\${this.#options.names}\\\\b\`, "g")) ?? [])];
  }
}

function stringsOf(input: unknown): Record<string, string> {
  const strings: Record<string, string> = {};
  if (typeof input !== "object" || input === null) return strings;
  for (const [name, value] of Object.entries(input)) if (typeof value === "string") strings[name] = value;
  return strings;
}
`;

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
    hidden: places.hidden.slice(0, 20),
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
    test: test(options),
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

function test(options: {
  readonly look: PlaceFinding["look"];
  readonly empty: readonly string[];
  readonly hidden: PlaceFinding["hidden"];
}): string {
  const [first] = options.look;
  return `import { test } from "node:test";
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
// The environment that these defaults come from looks with ${JSON.stringify(first?.tool ?? "")}.
`;
}
