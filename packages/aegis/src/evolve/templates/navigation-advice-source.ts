/* The source of the navigation advice: the same text for every environment, parameters are its options. */

export const INDEX = `import { defineProcessor, replace, textOf } from "@harnessx/core/plugin";
import { Sightings, type NavigationOptions } from "./sightings.ts";

/** Tells an agent that moves on and on to stop and decide, and names what it has seen and not looked into. */
export default defineProcessor<NavigationOptions>((run, options) => {
  const sightings = new Sightings(options, run.task.text);
  run.hooks.afterTool.tap("watch", ({ call, result }) => {
    if (result.status === "ok") sightings.record(call.name, call.input, textOf(result.content));
  });
  run.hooks.beforeModel.tap("advise", (event) => {
    const advice = sightings.advice();
    return advice === "" ? undefined : replace(event.appendUser(advice));
  });
});
`;

export const SIGHTINGS = `/** See options.schema.json; the defaults there were measured in traces. */
export interface NavigationOptions {
  readonly tools: readonly string[];
  readonly follow: { readonly tool: string; readonly argument: string };
  readonly reference: string;
  readonly lines: number;
  readonly tolerated: number;
  readonly finish: readonly string[];
  readonly listed: number;
}

/** What lists have shown in one episode, and what of it was followed up. */
export class Sightings {
  readonly #options: NavigationOptions;
  readonly #task: ReadonlySet<string>;
  /** What the lists say of each thing, by its name. */
  readonly #seen = new Map<string, string>();
  readonly #followed = new Set<string>();
  /** How often the agent was shown a thing and preferred something else. */
  readonly #passedOver = new Map<string, number>();
  #offered: readonly string[] = [];
  #moves = 0;
  #most = 0;
  #last = "";

  constructor(options: NavigationOptions, task: string) {
    this.#options = options;
    this.#task = wordsOf(task);
  }

  /** Takes note of one successful call. */
  record(tool: string, input: unknown, reply: string): void {
    const { tools, follow } = this.#options;
    if (tool === follow.tool) {
      const name = argumentOf(input, follow.argument);
      if (name !== undefined) this.#followed.add(name);
      this.#passOver(name);
    }
    if (!tools.includes(tool)) {
      this.#moves = 0;
      this.#last = "";
      return;
    }
    this.#passOver(undefined);
    // The same reply again is no move.
    if (reply !== this.#last) this.#moves += 1;
    this.#last = reply;
    this.#most = Math.max(this.#most, this.#moves);
    this.#read(reply);
  }

  /** What to tell the agent; empty until it has moved on too often, from then on in every request. */
  advice(): string {
    const { tools, follow, tolerated, finish, listed } = this.#options;
    if (this.#most <= tolerated) return "";
    const left = this.#ranked().slice(0, listed);
    this.#offered = left.map(([name]) => name);
    const verb = inWords(follow.tool);
    const lines = [
      \`You have moved on \${this.#most} times in a row (\${tools.map(inWords).join(", ")}) without looking into what was listed. Stop moving on and decide with what you have seen.\`,
    ];
    if (left.length > 0) {
      lines.push(\`Seen but not followed up yet, best match with the task first (\${verb}):\`);
      for (const [, text] of left) lines.push(\`- \${text}\`);
    }
    if (this.#followed.size > 0) lines.push(\`Followed up already: \${[...this.#followed].join(", ")}.\`);
    const end = finish.length > 0 ? \`, then \${finish.map(inWords).join(", ")}\` : "";
    lines.push(\`Compare them with the task one by one. As soon as one fits, settle for it\${end}; if none does, take the closest.\`);
    return lines.join("\\n");
  }

  /** What stood above the agent's choice, or all of it when it moved on, had its chance. */
  #passOver(chosen: string | undefined): void {
    const at = chosen === undefined ? -1 : this.#offered.indexOf(chosen);
    const above = at < 0 ? this.#offered : this.#offered.slice(0, at);
    for (const name of above) this.#passedOver.set(name, (this.#passedOver.get(name) ?? 0) + 1);
    this.#offered = [];
  }

  /** Keeps the lines of a list that belong to each thing. */
  #read(reply: string): void {
    const { reference, lines: height } = this.#options;
    const pattern = new RegExp(reference);
    const lines = reply.split("\\n");
    lines.forEach((line, index) => {
      const name = pattern.exec(line)?.[0];
      if (name === undefined) return;
      const block = [line];
      for (const more of lines.slice(index + 1, index + height)) {
        if (pattern.test(more)) break;
        block.push(more);
      }
      this.#seen.set(name, block.map((part) => part.trim()).join(" ").slice(0, 240));
    });
  }

  /**
   * What was not followed up, by the words that it shares with the task: rare words weigh more, and
   * what the agent passed over sinks.
   */
  #ranked(): [name: string, text: string][] {
    const count = new Map<string, number>();
    const found = [...this.#seen].map(([name, text]) => {
      const shared = [...wordsOf(text)].filter((word) => this.#task.has(word));
      for (const word of shared) count.set(word, (count.get(word) ?? 0) + 1);
      return { name, text, shared };
    });
    const weight = (shared: readonly string[]): number =>
      shared.reduce((sum, word) => sum + Math.log(1 + found.length / (count.get(word) ?? 1)), 0);
    return found
      .filter(({ name }) => !this.#followed.has(name))
      .map(({ name, text, shared }) => ({ name, text, overlap: weight(shared) * 0.7 ** (this.#passedOver.get(name) ?? 0) }))
      .sort((a, b) => b.overlap - a.overlap)
      .map(({ name, text }) => [name, text]);
  }
}

/** A tool's name as words. */
function inWords(tool: string): string {
  return tool.replace(/([a-z])([A-Z])/g, "$1 $2").replace(/[^a-zA-Z0-9]+/g, " ").trim().toLowerCase();
}

function wordsOf(text: string): Set<string> {
  return new Set((text.toLowerCase().match(/[a-z0-9]+/g) ?? []).filter((word) => word.length > 2));
}

function argumentOf(input: unknown, name: string): string | undefined {
  if (typeof input !== "object" || input === null) return undefined;
  const entry = Object.entries(input).find(([key]) => key === name);
  return typeof entry?.[1] === "string" ? entry[1] : undefined;
}
`;
