import { countBy } from "../statistics/group.ts";
import type { Episode } from "../digest/episode.ts";
import { namePattern } from "./names.ts";

/** An argument whose values agents take from earlier replies, and how such values look. */
export interface ReferenceFinding {
  readonly tool: string;
  readonly argument: string;
  /** Source of a regular expression, case-sensitive. */
  readonly pattern: string;
}

const MIN_CALLS = 5;
const MIN_VALUES = 3;
/** Share of the values that an earlier reply of the run must have shown. */
const SHOWN = 0.8;
/** Share of the values that the task itself may name: what it names need not be found. */
const ASKED = 0.5;
const MAX_LENGTH = 64;

/** The commonest argument that refers to what replies showed; undefined where there is none. */
export function mineReference(episodes: readonly Episode[]): ReferenceFinding | undefined {
  const found = new Map<string, { tool: string; argument: string; values: Value[] }>();
  for (const { calls, text } of episodes) {
    let shown = "";
    for (const { tool, args, reply, status } of calls) {
      for (const [argument, value] of Object.entries(args)) {
        if (value === "" || value.length > MAX_LENGTH) continue;
        const key = `${tool} ${argument}`;
        const entry = found.get(key) ?? { tool, argument, values: [] };
        entry.values.push({ value, shown: shown.includes(value), asked: text.includes(value) });
        found.set(key, entry);
      }
      if (status === "ok") shown += `\n${reply}`;
    }
  }
  const share = (values: readonly Value[], of: "shown" | "asked"): number =>
    values.filter((value) => value[of]).length / values.length;
  const fitting = [...found.values()]
    .filter(
      ({ values }) =>
        values.length >= MIN_CALLS &&
        share(values, "shown") >= SHOWN &&
        share(values, "asked") <= ASKED,
    )
    .toSorted((a, b) => b.values.length - a.values.length || (a.tool < b.tool ? -1 : 1));
  for (const { tool, argument, values } of fitting) {
    const real = values.filter(({ shown }) => shown).map(({ value }) => value);
    const pattern = referencePattern(real);
    if (pattern !== undefined) return { tool, argument, pattern };
  }
  return undefined;
}

interface Value {
  readonly value: string;
  readonly shown: boolean;
  readonly asked: boolean;
}

/**
 * How references look, as the source of a regular expression: the shape that `namePattern` finds,
 * else their common beginning, letters, digits and lengths. Undefined for values that look like words.
 */
export function referencePattern(values: readonly string[]): string | undefined {
  const different = [...countBy(values, (value) => value).keys()];
  if (different.length < MIN_VALUES) return undefined;
  const shape = namePattern(different);
  const body = shape?.replaceAll("[a-z]", "[A-Za-z]") ?? codePattern(different);
  return body === undefined ? undefined : `(?<![A-Za-z0-9])${body}(?![A-Za-z0-9])`;
}

/** For codes such as `B07X1` or `x9f-2`: all hold a digit and no space. */
function codePattern(values: readonly string[]): string | undefined {
  if (!values.every((value) => /^[\w.:#-]+$/.test(value) && /\d/.test(value))) return undefined;
  const prefix = commonPrefix(values);
  const rests = values.map((value) => value.slice(prefix.length));
  const all = rests.join("");
  const marks = [...new Set(all.replace(/[A-Za-z0-9]/g, ""))].map((mark) => `\\${mark}`).join("");
  const kinds = [
    /[A-Z]/.test(all) ? "A-Z" : "",
    /[a-z]/.test(all) ? "a-z" : "",
    /\d/.test(all) ? "0-9" : "",
    marks.replaceAll("\\_", "_"),
  ].join("");
  const lengths = rests.map(({ length }) => length);
  const [least, most] = [Math.min(...lengths), Math.max(...lengths)];
  if (kinds === "" || least === 0) return undefined;
  const times = least === most ? `{${least}}` : `{${least},${most}}`;
  // Without a digit in what all have in common, one must stand in the rest: words have none.
  const digit = /\d/.test(prefix) ? "" : `(?=[${kinds}]*\\d)`;
  return `${prefix.replace(/[.]/g, "\\.")}${digit}[${kinds}]${times}`;
}

function commonPrefix(values: readonly string[]): string {
  let prefix = values[0] ?? "";
  for (const value of values) while (!value.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix;
}
