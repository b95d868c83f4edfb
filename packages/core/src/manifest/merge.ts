import type { Json, JsonObject } from "../plugin/json.ts";
import {
  at,
  conflict,
  entriesOf,
  failed,
  find,
  own,
  resultOf,
  sameEntry,
  sameField,
  sameValue,
  SECTIONS,
  type Entry,
} from "./entries.ts";
import type { Manifest, ManifestConflict, ManifestResult, Section } from "./types.ts";

/**
 * The union of two manifests, such as a harness and a bundle to add to it.
 *
 * Entries of `a` come first in their order, then those that only `b` has; an entry that both have
 * must mean the same. A slot or limit may be set by one side, or by both alike. Name and version are
 * those of `a`. Associative (both groupings give the same manifest or none) and idempotent; where
 * the relative order of entries matters across manifests, `before` and `after` say so.
 *
 * @example
 * ```ts
 * import { merge } from "@harnessx/core";
 * const result = merge(
 *   { name: "shopper", version: "3", tools: [{ id: "fs", use: "fs-tools" }] },
 *   { name: "guards", version: "1", limits: { maxSteps: 9 } },
 * );
 * result.ok && result.manifest;
 * // { name: "shopper", version: "3", tools: [{ id: "fs", use: "fs-tools" }], limits: { maxSteps: 9 } }
 * ```
 */
export function merge(a: Manifest, b: Manifest): ManifestResult {
  const conflicts: ManifestConflict[] = [];
  const lists = SECTIONS.map(
    (section) => [section, unionEntries(section, a, b, conflicts)] as const,
  );
  const slots = unionFields("slots", { ...a.slots }, { ...b.slots }, conflicts);
  const limits = unionFields("limits", { ...a.limits }, { ...b.limits }, conflicts);
  if (conflicts.length > 0) return failed(conflicts);
  return resultOf({
    ...a,
    ...Object.fromEntries(lists.filter(([section, list]) => list.length > 0 || a[section])),
    ...((a.slots || Object.keys(slots).length > 0) && { slots }),
    ...((a.limits || Object.keys(limits).length > 0) && { limits }),
  });
}

/**
 * Three-way merge: what two descendants each changed of their common base, in one manifest.
 *
 * What only one side changed is taken from it; what both changed is a `both-changed` conflict unless
 * they agree. The unit is an entry, a limit, a slot, the name, the version, and the order of the
 * entries that all three have. New entries follow the entry they follow on their own side; of two at
 * the same place, those of `a` come first. An entry that got another id counts as one removed and one
 * inserted. Edits of the base that share nothing that they touch (see `touches`) then give the same
 * as applied one after the other.
 *
 * @example
 * ```ts
 * import { mergeEdits } from "@harnessx/core";
 * const base = { name: "shopper", version: "3" };
 * const result = mergeEdits(base, { ...base, version: "4" }, { ...base, limits: { maxSteps: 9 } });
 * result.ok && result.manifest; // { name: "shopper", version: "4", limits: { maxSteps: 9 } }
 * ```
 */
export function mergeEdits(base: Manifest, a: Manifest, b: Manifest): ManifestResult {
  const conflicts: ManifestConflict[] = [];
  const head = (["name", "version"] as const).map(
    (key) => [key, choose([key], base[key], a[key], b[key], sameValue, conflicts)] as const,
  );
  const lists = SECTIONS.map(
    (section) => [section, mergeSection(section, base, a, b, conflicts)] as const,
  );
  const slots = mergeFields("slots", base, a, b, conflicts);
  const limits = mergeFields("limits", base, a, b, conflicts);
  if (conflicts.length > 0) return failed(conflicts);
  return resultOf({
    ...(base.$schema !== undefined && { $schema: base.$schema }),
    ...Object.fromEntries(head),
    ...Object.fromEntries(lists.filter(([section, list]) => list.length > 0 || base[section])),
    ...((base.slots || Object.keys(slots).length > 0) && { slots }),
    ...((base.limits || Object.keys(limits).length > 0) && { limits }),
  });
}

function unionEntries(
  section: Section,
  a: Manifest,
  b: Manifest,
  conflicts: ManifestConflict[],
): readonly Entry[] {
  const result = [...entriesOf(a, section)];
  for (const entry of entriesOf(b, section)) {
    const known = find(a, entry.id);
    if (known === undefined) result.push(entry);
    else if (known.section !== section || !sameEntry(section, known.entry, entry)) {
      const problem = `the two manifests mean different things by ${entry.id}`;
      conflicts.push(conflict("different-entry", at(section, entry.id), problem));
    }
  }
  return result;
}

function unionFields(
  head: "slots" | "limits",
  a: JsonObject,
  b: JsonObject,
  conflicts: ManifestConflict[],
): JsonObject {
  for (const key of Object.keys(a)) {
    if (Object.hasOwn(b, key) && !sameValue(a[key], b[key])) {
      const problem = "the two manifests set it to different values";
      conflicts.push(conflict("different-value", at(head, key), problem));
    }
  }
  return { ...b, ...a };
}

/** The one of two values that differs from the base; what both changed differently is a conflict. */
function choose<T>(
  path: readonly string[],
  base: T,
  a: T,
  b: T,
  same: (x: T, y: T) => boolean,
  conflicts: ManifestConflict[],
): T {
  if (same(a, base)) return b;
  if (!same(b, base) && !same(a, b)) {
    conflicts.push(conflict("both-changed", at(...path), "both sides changed it differently"));
  }
  return a;
}

function mergeFields(
  head: "slots" | "limits",
  base: Manifest,
  a: Manifest,
  b: Manifest,
  conflicts: ManifestConflict[],
): JsonObject {
  const result: [string, Json][] = [];
  for (const key of new Set([base, a, b].flatMap((one) => Object.keys(one[head] ?? {})))) {
    const [old, inA, inB] = [own(base[head], key), own(a[head], key), own(b[head], key)];
    const same = (x: Json | undefined, y: Json | undefined) => sameField(head, key, x, y);
    const value = choose([head, key], old, inA, inB, same, conflicts);
    if (value !== undefined) result.push([key, value]);
  }
  return Object.fromEntries(result);
}

function mergeSection(
  section: Section,
  base: Manifest,
  a: Manifest,
  b: Manifest,
  conflicts: ManifestConflict[],
): readonly Entry[] {
  const [inBase, inA, inB] = [byId(base, section), byId(a, section), byId(b, section)];
  const same = (x: Entry | undefined, y: Entry | undefined) =>
    x === y || (x !== undefined && y !== undefined && sameEntry(section, x, y));
  const merged = new Map<string, Entry>();
  for (const id of new Set([...inBase.keys(), ...inA.keys(), ...inB.keys()])) {
    const entry = choose([section, id], inBase.get(id), inA.get(id), inB.get(id), same, conflicts);
    if (entry !== undefined) merged.set(id, entry);
  }
  return orderOf(
    section,
    [...inBase.keys()],
    [...inA.keys()],
    [...inB.keys()],
    merged,
    conflicts,
  ).map((id) => merged.get(id)!);
}

const byId = (manifest: Manifest, section: Section): ReadonlyMap<string, Entry> =>
  new Map(entriesOf(manifest, section).map((entry) => [entry.id, entry]));

/** Starts from the side that moved entries (`b` if neither did) and weaves in the other's new ones. */
function orderOf(
  section: Section,
  base: readonly string[],
  a: readonly string[],
  b: readonly string[],
  merged: ReadonlyMap<string, Entry>,
  conflicts: ManifestConflict[],
): readonly string[] {
  const common = new Set(base.filter((id) => a.includes(id) && b.includes(id)));
  const [old, inA, inB] = [base, a, b].map((ids) => ids.filter((id) => common.has(id)));
  choose([section], old, inA, inB, sameValue, conflicts);
  const fromB = sameValue(inA, old);
  const [skeleton, other] = fromB ? [b, a] : [a, b];
  const result = skeleton.filter((id) => merged.has(id));
  const isNew = (id: string) => !base.includes(id);
  let previous = -1;
  for (const id of other) {
    const known = result.indexOf(id);
    if (known === -1 && merged.has(id)) {
      previous++;
      // At the same place the new entries of `a` stay in front of those of `b`.
      while (
        !fromB &&
        previous < result.length &&
        isNew(result[previous]!) &&
        !b.includes(result[previous]!)
      )
        previous++;
      result.splice(previous, 0, id);
    } else if (known !== -1) previous = known;
  }
  return result;
}
