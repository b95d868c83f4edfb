import type { HookTapRecord, TraceEvent } from "./schema.ts";

/**
 * Fields of an event, not of the payloads in it, that differ between two executions of the same
 * behaviour. `ms` also covers the duration of each tap.
 */
export const volatileFields = ["at", "ms", "run", "parent"] as const;

const VOLATILE: ReadonlySet<string> = new Set(volatileFields);

type Fields = Readonly<Record<string, unknown>>;

/**
 * True when two events record the same behaviour: a deep comparison without `at`, `ms`, `run` and
 * `parent`.
 *
 * An event in memory equals its copy from a file: a key without value equals a missing key, and a
 * number without JSON form equals null. Allocates nothing but key lists; called for every event
 * of a replay.
 */
export function sameEvent(a: TraceEvent, b: TraceEvent): boolean {
  if (a === b) return true;
  if (a.type !== b.type || a.seq !== b.seq) return false;
  const left = a as unknown as Fields;
  const right = b as unknown as Fields;
  for (const key of Object.keys(left)) {
    if (VOLATILE.has(key)) continue;
    if (key === "taps" && a.type === "hook") {
      if (!sameTaps(a.taps, right[key])) return false;
    } else if (!sameField(left[key], right[key])) return false;
  }
  for (const key of Object.keys(right)) {
    if (left[key] === undefined && right[key] !== undefined && !VOLATILE.has(key)) return false;
  }
  return true;
}

function sameTaps(a: readonly HookTapRecord[], b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    const left = a[i] as HookTapRecord;
    const right = b[i] as HookTapRecord;
    if (
      left.processor !== right.processor ||
      left.tap !== right.tap ||
      left.verdict !== right.verdict ||
      left.reason !== right.reason ||
      !sameField(left.edits, right.edits) ||
      !sameField(left.outcome, right.outcome)
    )
      return false;
  }
  return true;
}

/** A field may be missing on one side and undefined on the other, but null is a value. */
function sameField(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return a === b;
  return sameJson(a, b);
}

/**
 * True when both values have the same JSON form, whatever the order of their keys.
 *
 * @example
 * ```ts
 * import { sameJson } from "@harnessx/core";
 * sameJson({ a: 1, b: undefined }, { a: 1 }); // true
 * ```
 */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a === "object" && a !== null && typeof b === "object" && b !== null) {
    if (Array.isArray(a)) return Array.isArray(b) && sameItems(a, b);
    return !Array.isArray(b) && sameObject(a as Fields, b as Fields);
  }
  return sameSpecial(a, b);
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i] && !sameJson(a[i], b[i])) return false;
  return true;
}

function sameObject(a: Fields, b: Fields): boolean {
  const keys = Object.keys(a);
  const others = Object.keys(b);
  // Dates and their like have no keys of their own; only such objects pay for the check.
  if ((keys.length === 0 || others.length === 0) && (hasJsonForm(a) || hasJsonForm(b))) {
    return sameJson(jsonForm(a), jsonForm(b));
  }
  let defined = 0;
  for (const key of keys) {
    const value = a[key];
    if (value === undefined) continue;
    defined++;
    const other = b[key];
    if (value !== other && !(Object.hasOwn(b, key) && sameField(value, other))) return false;
  }
  for (const key of others) if (b[key] !== undefined) defined--;
  return defined === 0;
}

/** What JSON writes as null (in an array also undefined), and objects that choose their JSON form. */
function sameSpecial(a: unknown, b: unknown): boolean {
  if (isNothing(a) && isNothing(b)) return true;
  if (hasJsonForm(a)) return sameJson(a.toJSON(), b);
  return hasJsonForm(b) && sameJson(a, b.toJSON());
}

function isNothing(value: unknown): boolean {
  return (
    value === null || value === undefined || (typeof value === "number" && !Number.isFinite(value))
  );
}

function hasJsonForm(value: unknown): value is { toJSON(): unknown } {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { toJSON?: unknown }).toJSON === "function"
  );
}

function jsonForm(value: unknown): unknown {
  return hasJsonForm(value) ? value.toJSON() : value;
}
