import type { ToolSpec } from "@harnessx/core/plugin";

/** A tool that takes one text, and what its argument is called. */
export interface Choice {
  readonly tool: string;
  readonly argument: string;
}

/** What a tool may be wanted for. */
export type Purpose = "read" | "raw" | "answer";

/** How much a word in a name or a description speaks for a purpose; words are cut to their first letters. */
const words: Readonly<Record<Purpose, Readonly<Record<string, number>>>> = {
  read: weights({
    page: 2,
    text: 2,
    articl: 2,
    conten: 2,
    read: 1.5,
    open: 1,
    docume: 1,
    websit: 1,
    web: 0.5,
    show: 0.5,
    fetch: 0.5,
    direct: 1,
    reliab: 1,
    quick: 1,
    fast: 1,
    withou: 0.5,
    browse: 0.5,
    raw: -3,
    body: -2,
    bytes: -2,
    header: -1,
    wait: -0.5,
    script: -0.5,
    search: -2,
    answer: -4,
    final: -3,
    write: -3,
    delete: -3,
    save: -2,
  }),
  raw: weights({ raw: 3, get: 1, http: 1, reques: 2, respon: 1, body: 2, bytes: 2, answer: -4 }),
  answer: weights({ answer: 4, final: 2, submit: 3, ends: 1, finish: 2, questi: 1 }),
};

const LEAST: Readonly<Record<Purpose, number>> = { read: 2.5, raw: 3, answer: 3 };

function weights(given: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return given;
}

/** Tools that may serve a purpose, the best one first, by the words with which they describe themselves. */
export function rankTools(
  tools: readonly ToolSpec[],
  purpose: Purpose,
  failures: (tool: string) => number = () => 0,
): Choice[] {
  return tools
    .flatMap((spec) => {
      const argument = textArgument(spec);
      if (argument === undefined) return [];
      const preferred = purpose === "read" ? preference(spec, tools) : 0;
      const fit = fitOf(spec, purpose) + preferred;
      // One that has failed has to describe itself much better to be tried again first.
      return [{ choice: { tool: spec.name, argument }, fit, worth: fit - failures(spec.name) }];
    })
    .filter(({ fit }) => fit >= LEAST[purpose])
    .toSorted((a, b) => b.worth - a.worth)
    .map(({ choice }) => choice);
}

function fitOf({ name, description }: ToolSpec, purpose: Purpose): number {
  const said = new Set(
    `${name.replaceAll(/[_-]/g, " ")} ${description}`
      .toLowerCase()
      .match(/[a-z]+/g)
      ?.map((word) => word),
  );
  let fit = 0;
  for (const [stem, weight] of Object.entries(words[purpose]))
    if ([...said].some((word) => word.startsWith(stem))) fit += weight;
  return Math.min(fit, 8);
}

/** A description that recommends the tool over another one by name. */
function preference({ name, description }: ToolSpec, tools: readonly ToolSpec[]): number {
  const recommends = description
    .split(/[.;]/)
    .some(
      (sentence) =>
        /\b(?:instead|rather|replaces?|prefer|better|unlike|alternative)\b/i.test(sentence) &&
        tools.some((other) => other.name !== name && sentence.includes(other.name)),
    );
  return recommends ? 4 : 0;
}

/** The only argument that must be given, when it is a text. */
function textArgument({ inputSchema }: ToolSpec): string | undefined {
  const { required, properties } = inputSchema as {
    readonly required?: readonly string[];
    readonly properties?: Readonly<Record<string, { readonly type?: unknown }>>;
  };
  const [only, ...others] = required ?? [];
  if (only === undefined || others.length > 0) return undefined;
  return properties?.[only]?.type === "string" ? only : undefined;
}
