/* The source of the place memory: the same text for every environment, parameters are its options. */

export const INDEX = `import { defineProcessor, replace, textOf } from "@harnessx/core/plugin";
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

export const MEMORY = `/** A tool and the name of one of its arguments. */
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
