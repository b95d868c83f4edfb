import type { Totals } from "../plugin/outcome.ts";
import { sameJson, volatileFields } from "./same-event.ts";
import type { RunEndEvent, TraceEvent } from "./schema.ts";

export interface DiffTracesOptions {
  /** Fields of events to ignore; `at`, `ms`, `run` and `parent` by default. Payloads are always compared whole. */
  readonly ignore?: readonly string[];
}

/** Where two traces part. */
export interface TraceDivergence {
  /** Position of the first event that differs. */
  readonly seq: number;
  /** The first field that differs, such as `content[0].text`; empty when one trace has ended. */
  readonly path: string;
  /** The values there; undefined where there is none. */
  readonly a: unknown;
  readonly b: unknown;
  /** Up to three events before the divergence, which are the same in both. */
  readonly before: readonly TraceEvent[];
  /** Up to three events of each trace from the divergence on. */
  readonly fromA: readonly TraceEvent[];
  readonly fromB: readonly TraceEvent[];
}

/** What one trace came to. */
export interface DiffSide {
  readonly events: number;
  readonly exit?: RunEndEvent["exit"];
  readonly totals?: Totals;
}

export interface TraceDiff {
  readonly same: boolean;
  /** Number of equal events at the start. */
  readonly common: number;
  readonly a: DiffSide;
  readonly b: DiffSide;
  readonly divergence?: TraceDivergence;
}

const CONTEXT = 3;

/** Compares two traces and finds the first event at which they part. */
export function diffTraces(
  a: readonly TraceEvent[],
  b: readonly TraceEvent[],
  options: DiffTracesOptions = {},
): TraceDiff {
  const ignore = new Set(options.ignore ?? volatileFields);
  const sides = { a: sideOf(a), b: sideOf(b) };
  const shorter = Math.min(a.length, b.length);
  for (let index = 0; index < shorter; index++) {
    const found = differenceOfEvents(a[index] as TraceEvent, b[index] as TraceEvent, ignore);
    if (found)
      return { same: false, common: index, ...sides, divergence: around(a, b, index, found) };
  }
  if (a.length === b.length) return { same: true, common: shorter, ...sides };
  const end = { path: "", a: a[shorter], b: b[shorter] };
  return { same: false, common: shorter, ...sides, divergence: around(a, b, shorter, end) };
}

interface Difference {
  readonly path: string;
  readonly a: unknown;
  readonly b: unknown;
}

function differenceOfEvents(
  a: TraceEvent,
  b: TraceEvent,
  ignore: ReadonlySet<string>,
): Difference | undefined {
  const left = a as unknown as Readonly<Record<string, unknown>>;
  const right = b as unknown as Readonly<Record<string, unknown>>;
  // The kind tells more than any field of it.
  if (a.type !== b.type) return { path: "type", a: a.type, b: b.type };
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    if (ignore.has(key)) continue;
    const found =
      key === "taps" && a.type === "hook"
        ? differenceOfTaps(left[key], right[key], ignore)
        : difference(left[key], right[key], key);
    if (found) return found;
  }
  return undefined;
}

/** The first place where two values part. */
function difference(a: unknown, b: unknown, path: string): Difference | undefined {
  if (a === undefined || b === undefined) return a === b ? undefined : { path, a, b };
  if (sameJson(a, b)) return undefined;
  return inItems(a, b, path, difference) ?? inFields(a, b, path, NONE) ?? { path, a, b };
}

/** The same for the taps of a hook event, without the fields to ignore. */
function differenceOfTaps(
  a: unknown,
  b: unknown,
  ignore: ReadonlySet<string>,
): Difference | undefined {
  return inItems(a, b, "taps", (left, right, path) =>
    left === undefined || right === undefined
      ? { path, a: left, b: right }
      : inFields(left, right, path, ignore),
  );
}

function inItems(
  a: unknown,
  b: unknown,
  path: string,
  compare: (a: unknown, b: unknown, path: string) => Difference | undefined,
): Difference | undefined {
  if (!Array.isArray(a) || !Array.isArray(b)) return undefined;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const found = compare(a[i], b[i], `${path}[${i}]`);
    if (found) return found;
  }
  return undefined;
}

const NONE: ReadonlySet<string> = new Set();

function inFields(
  a: unknown,
  b: unknown,
  path: string,
  ignore: ReadonlySet<string>,
): Difference | undefined {
  if (!isPlain(a) || !isPlain(b)) return undefined;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = ignore.has(key) ? undefined : difference(a[key], b[key], `${path}.${key}`);
    if (found) return found;
  }
  return undefined;
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function around(
  a: readonly TraceEvent[],
  b: readonly TraceEvent[],
  index: number,
  found: Difference,
): TraceDivergence {
  return {
    seq: (a[index] ?? b[index])?.seq ?? index,
    ...found,
    before: a.slice(Math.max(0, index - CONTEXT), index),
    fromA: a.slice(index, index + CONTEXT),
    fromB: b.slice(index, index + CONTEXT),
  };
}

function sideOf(events: readonly TraceEvent[]): DiffSide {
  const end = events.findLast((event) => event.type === "run.end");
  return end
    ? { events: events.length, exit: end.exit, totals: end.totals }
    : { events: events.length };
}
