/** What may be done to an argument to get at a part of it or at another way of writing it. */
export type ArgumentStep = (text: string) => string | undefined;

const ADDRESS = /^(https?:\/\/[^/?#\s]+)([^?#]*)/i;

/** Percent signs undone; undefined for a text in which they mean nothing. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Parts of an address. */
const parts: Readonly<Record<string, ArgumentStep>> = {
  origin: (text) => ADDRESS.exec(text)?.[1],
  path: (text) => ADDRESS.exec(text)?.[2],
  last: (text) => /([^/?#]+)\/?$/.exec(ADDRESS.exec(text)?.[2] ?? "")?.[1],
  query: (text) => /\?([^#]*)/.exec(text)?.[1],
};

/** Other ways of writing a text. */
const spellings: Readonly<Record<string, ArgumentStep>> = {
  decode: decoded,
  spaces: (text) => text.replace(/_/g, " "),
  underscores: (text) => text.replace(/ /g, "_"),
  encode: (text) => encodeURIComponent(text),
  lower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
};

/** Every step by its name; generated tools carry the same. */
export const argumentSteps: Readonly<Record<string, ArgumentStep>> = { ...parts, ...spellings };

/** An argument and the steps that are applied to it, written as `url|last|decode`. */
export type Term = string;

/** Every sensible sequence of steps, the shortest first: a part or none, then up to two spellings. */
const sequences: readonly (readonly string[])[] = [[], ...Object.keys(parts).map((part) => [part])]
  .flatMap((start) => [
    start,
    ...Object.keys(spellings).map((one) => [...start, one]),
    ...Object.keys(spellings).flatMap((one) =>
      Object.keys(spellings)
        .filter((other) => other !== one)
        .map((other) => [...start, one, other]),
    ),
  ])
  .toSorted((a, b) => a.length - b.length);

/** Shorter values stand in a text by accident. */
const MIN_VALUE = 3;

/** What terms make of the arguments: by value, the terms that lead to it, the simplest first. */
export function derivations(args: Readonly<Record<string, string>>): Map<string, Term[]> {
  const found = new Map<string, Term[]>();
  for (const [name, value] of Object.entries(args)) {
    for (const steps of sequences) {
      const derived = applySteps(steps, value);
      if (derived === undefined || derived.length < MIN_VALUE) continue;
      const terms = found.get(derived) ?? [];
      terms.push([name, ...steps].join("|"));
      found.set(derived, terms);
    }
  }
  return found;
}

function applySteps(steps: readonly string[], value: string): string | undefined {
  let text: string | undefined = value;
  for (const step of steps) text = text === undefined ? undefined : argumentSteps[step]!(text);
  return text;
}
