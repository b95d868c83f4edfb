import { countBy } from "../statistics/group.ts";

/** At least this share of the values must look alike for their look to mean something. */
const ALIKE = 0.8;

/**
 * How names look in this environment, as the source of a regular expression: the common shape of the
 * arguments that were passed, such as a word and a number. Undefined when arguments have no common
 * shape, or one that any word of a sentence has.
 */
export function namePattern(values: readonly string[]): string | undefined {
  const shapes = countBy(values, shapeOf);
  const [shape, count] = [...shapes].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))[0] ?? [
    "",
    0,
  ];
  if (count < values.length * ALIKE || !/[^a]/.test(shape) || !shape.includes("a"))
    return undefined;
  return shape
    .replace(/[^a9]/g, (mark) => (mark === " " ? " " : `\\${mark}`))
    .replace(/a/g, "[a-z]+")
    .replace(/9/g, "\\d+");
}

/** `a` for a run of letters, `9` for a run of digits, everything else as it is. */
function shapeOf(value: string): string {
  return value
    .toLowerCase()
    .replace(/[a-z]+/g, "a")
    .replace(/\d+/g, "9");
}

/** The names in a text, in order, each once, in lower case. */
export function namesIn(text: string, pattern: string): string[] {
  return [...new Set(text.toLowerCase().match(new RegExp(`\\b${pattern}\\b`, "g")) ?? [])];
}

/** A name without its number: "drawer" of "drawer 3". */
export function kindOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z]+/g, " ")
    .trim();
}

/**
 * A reply with the place in question written as `{place}`: what the environment says, whichever
 * place it says it of. Undefined when the reply names anything else.
 */
export function placeTemplate(reply: string, place: string, pattern: string): string | undefined {
  const template = reply.toLowerCase().split(place.toLowerCase()).join("{place}");
  return template.includes("{place}") && namesIn(template, pattern).length === 0
    ? template
    : undefined;
}
